import { describe, expect, it } from "vitest";
import { takeTurns } from "../../../../functions/reshard-streams/triggers/alarm-turns.ts";
import type { Cause, Requests } from "../../../../functions/reshard-streams/triggers/requests.ts";

const requested = (names: readonly string[], kind: Cause["kind"] = "alarm", sweep = false): Requests => ({
  streams: new Map(names.map((name) => [name, { kind, text: `${kind} of ${name}`, at: 0 }])),
  ...{ sweep, ignored: [], failures: [] },
});
const NAMES = Array.from({ length: 300 }, (_, at) => `orders-${at}`);

describe("alarms that may all fire at once", () => {
  it("wait for nothing while there are few, or when it was no alarm", () => {
    expect(takeTurns(requested(["orders"]), 3).waitMs).toBe(0);
    expect(takeTurns(requested(["orders"], "manual"), 300)).toEqual({
      ...{ waitMs: 0, requests: requested(["orders"], "manual") },
    });
    expect(takeTurns(requested(NAMES, "alarm", true), 300).waitMs).toBe(0);
    expect(takeTurns(requested([]), 300).waitMs).toBe(0);
  });

  it("take turns, three a second, each stream always at the same place", () => {
    const turns = NAMES.map((name) => takeTurns(requested([name]), 60).waitMs);
    expect(Math.max(...turns)).toBeLessThanOrEqual(20_000);
    const each = Map.groupBy(turns, (ms) => Math.floor(ms / 4000));
    // 300 names in 5 parts of the 20 seconds: about 60 in each.
    for (const part of [0, 1, 2, 3, 4]) expect(each.get(part)?.length).toBeGreaterThan(40);
    expect(NAMES.map((name) => takeTurns(requested([name]), 60).waitMs)).toEqual(turns);
  });

  it("are left to the sweep when their turn is too late, and say so", () => {
    const all = NAMES.map((name) => takeTurns(requested([name]), 300));
    const left = all.filter(({ requests }) => requests.streams.size === 0);
    // 30 of 100 seconds are waited for.
    expect(left.length / all.length).toBeCloseTo(0.7, 1);
    expect(Math.max(...all.map(({ waitMs }) => waitMs))).toBeLessThanOrEqual(30_000);
    expect(left[0]?.waitMs).toBe(0);
    expect(left[0]?.requests.ignored.join()).toMatch(/^alarm of orders-\d+: .* is left to the next sweep/);
  });
});
