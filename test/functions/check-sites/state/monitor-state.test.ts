import { describe, expect, it } from "vitest";
import {
  monitorAfter,
  NEW_MONITOR,
  type Suspicion,
} from "../../../../functions/check-sites/state/monitor-state.ts";

const T0 = Date.UTC(2026, 2, 1, 12);
const MINUTE = 60_000;
const found = (differences: Partial<Suspicion> = {}): Suspicion => ({
  ...{
    part: "1",
    suspected: false,
    silent: "resolver" as const,
    at: T0,
    failing: 0,
    of: 5,
    examples: [],
    open: [],
    closed: [],
  },
  ...differences,
});
const suspects = (part: string, at: number) =>
  found({ part, at, suspected: true, failing: 5, examples: ["a"] });
const suspectedBy = (parts: Record<string, number>, since = T0) => ({
  ...{ suspectedBy: parts, open: [], since },
  silent: "resolver" as const,
});

describe("the suspicion that the monitor fails, not the sites", () => {
  it("nothing of it changes while no part has it and the same sites are open", () => {
    expect(monitorAfter(NEW_MONITOR, found(), "c")).toBeUndefined();
    expect(monitorAfter({ ...NEW_MONITOR, open: ["a"] }, found({ open: ["a"] }), "c")).toBeUndefined();
  });

  it("begins with the first part that has it, and is notified with what failed", () => {
    expect(monitorAfter(NEW_MONITOR, suspects("1", T0), "c")).toEqual({
      state: { suspectedBy: { "1": T0 }, open: [], since: T0, silent: "resolver" },
      change: {
        id: "c",
        suspected: true,
        silent: "resolver",
        at: T0,
        since: T0,
        failing: 5,
        of: 5,
        examples: ["a"],
      },
    });
  });

  it("goes on with a second part, notified once, since when the first had it", () => {
    expect(monitorAfter(suspectedBy({ "1": T0 }), suspects("2", T0 + MINUTE), "c")).toEqual({
      state: suspectedBy({ "1": T0, "2": T0 + MINUTE }),
    });
  });

  it("goes on while another part has it", () => {
    const both = suspectedBy({ "1": T0, "2": T0 });
    expect(monitorAfter(both, found({ at: T0 + MINUTE }), "c")).toEqual({ state: suspectedBy({ "2": T0 }) });
  });

  it("ends when no part has it any more, and says since when it was so", () => {
    expect(monitorAfter(suspectedBy({ "1": T0 }), found({ at: T0 + MINUTE }), "c")).toEqual({
      state: { suspectedBy: {}, open: [] },
      change: {
        id: "c",
        suspected: false,
        silent: "resolver",
        at: T0 + MINUTE,
        since: T0,
        failing: 0,
        of: 5,
        examples: [],
      },
    });
  });

  it("forgets a part that is not heard of for ten minutes", () => {
    const gone = suspectedBy({ "9": T0 });
    const heard = (at: number) => monitorAfter(gone, found({ at }), "c")?.state.suspectedBy;
    expect(heard(T0 + 10 * MINUTE - 1)).toEqual({ "9": T0 });
    expect(heard(T0 + 10 * MINUTE)).toEqual({});
  });
});

describe("the sites that are open", () => {
  it("are those that every part has found so last, each once, in order", () => {
    const before = { ...NEW_MONITOR, open: ["b", "c"] };
    const after = monitorAfter(before, found({ open: ["c", "a"], closed: ["b"] }), "c");
    expect(after).toEqual({ state: { suspectedBy: {}, open: ["a", "c"] } });
  });
});
