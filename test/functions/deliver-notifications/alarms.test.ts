import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import * as z from "zod/mini";
import { planAlarm } from "../../../functions/deliver-notifications/decide/alarm-incidents.ts";
import {
  type AlarmChange,
  type AlarmHistory,
  NEW_ALARM,
  type ThreadEvent,
} from "../../../functions/deliver-notifications/model.ts";
import { titleOf } from "../../../functions/deliver-notifications/notify/content.ts";
import { threadEventsOf } from "../../../functions/deliver-notifications/run/thread-events.ts";
import { type AlarmSpec, alarmResource } from "../../../shared/monitoring/alarm.ts";
import { compositeAlarm } from "../../../shared/monitoring/composite-alarm.ts";
import { objectiveAlarm } from "../../../shared/monitoring/objective.ts";
import { serviceObjectives } from "../../../shared/monitoring/service-objectives.ts";
import { sharedAlarms } from "../../../shared/monitoring/shared-resources.ts";
import { wellPattern } from "../../../shared/monitoring/topic.ts";
import { routesOf, targetsFor } from "../../../shared/routes/route.ts";
import { notifySchema } from "../../../shared/routes/routes.ts";
import { compilePattern } from "../../../shared/triggers/event-pattern.ts";
import { aRun } from "../../node-pools/run.ts";
import { cloudWatchAt, MINUTE } from "../../sandbox/cloudwatch/cloudwatch-at.ts";
import { watched } from "../../scripts/watched.ts";
import { runbookHeadings } from "../../shared/notify/golden.ts";
import { createMemoryStates } from "./memory-states.ts";

const STAGE = "test";

/** What the function makes of the messages of its queue, one after the other. */
function reading() {
  const alarms = createMemoryStates(NEW_ALARM);
  const run = aRun("deliver-notifications", { now: () => 0 });
  const deps = { alarms, placeOf: () => ({ partition: "aws", region: "eu-central-1" }) };
  return async (...messages: readonly unknown[]): Promise<readonly ThreadEvent[]> => {
    const events = [];
    for (const message of messages)
      events.push(...(await threadEventsOf(JSON.stringify(message), run, deps)));
    return events;
  };
}

/** Alarms as they are packaged, in a CloudWatch: what they bring to the queue, by topic and by the rule. */
async function bringing(...specs: readonly AlarmSpec[]) {
  const { clock, cloudwatch, deliveries } = cloudWatchAt();
  for (const [id, { Properties }] of specs.map((spec) =>
    alarmResource(spec, STAGE, "https://wiki.example.com/docs/"),
  )) {
    const resolved = JSON.parse(
      JSON.stringify(Properties).replaceAll(
        /\{"Ref":"\w+Topic"\}/g,
        '"arn:aws:sns:us-east-1:000000000000:t"',
      ),
    );
    await cloudwatch.resources?.["AWS::CloudWatch::Alarm"]?.(id, resolved);
  }
  const isWell = compilePattern(wellPattern(STAGE));
  return {
    /** So many minutes, in each of which a metric of ours has this value. */
    async minutes(count: number, name: string, dimensions: Readonly<Record<string, string>>, value: number) {
      for (let minute = 0; minute < count; minute++) {
        cloudwatch.metrics.put("Reflex", name, dimensions, { value }, "None", clock.now());
        await clock.advance(MINUTE);
      }
    },
    async advance(minutes: number) {
      for (let minute = 0; minute < minutes; minute++) await clock.advance(MINUTE);
    },
    queue: (): unknown[] => [
      ...deliveries.topics.map(({ message }): unknown => JSON.parse(message.message)),
      ...deliveries.events.filter((event) => isWell(event)),
    ],
  };
}

const spec = (name: string): AlarmSpec =>
  [...sharedAlarms(STAGE), ...serviceObjectives(STAGE).map(objectiveAlarm)].find(
    (one) => one.name === name,
  ) ?? expect.unreachable(name);

