import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Evaluation, Verdict } from "../../../../functions/check-sites/evaluate/verdict.ts";
import type { Change, SiteState } from "../../../../functions/check-sites/state/state.ts";
import { stateOf } from "../../../../functions/check-sites/state/state-of.ts";
import {
  type Outcome,
  type TransitionPolicy,
  transition,
} from "../../../../functions/check-sites/state/transition.ts";
import { DAYS, SLOTS } from "../../../../functions/check-sites/state/uptime.ts";

const START = Date.parse("2026-03-01T00:00:00Z");
const MINUTE = 60_000;
const POLICY: TransitionPolicy = {
  downAfter: { count: 2, of: 2 },
  upAfter: { count: 2, of: 2 },
  remindAfterMs: 0,
};

function judgementOf(verdict: Verdict, text = `found ${verdict}`): Evaluation {
  switch (verdict) {
    case "UP":
      return { verdict, findings: [] };
    case "DEGRADED":
      return { verdict, findings: [{ severity: "degraded", reason: "timeout", text }] };
    case "DOWN":
      return { verdict, findings: [{ severity: "down", reason: "status", text }] };
    case "UNKNOWN":
      return { verdict, findings: [{ severity: "unknown", reason: "own-dns", text }] };
  }
}

const VERDICTS: Readonly<Record<string, Verdict>> = { U: "UP", G: "DEGRADED", D: "DOWN", "?": "UNKNOWN" };

interface Played {
  readonly state: SiteState;
  /** `minute: from -> to`. */
  readonly notified: string[];
  readonly changes: Change[];
}

/** Plays one check a minute. Letters as in the history; in lower case the run is silent (maintenance). */
function play(letters: string, policy: TransitionPolicy = POLICY, parts: Partial<Outcome> = {}): Played {
  let state: SiteState | undefined;
  const notified: string[] = [];
  const changes: Change[] = [];
  [...letters].forEach((letter, minute) => {
    const verdict = VERDICTS[letter.toUpperCase()] ?? "UP";
    const silent = letter !== letter.toUpperCase() || letter === "!";
    const next = transition(
      state,
      {
        tick: START + minute * MINUTE,
        evaluation: judgementOf(verdict, `${verdict} in minute ${minute}`),
        silent,
        inMaintenance: silent,
        ...parts,
      },
      policy,
      `id-${minute}`,
    );
    state = next.state;
    if (!next.change) return;
    changes.push(next.change);
    notified.push(
      `${minute}: ${next.change.from} -> ${next.change.to}${next.change.kind === "reminder" ? " (reminder)" : ""}`,
    );
  });
  if (!state) throw new Error("nothing was played");
  return { state, notified: notified, changes };
}

const notified = (letters: string, policy?: TransitionPolicy) => play(letters, policy).notified;

test("the trace of the run in which it came to its state is kept until the next change", () => {
  expect(play("UU", POLICY, { traceId: "1-up" }).state.sinceTraceId).toBe("1-up");
  const before = play("UUD", POLICY, { traceId: "1-up" }).state;
  const outcome = { tick: START + 3 * MINUTE, evaluation: judgementOf("DOWN"), silent: false };
  const next = (traceId?: string) =>
    transition(before, { ...outcome, inMaintenance: false, traceId }, POLICY, "id").state.sinceTraceId;
  expect(before.sinceTraceId).toBe("1-up");
  expect(next("1-down")).toBe("1-down");
  // Not that of another change.
  expect(next()).toBeUndefined();
});

describe("the first checks", () => {
  test("of a site that is UP notify nothing", () => {
    expect(notified("UUUU")).toEqual([]);
  });
  test("of a site that is DOWN notify after the threshold", () => {
    expect(notified("DDDD")).toEqual(["1: UP -> DOWN"]);
  });
  test("have no state before the threshold", () => {
    expect(stateOf(play("U").state)).toBeUndefined();
  });
});

