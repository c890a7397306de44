import { describe, expect, it } from "vitest";
import { requestsFrom } from "../../../../functions/reshard-streams/triggers/requests.ts";
import { Misconfigured } from "../../../../shared/lambda/errors.ts";
import type { AlarmTrigger, Trigger } from "../../../../shared/triggers/trigger.ts";
import { NOW } from "../stream.ts";

const alarm = (name: string, ...streams: readonly string[]): AlarmTrigger => ({
  kind: "alarm",
  via: "sns",
  alarmName: name,
  alarmArn: `arn:aws:cloudwatch:us-east-1:000000000000:alarm:${name}`,
  state: "ALARM",
  at: NOW - 4_000,
  metrics: streams.map((StreamName) => ({
    namespace: "AWS/Kinesis",
    name: "IncomingBytes",
    dimensions: { StreamName },
  })),
});

const TICK: Trigger = { kind: "schedule", at: NOW, rule: "arn" };

/** `ghost` is the one stream that is not looked after. */
const wanted = (...triggers: readonly Trigger[]) =>
  requestsFrom(triggers, (stream) => stream !== "ghost", NOW);

describe("an alarm", () => {
  it("wants a look at the stream its metrics name, once, since the alarm's change", () => {
    expect([...wanted(alarm("busy", "orders", "orders")).streams]).toEqual([
      ["orders", { kind: "alarm", text: "alarm busy (ALARM)", alarm: "busy", at: NOW - 4_000 }],
    ]);
  });

  it("over several streams wants a look at each", () => {
    expect([...wanted(alarm("busy", "orders", "clicks")).streams.keys()]).toEqual(["orders", "clicks"]);
  });

  it("that names no stream is a failure of its own, beside the good ones", () => {
    const { streams, failures } = wanted(alarm("cpu"), alarm("busy", "orders"));
    expect([...streams.keys()]).toEqual(["orders"]);
    expect(failures).toMatchObject([
      { name: "Misconfigured", message: expect.stringContaining("alarm cpu") },
    ]);
  });

  it("of a stream that nobody manages is a failure that names both", () => {
    const { streams, failures } = wanted(alarm("busy", "ghost"));
    expect(streams.size).toBe(0);
    expect(failures).toMatchObject([
      { resource: "stream/ghost", message: expect.stringMatching(/alarm busy \(ALARM\) names stream ghost/) },
    ]);
  });
});

describe("a person", () => {
  it("wants a look at one stream", () => {
    expect([...wanted({ kind: "manual", of: "stream", name: "orders" }).streams]).toEqual([
      ["orders", { kind: "manual", text: "by hand", at: NOW }],
    ]);
  });

  it("may want to know only what would be done", () => {
    expect([...wanted({ kind: "manual", of: "stream", name: "orders", mode: "observe" }).streams]).toEqual([
      ["orders", { kind: "manual", text: "by hand", at: NOW, mode: "observe" }],
    ]);
  });

  it("cannot want a site looked at here", () => {
    expect(wanted({ kind: "manual", of: "site", name: "shop" }).failures).toMatchObject([
      { name: "Misconfigured", message: expect.stringContaining("not a site") },
    ]);
  });
});

it("a tick wants what is due, and names no stream itself", () => {
  expect(wanted(TICK)).toEqual({ streams: new Map(), sweep: true, ignored: [], failures: [] });
});

it("a tick beside an alarm wants both", () => {
  const { streams, sweep } = wanted(alarm("busy", "orders"), TICK);
  expect([[...streams.keys()], sweep]).toEqual([["orders"], true]);
});

it("what asks for nothing says why, what cannot be read is a failure", () => {
  const failure = new Misconfigured("record 0 is not JSON");
  expect(wanted({ kind: "nothing", why: "it is muted" }, { kind: "unreadable", failure })).toEqual({
    streams: new Map(),
    sweep: false,
    ignored: ["it is muted"],
    failures: [failure],
  });
});