describe("an alarm on Reflex itself", () => {
  it("is an incident: it begins with the ALARM of its topic, and is over with the OK of the event bus", async () => {
    const { minutes, queue } = await bringing(spec("slo-freshness"));
    await minutes(30, "MinutesStale", { service: "reflex" }, 0);
    await minutes(90, "MinutesStale", { service: "reflex" }, 12);
    await minutes(90, "MinutesStale", { service: "reflex" }, 0);
    const events = await reading()(...queue());
    expect(events.map(({ notification: { state } }) => state)).toEqual(["begin", "end"]);
    const [begin, end] = events.map(({ notification }) => notification);
    expect(begin?.incident?.id).toBe(end?.incident?.id);
    expect(begin?.incident?.id).toMatch(/^alarm\/reflex-test-watch-slo-freshness\/\w+$/);
    expect(begin).toMatchObject({
      automation: "reflex",
      resource: "alarm/reflex-test-watch-slo-freshness",
      severity: "critical",
      runbook: "runbook.md#looks-are-stale",
      headline: expect.stringMatching(
        /^Reflex: A stream, node pool, cluster or site goes without a good look/,
      ),
    });
    expect(end?.headline).toMatch(/^Reflex: over after 1? ?h? ?\d+ min: A stream/);
    expect(runbookHeadings()).toContain(begin?.runbook);
  });

  it("is no news when it goes to OK for the first time: a first deploy sends nothing", async () => {
    const all = sharedAlarms(STAGE);
    const { minutes, queue } = await bringing(...all);
    await minutes(30, "MinutesStale", { service: "reflex" }, 0);
    const brought = queue();
    expect(brought.length).toBeGreaterThan(0);
    expect(await reading()(...brought)).toEqual([]);
  });

  it("fires for each resource by itself: one that ends leaves the other", async () => {
    const { minutes, advance, queue } = await bringing(spec("not-served"));
    const stale = (resource: string) => ({ Resource: resource, service: "reflex" });
    await minutes(5, "MinutesStale", stale("stream/orders"), 12);
    await minutes(5, "MinutesStale", stale("site/shop"), 12);
    await advance(10);
    const events = (await reading()(...queue())).map(({ notification }) => notification);
    expect(events.map(({ resource, state, severity }) => `${resource} ${state} ${severity}`)).toEqual([
      "stream/orders begin warning",
      "site/shop begin warning",
      "stream/orders end warning",
      "site/shop end warning",
    ]);
    expect(events[0]?.headline).toMatch(/^Reflex, stream\/orders: For 10 minutes/);
  });

  const AT = "2026-11-28T10:00:00.000+0000";
  const silent = (state: string, time = AT) => ({
    AlarmName: "reflex-prod-watch-slo-runs-check-sites",
    AlarmDescription:
      "[page] check-sites has not come to the end of a run. What to do: docs/runbook.md#sweep-not-running",
    NewStateValue: state,
    NewStateReason: "no datapoints were received for 3 periods",
    StateChangeTime: time,
  });
  const well = (time: string, before = "INSUFFICIENT_DATA") => ({
    source: "aws.cloudwatch",
    "detail-type": "CloudWatch Alarm State Change",
    time,
    detail: {
      alarmName: "reflex-prod-watch-slo-runs-check-sites",
      state: { value: "OK", timestamp: time, reason: "1 datapoint" },
      previousState: { value: before, timestamp: AT },
      configuration: { description: "[page] check-sites has not come to the end of a run." },
    },
  });

  it("is over too where it was a silence: from INSUFFICIENT_DATA to OK", async () => {
    const events = await reading()(silent("INSUFFICIENT_DATA"), well("2026-11-28T10:12:00.000+0000"));
    expect(events.map(({ sequence, notification: { headline } }) => `${sequence} ${headline}`)).toEqual([
      "1 Reflex: check-sites has not come to the end of a run",
      "2 Reflex: over after 12 min: check-sites has not come to the end of a run",
    ]);
  });

  it("is one trouble when it is silent first and in ALARM then", async () => {
    const events = await reading()(
      silent("INSUFFICIENT_DATA"),
      silent("ALARM", "2026-11-28T10:05:00.000+0000"),
      well("2026-11-28T10:12:00.000+0000", "ALARM"),
    );
    expect(events.map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  it("is over when it is deleted: its pager would stay open for ever", async () => {
    const deleted = {
      source: "aws.cloudwatch",
      "detail-type": "CloudWatch Alarm Configuration Change",
      time: "2026-11-28T10:20:00Z",
      detail: {
        ...{ alarmName: "reflex-prod-watch-slo-runs-check-sites", operation: "delete" },
        state: { value: "ALARM", timestamp: AT },
      },
    };
    const events = await reading()(silent("ALARM"), deleted);
    expect(events.map(({ notification: { state, reasons } }) => [state, reasons])).toEqual([
      ["begin", []],
      ["end", ["the alarm was deleted with what it watched"]],
    ]);
  });

  it("may be a composite one", async () => {
    const composite = {
      AlarmName: "reflex-prod-watch-not-working",
      AlarmDescription: null,
      NewStateValue: "ALARM",
      NewStateReason: "arn:aws:cloudwatch:…:alarm:a transitioned to ALARM",
      StateChangeTime: AT,
      AlarmRule: 'ALARM("a")',
    };
    const [event] = await reading()(composite);
    expect(event?.notification).toMatchObject({
      ...{ severity: "error", headline: "Reflex: reflex-prod-watch-not-working" },
      resource: "alarm/reflex-prod-watch-not-working",
    });
  });
});

test("each packaged alarm has a headline for a phone, its severity and its heading", async () => {
  const { alarms, composites } = await watched();
  const descriptions = [
    ...alarms.map((alarm) => alarmResource(alarm, STAGE)[1]),
    ...composites.map((composite) => compositeAlarm(composite, STAGE)[1]),
  ].map(({ Properties }) => packaged.parse(Properties));
  const read = reading();
  const texts = [];
  for (const { AlarmName, AlarmDescription } of descriptions) {
    const [event] = await read({
      ...{ AlarmName, AlarmDescription, NewStateValue: "ALARM", NewStateReason: "" },
      StateChangeTime: "2026-11-28T03:00:00.000+0000",
    });
    const one = event?.notification ?? expect.unreachable(AlarmName);
    expect(runbookHeadings(), AlarmName).toContain(one.runbook);
    expect(titleOf(one).length, titleOf(one)).toBeLessThanOrEqual(150);
    texts.push([
      titleOf(one),
      ...one.reasons.map((reason) => `  ${reason}`),
      `  ${AlarmName}, docs/${one.runbook}`,
    ]);
  }
  await expect(`${texts.map((lines) => lines.join("\n")).join("\n\n")}\n`).toMatchFileSnapshot(
    join(import.meta.dirname, "golden", "alarms.txt"),
  );
});

const packaged = z.looseObject({ AlarmName: z.string(), AlarmDescription: z.string() });

const change = (state: AlarmChange["state"], at: number): AlarmChange => ({
  ...{ alarm: "a", state, at, description: "", reason: "" },
});

test("however late and however often its changes come, every trouble has a beginning and an end", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }).chain((count) => {
        const changes = Array.from({ length: count }, (_, at) => [
          change("bad", at * 20 + 10),
          change("ok", at * 20 + 20),
        ]).flat();
        return fc.tuple(
          fc.constant(changes),
          fc.shuffledSubarray([...changes, ...changes], { minLength: 0 }),
          fc.shuffledSubarray(changes, { minLength: changes.length }),
        );
      }),
      ([changes, early, all]) => {
        const events = [];
        let history: AlarmHistory = NEW_ALARM;
        for (const one of [...early, ...all]) {
          const { after, result } = planAlarm(history, one);
          history = after;
          events.push(...result.map(({ kind, incident }) => `${kind} ${incident.since}`));
        }
        const begun = new Set(events.filter((event) => event.startsWith("begin")));
        const ended = new Set(events.filter((event) => event.startsWith("end")));
        expect(ended).toEqual(new Set([...begun].map((event) => event.replace("begin", "end"))));
        // Each time it was bad lies within an incident that people heard of.
        for (const { at } of changes.filter(({ state }) => state === "bad")) {
          expect(history.incidents.some(({ since, over }) => since <= at && at <= (over?.at ?? -1))).toBe(
            true,
          );
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("a change that comes again comes to the same: what a target has not got yet is not lost", () => {
  const first = planAlarm(NEW_ALARM, change("bad", 10));
  const over = planAlarm(first.after, change("ok", 20));
  const next = planAlarm(over.after, change("bad", 30));
  const again = (at: number, state: AlarmChange["state"]) =>
    planAlarm(next.after, change(state, at)).result.map(({ kind, incident }) => `${kind} ${incident.since}`);
  expect([again(10, "bad"), again(20, "ok"), again(30, "bad")]).toEqual([
    ["begin 10", "end 10"],
    ["end 10"],
    ["begin 30"],
  ]);
});

test("a beginning that comes late takes no other's place: whoever has not got that one yet still gets it", () => {
  const first = planAlarm(NEW_ALARM, change("bad", 30));
  const late = planAlarm(first.after, change("bad", 10));
  const again = planAlarm(late.after, change("bad", 30));
  expect(again.result.map(({ kind, incident }) => `${kind} ${incident.since}`)).toEqual(["begin 30"]);
});

describe("a page about Reflex itself", () => {
  const route = (name: string, more: object) => ({ name, to: [{ sns: name }], ...more });
  const taking = async (routes: readonly object[], tag: "page" | "ticket") => {
    const [event] = await reading()({
      AlarmName: "reflex-prod-watch-slo-freshness",
      AlarmDescription: `[${tag}] Looks are stale.`,
      NewStateValue: "ALARM",
      StateChangeTime: "2026-11-28T03:00:00.000+0000",
    });
    const config = notifySchema.parse({ routes });
    return event ? routesOf(event.notification, config).map(({ name }) => name) : [];
  };
  const NOBODY = { name: "nobody", resources: ["stream/test-*"], to: [{ none: true }] };
  const OFFICE = route("office", { windows: ["Mon-Fri 08:00-18:00 Europe/Berlin"] });
  const MONEY = route("money", { resources: ["stream/payments"] });

  test.each([
    ["the route that names it", [MONEY, route("own", { automations: ["reflex"] })], ["own"]],
    ["whichever route takes its severity", [MONEY, route("oncall", { minSeverity: "critical" })], ["oncall"]],
    ["the first route that notifies anybody, where none matches", [NOBODY, MONEY, OFFICE], ["money"]],
    [
      "nobody, where a route says so",
      [{ name: "quiet", automations: ["reflex"], to: [{ none: true }] }, MONEY],
      ["quiet"],
    ],
  ])("goes to %s", async (_, routes, expected) => {
    expect(await taking(routes, "page")).toEqual(expected);
  });

  it("is more than a ticket, which goes where a route takes it, and nowhere else", async () => {
    expect(await taking([MONEY], "ticket")).toEqual([]);
    expect(await taking([MONEY, route("rest", { minSeverity: "warning" })], "ticket")).toEqual(["rest"]);
  });

  it("goes to nobody where nobody is named at all", () => {
    const config = notifySchema.parse({ routes: [NOBODY] });
    const one = { automation: "reflex", severity: "critical" as const, resource: "alarm/a" };
    expect(targetsFor({ ...PAGE, ...one }, config)).toEqual([]);
  });
});

const PAGE = {
  ...{ id: "a", at: "2026-11-28T03:00:00.000Z", state: "begin" as const, headline: "" },
  ...{ work: [], resourceMetrics: [], events: [], done: { what: "" }, reasons: [] },
};
