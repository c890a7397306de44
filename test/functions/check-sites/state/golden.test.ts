import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Evaluation } from "../../../../functions/check-sites/evaluate/verdict.ts";
import type { SiteState } from "../../../../functions/check-sites/state/state.ts";
import { type Outcome, removal, transition } from "../../../../functions/check-sites/state/transition.ts";
import { emptyHistory, remember } from "../../../../functions/check-sites/state/uptime.ts";
import { CHECKS, type Checks } from "./checks.ts";

const START = Date.parse("2026-03-01T00:00:00Z");
const MINUTE = 60_000;
const POLICY = { downAfter: { count: 2, of: 2 }, upAfter: { count: 2, of: 2 }, remindAfterMs: 0 };

const FOUND: Readonly<Record<string, Evaluation>> = {
  U: { verdict: "UP", findings: [] },
  G: { verdict: "DEGRADED", findings: [{ severity: "degraded", reason: "timeout", text: "slow" }] },
  D: { verdict: "DOWN", findings: [{ severity: "down", reason: "status", text: "500" }] },
  "?": { verdict: "UNKNOWN", findings: [{ severity: "unknown", reason: "own-network", text: "silent" }] },
};
const FIRST_ATTEMPT: Evaluation = {
  verdict: "DOWN",
  findings: [{ severity: "down", reason: "connect", text: "refused" }],
};
const PROBED = {
  duration: 120,
  probe: { address: "192.0.2.1", phases: { connect: 20 } },
  certificate: { subject: "shop", issuer: "CA", validTo: START + 90 * 1440 * MINUTE },
};

function outcomeOf(check: string, before: number): Outcome {
  const {
    found = "",
    how = "",
    minutes = "1",
  } = /^(?<found>.)(?<how>[a-z]*)(\+(?<minutes>\d+))?$/.exec(check)?.groups ?? {};
  const evaluation = FOUND[found.toUpperCase()];
  if (evaluation === undefined) throw new Error(`"${check}" is no check`);
  const silent = found !== found.toUpperCase();
  return {
    ...{ tick: before + Number(minutes) * MINUTE, evaluation, silent, inMaintenance: silent },
    ...(how.includes("r") && { firstAttempt: FIRST_ATTEMPT }),
    ...(how.includes("s") && { suspicion: "suspected" as const }),
    ...(how.includes("o") && { suspicion: "overdue" as const }),
    ...(how.includes("n") && { unprobed: true as const }),
    ...(how.includes("p") && PROBED),
  };
}

/** One line a check: what it changed in the state (without its history), and what is notified. Times in minutes. */
function played({ checks, policy }: Checks): string[] {
  let state: SiteState | undefined;
  let tick = START - MINUTE;
  return checks.split(" ").map((check) => {
    const outcome = outcomeOf(check, tick);
    tick = outcome.tick;
    const before: object = state ?? {};
    const next = transition(state, outcome, { ...POLICY, ...policy }, `id-${minutesOf(tick)}`);
    state = next.state;
    const line = `${check}: ${inMinutes(changes(before, next.state))}`;
    return next.change ? `${line} NOTIFIED ${inMinutes(next.change)}` : line;
  });
}

function changes(before: object, after: object): object {
  const of = (one: object) =>
    new Map(Object.entries(one).map(([key, value]) => [key, JSON.stringify(value)]));
  const [was, is] = [of(before), of(after)];
  const gone = [...was.keys()].filter((key) => !is.has(key)).map((key) => [key, "gone"]);
  const other = Object.entries(after).filter(
    ([key]) => key !== "history" && key !== "tick" && was.get(key) !== is.get(key),
  );
  return Object.fromEntries([...other, ...gone]);
}

const minutesOf = (ms: number) => (ms - START) / MINUTE;
const inMinutes = (value: object) =>
  JSON.stringify(value, (_, one) => (typeof one === "number" && one >= START ? minutesOf(one) : one))
    .replaceAll('"', "")
    .replaceAll(",", ", ");

/** `vitest -u` writes them anew: read the diff. */
test.each(Object.entries(CHECKS))(
  "%s: each check has its state and its notification",
  async (group, sites) => {
    const found = Object.fromEntries(sites.map((one) => [`${one.name}: ${one.checks}`, played(one)]));
    const path = join(import.meta.dirname, "golden", `${group.replaceAll(" ", "-")}.json`);
    await expect(`${JSON.stringify(found, undefined, 2)}\n`).toMatchFileSnapshot(path);
  },
);

function stateAfter(checks: string, policy = POLICY): SiteState {
  let state: SiteState | undefined;
  let tick = START - MINUTE;
  for (const check of checks.split(" ")) {
    const outcome = outcomeOf(check, tick);
    tick = outcome.tick;
    state = transition(state, outcome, policy, `id-${minutesOf(tick)}`).state;
  }
  if (state === undefined) throw new Error("no check");
  return state;
}

test("each check is in the history, with its duration, and whether it was in maintenance", () => {
  const samples = [
    { at: START, verdict: "UP" as const, inMaintenance: false, duration: 120 },
    { at: START + MINUTE, verdict: "DOWN" as const, inMaintenance: true },
  ];
  expect(stateAfter("Up d").history).toEqual(samples.reduce(remember, emptyHistory(START)));
});

describe("a site that is taken out of the config", () => {
  const TICK = START + 60 * MINUTE;

  test("while it is well, or never was anything else, closes nothing", () => {
    expect(removal(stateAfter("U U"), TICK, "gone")).toBeUndefined();
    expect(removal(stateAfter("D D U U"), TICK, "gone")).toBeUndefined();
  });

  test("while it is down, closes its incident and its thread, and begins anew", () => {
    const before = stateAfter("D D");
    expect(removal(before, TICK, "gone")).toEqual({
      state: {
        ...{
          tick: TICK,
          since: TICK,
          recent: "",
          sinceWorse: 0,
          sinceBetter: 0,
          unknownRun: 0,
          findings: [],
        },
        ...{ changedAt: [], history: before.history, notified: { state: "UP", at: TICK } },
      },
      change: {
        ...{ id: "gone", kind: "removed", from: "DOWN", to: "UP", at: TICK, findings: [] },
        thread: { id: "id-1", sequence: 2 },
        incident: { ...before.incident, until: TICK },
      },
    });
  });

  test("after its incident ended, which was not notified yet, keeps that end", () => {
    const before = stateAfter("D D u u");
    expect(removal(before, TICK, "gone")?.change.incident?.until).toBe(START + 2 * MINUTE);
  });

  test("while nothing is known of it, has no incident to close", () => {
    const change = removal(stateAfter("? ? ? ? ?"), TICK, "gone")?.change;
    expect(change).toMatchObject({ from: "UNKNOWN", thread: { id: "id-4", sequence: 2 } });
    expect(change).not.toHaveProperty("incident");
  });
});
