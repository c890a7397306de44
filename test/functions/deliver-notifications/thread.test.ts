import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  afterDelivery,
  afterFailure,
  planThread,
} from "../../../functions/deliver-notifications/decide/thread.ts";
import {
  NEW_THREAD,
  type ThreadEvent,
  type ThreadState,
} from "../../../functions/deliver-notifications/model.ts";
import { incidentEvent } from "./events.ts";

const MINUTE = 60_000;
const event = (sequence: number, at = 0): ThreadEvent => ({ ...incidentEvent(sequence, "change"), at });
const to =
  (...keys: string[]) =>
  () =>
    keys;

/** What each target gets by a plan. */
const gets = (plan: ReturnType<typeof planThread>) =>
  Object.fromEntries(
    plan.claimed.map(({ target, events }) => [target, events.map(({ sequence }) => sequence)]),
  );

const NOW = { now: 0, until: MINUTE };

describe("a thread", () => {
  it("goes to the targets that its routes name, once", () => {
    const first = planThread(NEW_THREAD, [event(1)], to("slack", "pager"), NOW);
    expect(gets(first)).toEqual({ slack: [1], pager: [1] });
    const sent = ["slack", "pager"].reduce((state, key) => afterDelivery(state, key, 1), first.after);
    const again = planThread(sent, [event(1)], to("slack", "pager"), NOW);
    expect([gets(again), again.waiting]).toEqual([{}, []]);
  });

  it("stays with the targets that got its beginning, whatever the routes say of its end", () => {
    const begun = afterDelivery(planThread(NEW_THREAD, [event(1)], to("slack"), NOW).after, "slack", 1);
    expect(gets(planThread(begun, [event(2)], to(), NOW))).toEqual({ slack: [2] });
  });

  it("goes to a target that joins later from there on", () => {
    const begun = afterDelivery(planThread(NEW_THREAD, [event(1)], to("slack"), NOW).after, "slack", 1);
    expect(gets(planThread(begun, [event(2)], to("pager"), NOW))).toEqual({ slack: [2], pager: [2] });
  });

  it("that is old when it is first seen waits all the same: after an outage its beginning may come after it", () => {
    const after = (hours: number) => ({ now: hours * 60 * MINUTE, until: hours * 60 * MINUTE + MINUTE });
    const late = planThread(NEW_THREAD, [event(2)], to("slack"), after(5));
    expect([gets(late), late.waiting.length]).toEqual([{}, 1]);
    const begun = planThread(late.after, [event(1)], to("slack"), after(5.5));
    expect(gets(begun)).toEqual({ slack: [1] });
    const sent = afterDelivery(begun.after, "slack", 1);
    expect(gets(planThread(sent, [event(2)], to("slack"), after(5.6)))).toEqual({ slack: [2] });
  });

  it("waits for what comes before, for an hour at most", () => {
    const early = planThread(NEW_THREAD, [event(2)], to("slack"), NOW);
    expect([gets(early), early.waiting.length]).toEqual([{}, 1]);
    const late = { now: 61 * MINUTE, until: 62 * MINUTE };
    expect(gets(planThread(early.after, [event(2)], to("slack"), late))).toEqual({ slack: [2] });
  });

  it("brings nothing to a target that has not taken what comes before, and goes on with the others", () => {
    const first = planThread(NEW_THREAD, [event(1)], to("slack", "pager"), NOW).after;
    const half = afterFailure(afterDelivery(first, "slack", 1), "pager");
    const second = planThread(half, [event(2)], to("slack", "pager"), NOW);
    expect([gets(second), second.waiting.length]).toEqual([{ slack: [2] }, 1]);
    const both = planThread(half, [event(1), event(2)], to("slack", "pager"), NOW);
    expect(gets(both)).toEqual({ slack: [2], pager: [1, 2] });
  });

  it("is held up by what cannot be delivered for a day, and no longer", () => {
    const first = planThread(NEW_THREAD, [event(1)], to("pager"), NOW).after;
    const failed = afterFailure(first, "pager");
    const next = event(2, 25 * 60 * MINUTE);
    const at = (minutes: number) => ({ now: minutes * MINUTE, until: minutes * MINUTE + 1 });
    expect(gets(planThread(failed, [next], to("pager"), at(23 * 60)))).toEqual({});
    expect(gets(planThread(failed, [next], to("pager"), at(25 * 60)))).toEqual({ pager: [2] });
  });

  it("is in one run's hands at a time, and says when it may be a repeat", () => {
    const first = planThread(NEW_THREAD, [event(1)], to("slack"), NOW);
    const meanwhile = planThread(first.after, [event(1)], to("slack"), {
      now: MINUTE - 1,
      until: 2 * MINUTE,
    });
    expect([gets(meanwhile), meanwhile.waiting.length]).toEqual([{}, 1]);
    const dead = planThread(first.after, [event(1)], to("slack"), { now: MINUTE, until: 2 * MINUTE });
    expect(dead.claimed).toMatchObject([{ target: "slack", mayBeRepeat: true }]);
    const failed = planThread(afterFailure(first.after, "slack"), [event(1)], to("slack"), NOW);
    expect(failed.claimed).toMatchObject([{ target: "slack", mayBeRepeat: false }]);
  });

  it("keeps the claim of what it has not delivered yet", () => {
    const plan = planThread(NEW_THREAD, [event(1), event(2)], to("pager"), NOW).after;
    const half = afterDelivery(plan, "pager", 1);
    expect(gets(planThread(half, [event(2)], to("pager"), { now: 1, until: 2 }))).toEqual({});
  });

  it("reaches every target, in order, whatever comes how often and in which order", () => {
    const step = fc.record({
      events: fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }),
      taken: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const got = new Map<string, number[]>();
        let state: ThreadState = NEW_THREAD;
        let now = 0;
        const run = (sequences: readonly number[], taken: boolean) => {
          now += MINUTE;
          const events = sequences.toSorted((a, b) => a - b).map((one) => event(one));
          const plan = planThread(state, events, to("a", "b"), { now, until: now + 1 });
          state = plan.after;
          for (const { target, events: mine } of plan.claimed) {
            const last = mine.at(-1)?.sequence ?? 0;
            if (taken) got.set(target, [...(got.get(target) ?? []), ...mine.map(({ sequence }) => sequence)]);
            state = taken ? afterDelivery(state, target, last) : afterFailure(state, target);
          }
        };
        for (const { events, taken } of steps) run(events, taken);
        for (let rest = 0; rest < 6; rest++) run([1, 2, 3, 4, 5], true);
        expect([...got.values()]).toEqual([
          [1, 2, 3, 4, 5],
          [1, 2, 3, 4, 5],
        ]);
      }),
      { numRuns: 200 },
    );
  });
});