describe("in a row", () => {
  test("failures below the threshold notify nothing", () => {
    expect(notified("UUDUDUDU")).toEqual([]);
  });
  test("failures at the threshold notify once", () => {
    expect(notified("UUDDDDDD")).toEqual(["3: UP -> DOWN"]);
  });
  test("successes below the threshold do not recover", () => {
    expect(notified("UUDDUDUD")).toEqual(["3: UP -> DOWN"]);
  });
  test("successes at the threshold notify the recovery once", () => {
    expect(notified("UUDDUUUU")).toEqual(["3: UP -> DOWN", "5: DOWN -> UP"]);
  });
  test("DEGRADED checks count for DEGRADED", () => {
    expect(notified("UUGGUU")).toEqual(["3: UP -> DEGRADED", "5: DEGRADED -> UP"]);
  });
  test("a mixture of DEGRADED and DOWN checks is DEGRADED until DOWN has its own count", () => {
    expect(notified("UUGDD")).toEqual(["3: UP -> DEGRADED", "4: DEGRADED -> DOWN"]);
  });
  test("from DOWN it can get better to DEGRADED first", () => {
    expect(notified("UUDDGGUU")).toEqual(["3: UP -> DOWN", "5: DOWN -> DEGRADED", "7: DEGRADED -> UP"]);
  });
});

describe("M of N", () => {
  const policy = { ...POLICY, downAfter: { count: 3, of: 5 }, upAfter: { count: 2, of: 3 } };
  test("is reached with successes in between", () => {
    expect(notified("UUDUDUD", policy)).toEqual(["6: UP -> DOWN"]);
  });
  test("is not reached when the failures are too far apart", () => {
    expect(notified("UUDUUDUUD", policy)).toEqual([]);
  });
  test("counts for a recovery only what came after the change", () => {
    expect(notified("UUDUDUDU", policy)).toEqual(["6: UP -> DOWN"]);
    expect(notified("UUDUDUDUU", policy)).toEqual(["6: UP -> DOWN", "8: DOWN -> UP"]);
  });
  test("counts for the next failure only what came after the recovery", () => {
    expect(notified("UUDDDUUD", policy)).toEqual(["4: UP -> DOWN", "6: DOWN -> UP"]);
  });
});

describe("UNKNOWN", () => {
  test("never counts as DOWN", () => {
    expect(notified("UU????")).toEqual([]);
  });
  test("does not break a row: D ? D are two failures", () => {
    expect(notified("UUD?D")).toEqual(["4: UP -> DOWN"]);
  });
  test("is notified after five in a row, as UNKNOWN", () => {
    expect(notified("UU?????")).toEqual(["6: UP -> UNKNOWN"]);
  });
  test("is over with the first check that is not UNKNOWN", () => {
    expect(notified("UU?????U")).toEqual(["6: UP -> UNKNOWN", "7: UNKNOWN -> UP"]);
  });
  test("does not hide that the site was DOWN before", () => {
    expect(notified("DD?????DUU")).toEqual([
      "1: UP -> DOWN",
      "6: DOWN -> UNKNOWN",
      "7: UNKNOWN -> DOWN",
      "9: DOWN -> UP",
    ]);
  });
});

describe("in a silent run", () => {
  test("nothing is notified", () => {
    expect(notified("UUdddd")).toEqual([]);
  });
  test("what still stands afterwards is notified then", () => {
    expect(notified("UUddddD")).toEqual(["6: UP -> DOWN"]);
  });
  test("what is over afterwards is never notified", () => {
    expect(notified("UUdduuU")).toEqual([]);
  });
  test("a recovery is notified afterwards, with how long it was down", () => {
    const { notified, changes } = play("UUDDduuuU");
    expect(notified).toEqual(["3: UP -> DOWN", "8: DOWN -> UP"]);
    expect(changes[1]?.incident).toMatchObject({ since: START + 2 * MINUTE, until: START + 5 * MINUTE });
  });
});

describe("an incident", () => {
  test("begins with the first failed check, not with the notification", () => {
    expect(play("UUDD").changes[0]?.incident).toMatchObject({ since: START + 2 * MINUTE, worst: "DOWN" });
  });
  test("keeps what the first check found", () => {
    expect(play("UUDDDD").state.incident).toMatchObject({
      first: [{ text: "DOWN in minute 2" }],
      latest: [{ text: "DOWN in minute 5" }],
    });
  });
  test("keeps what the first attempt found, although a retry found something else", () => {
    const firstAttempt = judgementOf("DOWN", "reset by peer");
    expect(play("DD", POLICY, { firstAttempt }).changes[0]?.incident?.first).toMatchObject([
      { text: "reset by peer" },
    ]);
  });
  test("ends with the first check that was well", () => {
    expect(play("UUDDDUU").changes[1]?.incident).toMatchObject({
      since: START + 2 * MINUTE,
      until: START + 5 * MINUTE,
    });
  });
  test("ends with the first of several that were well, however many it takes", () => {
    const upAfter = { count: 3, of: 3 };
    expect(play("UUDDDUUU", { ...POLICY, upAfter }).changes[1]?.incident?.until).toBe(START + 5 * MINUTE);
  });
  test("does not begin with a failure long ago that passed", () => {
    expect(play("UUDUUUDD").changes[0]?.incident?.since).toBe(START + 6 * MINUTE);
  });
  test("a change names the last check that was good", () => {
    expect(play("UUUDD").changes[0]?.lastGood).toBe(START + 2 * MINUTE);
  });
  test("a recovery from UNKNOWN alone names none", () => {
    expect(play("DDUU?????U").changes.at(-1)).toMatchObject({ from: "UNKNOWN", to: "UP" });
    expect(play("DDUU?????U").changes.at(-1)).not.toHaveProperty("incident");
  });
});

