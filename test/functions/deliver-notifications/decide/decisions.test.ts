import { describe, expect, it } from "vitest";
import { planAlarm } from "../../../../functions/deliver-notifications/decide/alarm-incidents.ts";
import { deliveriesOf } from "../../../../functions/deliver-notifications/decide/deliveries.ts";
import { afterDelivery, planThread } from "../../../../functions/deliver-notifications/decide/thread.ts";
import {
  type AlarmHistory,
  NEW_ALARM,
  NEW_THREAD,
  type ThreadEvent,
} from "../../../../functions/deliver-notifications/model.ts";
import type { Target } from "../../../../shared/routes/targets.ts";
import { incidentEvent } from "../events.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** `bad@3`, `ok@5`, `deleted@7`: what is notified at each change, as `begin 3` and `end 3-5 ok`. */
function played(changes: string): { notified: string[]; history: AlarmHistory } {
  let history: AlarmHistory = NEW_ALARM;
  const notified = changes.split(" ").map((change) => {
    const [state, at] = change.split("@");
    if (state !== "bad" && state !== "ok" && state !== "deleted") throw new Error(`no state: ${state}`);
    const texts = { description: `about ${at}`, reason: `why ${at}` };
    const { after, result } = planAlarm(history, { alarm: "a", state, at: Number(at), ...texts });
    history = after;
    return result
      .map(({ kind, incident: { since, over } }) =>
        kind === "begin" ? `begin ${since}` : `end ${since}-${over?.at} ${over?.state}`,
      )
      .join(", ");
  });
  return { notified, history };
}

describe("an alarm", () => {
  it.each([
    ["bad@3 ok@5", ["begin 3", "end 3-5 ok"]],
    ["bad@3 deleted@5", ["begin 3", "end 3-5 deleted"]],
    ["ok@1", [""]],
    // Both twice.
    [
      "bad@3 bad@3 ok@5 ok@5 bad@3",
      ["begin 3", "begin 3", "end 3-5 ok", "end 3-5 ok", "begin 3, end 3-5 ok"],
    ],
    // Without data first, in ALARM then: one trouble, which is not over by an OK between the two.
    ["bad@3 bad@4 ok@5", ["begin 3", "", "end 3-5 ok"]],
    ["bad@3 bad@6 ok@5 ok@7", ["begin 3", "", "", "end 3-7 ok"]],
    ["bad@6 bad@3 ok@5 ok@7", ["begin 6", "begin 3", "end 3-5 ok", "end 6-7 ok"]],
    // The end comes first.
    ["ok@5 bad@3", ["", "begin 3, end 3-5 ok"]],
    ["ok@5 bad@5 ok@6", ["", "begin 5", "end 5-6 ok"]],
    ["ok@5 ok@4 bad@4", ["", "", "begin 4, end 4-5 ok"]],
    // Two incidents.
    ["bad@3 ok@5 bad@7 ok@9", ["begin 3", "end 3-5 ok", "begin 7", "end 7-9 ok"]],
    ["bad@3 ok@5 bad@5 ok@6", ["begin 3", "end 3-5 ok", "", ""]],
    ["bad@3 ok@3", ["begin 3", "end 3-3 ok"]],
  ])("with the changes %s notifies %j", (changes, expected) => {
    expect(played(changes).notified).toEqual(expected);
  });

  it("keeps what it says, and when it was last well", () => {
    expect(played("bad@3 bad@4 ok@6 ok@5").history).toEqual({
      incidents: [
        {
          ...{ since: 3, lastBadAt: 4, description: "about 3", reason: "why 3" },
          over: { at: 6, state: "ok", reason: "why 6" },
        },
      ],
      wellAt: 6,
    });
    expect(played("ok@6 bad@3").history).toEqual({
      incidents: [
        {
          ...{ since: 3, lastBadAt: 3, description: "about 3", reason: "why 3" },
          over: { at: 6, state: "ok", reason: "" },
        },
      ],
      wellAt: 6,
    });
    expect(played("bad@4 bad@4 bad@6 bad@5").history.incidents).toMatchObject([{ since: 4, lastBadAt: 6 }]);
  });

  it("keeps its ten last incidents, oldest first", () => {
    const changes = Array.from({ length: 11 }, (_, at) => `bad@${10 * at + 1} ok@${10 * at + 2}`);
    const since = played(changes.join(" ")).history.incidents.map((one) => one.since);
    expect(since).toEqual(Array.from({ length: 10 }, (_, at) => 10 * at + 11));
    expect(played("bad@9 ok@10 bad@3").history.incidents.map((one) => one.since)).toEqual([3, 9]);
  });
});

