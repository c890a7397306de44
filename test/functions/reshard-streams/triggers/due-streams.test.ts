import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { mockClient } from "aws-sdk-client-mock";
import { describe, expect, it } from "vitest";
import { streamPolicies } from "../../../../functions/reshard-streams/config/streams.ts";
import type { Dependencies } from "../../../../functions/reshard-streams/run/dependencies.ts";
import { dueStreams } from "../../../../functions/reshard-streams/triggers/due-streams.ts";
import { createWatchlist } from "../../../../functions/reshard-streams/triggers/watchlist.ts";
import type { StoredStream } from "../../../../functions/reshard-streams/triggers/watchlist-store.ts";
import type { Mode } from "../../../../shared/config/load.ts";
import { aRun } from "../../../node-pools/run.ts";
import { MINUTE, NOW } from "../stream.ts";

const QUIET = { openShards: 1, requeue: false, overloaded: false };
const CLOCK = { now: () => NOW, sleep: async () => {} };
const DENIED = Object.assign(new Error("not permitted"), { name: "AccessDeniedException" });

interface Account {
  readonly config: Record<string, object>;
  /** Those whose alarms stand. */
  readonly inAlarm?: readonly string[] | Error;
  readonly streams?: readonly string[] | Error;
  readonly stored?: Record<string, StoredStream> | Error;
  readonly mode?: Mode;
}

/** A process that has observed all streams that the config names a minute ago, unless it is a new one. */
function process({ config, inAlarm = [], streams = [], stored = {}, mode = "act" }: Account, isNew = false) {
  const cloudwatch = new CloudWatchClient({});
  const alarms = mockClient(cloudwatch).on(DescribeAlarmsCommand);
  if (inAlarm instanceof Error) alarms.rejects(inAlarm);
  else
    alarms.resolves({
      MetricAlarms: inAlarm.map((Value) => ({
        AlarmName: `busy-${Value}`,
        Dimensions: [{ Name: "StreamName", Value }],
      })),
    });
  const kinesis = new KinesisClient({});
  const list = mockClient(kinesis).on(ListStreamsCommand);
  if (streams instanceof Error) list.rejects(streams);
  else list.resolves({ StreamNames: [...streams], HasMoreStreams: false });
  const watchlist = createWatchlist(streamPolicies.parse(config));
  const observed = NOW - MINUTE;
  if (!isNew) {
    watchlist.recordSweep(observed);
    for (const stream of watchlist.due(new Set(), observed))
      watchlist.recordObservation(stream, observed, QUIET);
  }
  const calls: string[] = [];
  const annotations: unknown[] = [];
  const counted: string[] = [];
  const deps = {
    ...{ watchlist, cloudwatch, kinesis, mode, alarmNamePrefix: "reflex-test-stream-" },
    watchlistStore: {
      read: async () => {
        calls.push("read");
        if (stored instanceof Error) throw stored;
        return new Map(Object.entries(stored));
      },
    },
  } as unknown as Dependencies;
  const run = {
    ...aRun("reshard-streams", CLOCK),
    metrics: { count: (name: string) => counted.push(name), record() {}, note() {}, flush() {} },
    stage: <T>(name: string, body: (stage: never) => Promise<T>) =>
      body({ annotate: (...one: unknown[]) => annotations.push([name, ...one]) } as never),
  };
  const rates = { take: async (call: string) => void calls.push(call) };
  const sweep = () => dueStreams(run, rates, deps, NOW);
  return { watchlist, calls, annotations, counted, sweep };
}

const schedule = { kind: "schedule", text: "schedule", at: NOW };
const still = (stream: string) => ({
  ...{ kind: "schedule", text: `alarm busy-${stream} (still ALARM)`, alarm: `busy-${stream}`, at: NOW },
});