describe("reminders", () => {
  const policy = { ...POLICY, remindAfterMs: 3 * MINUTE };
  test("come while it is DOWN, each so long after the last notification", () => {
    expect(notified("UUDDDDDDDDD", policy)).toEqual([
      "3: UP -> DOWN",
      "6: DOWN -> DOWN (reminder)",
      "9: DOWN -> DOWN (reminder)",
    ]);
  });
  test("do not come for DEGRADED", () => {
    expect(notified("UUGGGGGGGG", policy)).toEqual(["3: UP -> DEGRADED"]);
  });
});

describe("for every sequence of checks", () => {
  const threshold = fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 5 }))
    .map(([count, more]) => ({ count, of: count + more }));
  const policy = fc.record({ downAfter: threshold, upAfter: threshold, remindAfterMs: fc.constant(0) });
  const letters = fc.string({
    unit: fc.constantFrom("U", "G", "D", "?", "u", "d"),
    minLength: 1,
    maxLength: 60,
  });

  test("each notification goes on from the one before, and says something new", () => {
    fc.assert(
      fc.property(letters, policy, (sequence, rules) => {
        let last = "UP";
        return play(sequence, rules).changes.every(({ from, to }) => {
          const goesOn = from === last && to !== from;
          last = to;
          return goesOn;
        });
      }),
    );
  });
  test("DOWN is notified only when enough of the last checks were DOWN, UNKNOWN ones left out", () => {
    fc.assert(
      fc.property(letters, policy, (sequence, rules) =>
        play(sequence, rules).changes.every(({ to, at }) => {
          if (to !== "DOWN") return true;
          const until = sequence.slice(0, (at - START) / MINUTE + 1).toUpperCase();
          return [...until].filter((letter) => letter === "D").length >= rules.downAfter.count;
        }),
      ),
    );
  });
  test("a sequence without a single DOWN check never notifies DOWN", () => {
    fc.assert(
      fc.property(letters, policy, (sequence, rules) =>
        play(sequence.replace(/d/gi, "?"), rules).changes.every(({ to }) => to !== "DOWN"),
      ),
    );
  });
  test("after enough good checks it is UP, and UP is what was notified", () => {
    fc.assert(
      fc.property(letters, policy, (sequence, rules) => {
        const { state, changes } = play(sequence + "U".repeat(45), rules);
        return (
          stateOf(state) === "UP" && (changes.at(-1)?.to ?? "UP") === "UP" && state.incident?.until !== null
        );
      }),
    );
  });
  test("an incident that is open belongs to a site that is not UP, and one of a site that is UP is closed", () => {
    fc.assert(
      fc.property(letters, policy, (sequence, rules) => {
        const { state } = play(sequence, rules);
        const isOpen = state.incident !== undefined && state.incident.until === undefined;
        return isOpen === (state.level === "DOWN" || state.level === "DEGRADED");
      }),
    );
  });
  test("an incident ends after it began", () => {
    fc.assert(
      fc.property(letters, policy, (sequence, rules) => {
        const { incident } = play(sequence, rules).state;
        return incident?.until === undefined || incident.until > incident.since;
      }),
    );
  });
  test("what is kept is bounded", () => {
    fc.assert(
      fc.property(letters, policy, (sequence, rules) => {
        const { recent, history } = play(sequence.repeat(20), rules).state;
        return (
          recent.length <= 30 && history.slots.length <= 3 * SLOTS && history.days.split(" ").length <= DAYS
        );
      }),
      { numRuns: 20 },
    );
  });
});