describe("deliveries", () => {
  const to = (target: object) => ({ key: "k", ...target }) as Target;
  const event = (sequence: number, at: number): ThreadEvent => ({ ...incidentEvent(sequence, "change"), at });
  const claimed = (mayBeRepeat: boolean, ...events: ThreadEvent[]) => ({ target: "k", events, mayBeRepeat });
  const sent = (target: object, ...all: ReturnType<typeof claimed>[]) =>
    deliveriesOf(to(target), all).map(
      ({ events, mayBeRepeat }) =>
        `${events.map((one) => `${one.sequence}@${one.at}`).join(" ")}${mayBeRepeat ? " again" : ""}`,
    );

  it("come in the order of time, then of their threads", () => {
    const events = [event(3, 7), event(2, 5), event(1, 9), event(1, 7)];
    expect(sent({ pagerduty: {} }, claimed(false, ...events))).toEqual(["2@5", "1@7", "3@7", "1@9"]);
  });

  it.each([
    [{ sns: "t" }],
    [{ email: ["a@example.com"] }],
    [{ slack: { webhook: {} } }],
    [{ teams: { webhook: {} } }],
  ])("to %j are one message, which may be a repeat as soon as a part of it may", (target) => {
    expect(sent(target, claimed(false, event(2, 2)), claimed(true, event(1, 1)))).toEqual(["1@1 2@2 again"]);
    expect(sent(target, claimed(false, event(1, 1)))).toEqual(["1@1"]);
  });

  it.each([[{ pagerduty: {} }], [{ webhook: {} }]])("to %j are one each", (target) => {
    expect(sent(target, claimed(false, event(2, 2)), claimed(true, event(1, 1)))).toEqual([
      "1@1 again",
      "2@2",
    ]);
  });

  it.each([[{ slack: { topic: "t" } }], [{ teams: { topic: "t" } }]])(
    "to the threads of %j are one each, and a digest when they are more than five",
    (target) => {
      const many = (count: number) => Array.from({ length: count }, (_, at) => event(at + 1, at));
      expect(sent(target, claimed(false, ...many(5)))).toHaveLength(5);
      expect(sent(target, claimed(false, ...many(6)))).toEqual(["1@0 2@1 3@2 4@3 5@4 6@5"]);
    },
  );

  it("of nothing are none, also of a digest", () => {
    expect(sent({ sns: "t" })).toEqual([]);
    expect(sent({ sns: "t" }, claimed(true))).toEqual([]);
  });
});

describe("a thread, to the millisecond", () => {
  const event = (sequence: number, at: number): ThreadEvent => ({ ...incidentEvent(sequence, "change"), at });
  const AT = 1_000 * HOUR;
  const gets = (plan: ReturnType<typeof planThread>) =>
    plan.claimed.map(({ events }) => events.map((one) => one.sequence));

  it("waits for what comes before for an hour and no longer", () => {
    const missed = planThread(NEW_THREAD, [event(2, AT)], () => ["k"], { now: AT, until: AT + MINUTE }).after;
    const late = (ms: number) =>
      planThread(missed, [event(2, AT)], () => ["k"], { now: AT + ms, until: AT + 2 * HOUR });
    expect(late(HOUR)).toMatchObject({ claimed: [], waiting: [{ sequence: 2 }] });
    expect([gets(late(HOUR + 1)), late(HOUR + 1).waiting]).toEqual([[[2]], []]);
  });

  it("waits for what another run has to deliver for a day and no longer", () => {
    const first = planThread(NEW_THREAD, [event(1, AT)], () => ["k"], { now: AT, until: AT + MINUTE }).after;
    const later = (ms: number) =>
      planThread(first, [event(2, AT + 1)], () => ["k"], { now: AT + ms, until: AT + 48 * HOUR });
    expect([gets(later(24 * HOUR)), later(24 * HOUR).waiting.length]).toEqual([[], 1]);
    expect([gets(later(24 * HOUR + 1)), later(24 * HOUR + 1).waiting.length]).toEqual([[[2]], 0]);
  });

  it("keeps an event of this run that is older than a day", () => {
    const first = planThread(NEW_THREAD, [event(1, AT)], () => ["k"], { now: AT, until: AT + MINUTE }).after;
    const late = { now: AT + 25 * HOUR, until: AT + 26 * HOUR };
    expect(gets(planThread(first, [event(1, AT), event(2, AT + 1)], () => ["k"], late))).toEqual([[1, 2]]);
  });

  it("knows how far a target got, whichever delivery ends last, and nothing of one that it does not know", () => {
    const both = planThread(NEW_THREAD, [event(1, AT), event(2, AT)], () => ["k"], {
      now: AT,
      until: AT + MINUTE,
    });
    const done = afterDelivery(afterDelivery(both.after, "k", 2), "k", 1);
    expect(done.targets.k).toMatchObject({ delivered: 2, due: [] });
    expect(afterDelivery(done, "other", 2)).toEqual(done);
  });
});