describe("a sweep", () => {
  it("observes what is due, and says how many", async () => {
    const { sweep, annotations } = process({ config: { orders: { max: 2 }, clicks: { max: 2 } } }, true);
    const { causes, failures } = await sweep();
    expect([...causes]).toEqual([
      ["orders", schedule],
      ["clicks", schedule],
    ]);
    expect(failures).toEqual([]);
    expect(annotations).toEqual([["sweep", "streams", 2]]);
  });

  it("observes first what an alarm still stands on, which it names, due or not", async () => {
    const config = { orders: { max: 2, scanIntervalMinutes: 1 }, clicks: { max: 2 }, quiet: { max: 2 } };
    const { causes } = await process({ config, inAlarm: ["clicks", "of-somebody-else"] }).sweep();
    expect([...causes]).toEqual([
      ["clicks", still("clicks")],
      ["orders", schedule],
    ]);
  });

  it.each<[string, object, Mode, boolean]>([
    ["of a stream that may be changed", {}, "act", true],
    ["of one about which a person is asked", {}, "ask", true],
    ["of one that is observed only", {}, "observe", false],
    ["of one that is observed only while others are changed", { mode: "observe" }, "act", false],
    ["of one that is changed while others are observed only", { mode: "act" }, "observe", true],
    [
      "of one that may be scaled in and not out",
      { mode: { scaleOut: "observe", scaleIn: "act" } },
      "act",
      false,
    ],
  ])("is urgent by an alarm %s: it is observed before it is due", async (_, own, mode, isUrgent) => {
    const { causes } = await process({
      config: { orders: { max: 2, ...own } },
      inAlarm: ["orders"],
      mode,
    }).sweep();
    expect(causes.has("orders")).toBe(isUrgent);
  });

  it("asks for alarms only where the config names a stream, and for the account's only where it has a pattern", async () => {
    const named = process({ config: { orders: { max: 2 } } });
    const { listed } = await named.sweep();
    expect([named.calls, listed]).toEqual([["DescribeAlarms"], undefined]);
    const patterns = process({ config: { "o*": { max: 2 } }, streams: ["orders", "clicks"] });
    const found = await patterns.sweep();
    expect(patterns.calls).toEqual(["ListStreams"]);
    expect([...found.causes]).toEqual([["orders", schedule]]);
    expect(found.listed?.names).toEqual(["orders", "clicks"]);
  });

  it("reads what other processes know only after one of them may have taken a sweep", async () => {
    const stored = { orders: { at: NOW, requeue: true, openShards: 7 } };
    const first = process({ config: { orders: { max: 9 } }, stored }, true);
    await first.sweep();
    expect(first.calls).toEqual(["DescribeAlarms", "read"]);
    expect([...first.watchlist.openShards()]).toEqual([["orders", 7]]);
    await first.sweep();
    expect(first.calls).toEqual(["DescribeAlarms", "read", "DescribeAlarms"]);
  });
});

describe("a sweep that cannot find out everything goes on, and says what failed", () => {
  const failed = { name: "Blocked", message: expect.stringContaining("AccessDeniedException") };

  it("by what was overloaded when last observed, where the alarms cannot be read", async () => {
    const config = { orders: { max: 2 }, clicks: { max: 2 } };
    const one = process({ config, inAlarm: DENIED });
    one.watchlist.recordObservation("clicks", NOW - MINUTE, { ...QUIET, overloaded: true });
    const { causes, failures } = await one.sweep();
    expect([...causes]).toEqual([["clicks", schedule]]);
    expect(failures).toMatchObject([{ ...failed, call: "cloudwatch:DescribeAlarms" }]);
    expect(one.counted).toEqual(["Blocked"]);
  });

  it("not by that where they can be read", async () => {
    const one = process({ config: { orders: { max: 2 } } });
    one.watchlist.recordObservation("orders", NOW - MINUTE, { ...QUIET, overloaded: true });
    expect((await one.sweep()).causes.size).toBe(0);
  });

  it("by the streams that it knows, where they cannot be listed, which it tries again", async () => {
    const one = process({ config: { orders: { max: 2 }, "logs-*": { max: 2 } }, streams: DENIED }, true);
    const { causes, failures, listed } = await one.sweep();
    expect([[...causes.keys()], listed]).toEqual([["orders"], undefined]);
    expect(failures).toMatchObject([{ ...failed, call: "kinesis:ListStreams" }]);
    expect(one.watchlist.needsDiscovery(NOW)).toBe(true);
  });

  it("by what it knows itself, where the table cannot be read, which it tries again", async () => {
    const one = process({ config: { orders: { max: 2 } }, stored: DENIED }, true);
    const { causes, failures } = await one.sweep();
    expect([...causes.keys()]).toEqual(["orders"]);
    expect(failures).toMatchObject([{ ...failed, call: "sweep", resource: "the account's streams" }]);
    expect(one.watchlist.isOutdated(NOW)).toBe(true);
  });
});
