import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { streamPolicies } from "../../../../functions/reshard-streams/config/streams.ts";
import {
  createWatchlist,
  MAX_DUE_PER_SWEEP,
} from "../../../../functions/reshard-streams/triggers/watchlist.ts";
import { MINUTE, NOW } from "../stream.ts";

const NONE: ReadonlySet<string> = new Set();
const QUIET = { openShards: 1, requeue: false, overloaded: false };

const lookoutsFor = (config: Record<string, object>) => createWatchlist(streamPolicies.parse(config));

/** A new process that has looked at all of its streams just now. */
function lookedAll(config: Record<string, object>) {
  const watchlist = lookoutsFor(config);
  for (const stream of watchlist.due(NONE, NOW)) watchlist.recordObservation(stream, NOW, QUIET);
  return watchlist;
}

describe("a new process", () => {
  it("looks at every named stream once", () => {
    const watchlist = lookoutsFor({ orders: { max: 2 }, clicks: { max: 2 }, "logs-*": { max: 2 } });
    expect(watchlist.due(NONE, NOW)).toEqual(["orders", "clicks"]);
  });

  it("has no open shards to report", () => {
    expect(lookoutsFor({ orders: { max: 2 } }).openShards().size).toBe(0);
  });
});

describe("a stream that was looked at", () => {
  it("is due again after scanIntervalMinutes, not before", () => {
    const watchlist = lookedAll({ orders: { max: 2, scanIntervalMinutes: 5 } });
    expect(watchlist.due(NONE, NOW + 5 * MINUTE - 1)).toEqual([]);
    expect(watchlist.due(NONE, NOW + 5 * MINUTE)).toEqual(["orders"]);
  });

  it("is due at once when its alarm stands", () => {
    expect(lookedAll({ orders: { max: 2 } }).due(new Set(["orders"]), NOW)).toEqual(["orders"]);
  });

  it("is due at once when it has to be looked at again", () => {
    const watchlist = lookoutsFor({ orders: { max: 2 } });
    watchlist.recordObservation("orders", NOW, { ...QUIET, requeue: true });
    expect(watchlist.due(NONE, NOW)).toEqual(["orders"]);
    watchlist.recordObservation("orders", NOW, QUIET);
    expect(watchlist.due(NONE, NOW)).toEqual([]);
  });

  it("is due when a predicted rise needs it, before its scan interval is over, and once", () => {
    const watchlist = lookoutsFor({ orders: { max: 2 } });
    watchlist.recordObservation("orders", NOW, { ...QUIET, observeAt: NOW + 4 * MINUTE });
    expect(watchlist.due(NONE, NOW + 4 * MINUTE - 1)).toEqual([]);
    expect(watchlist.due(NONE, NOW + 4 * MINUTE)).toEqual(["orders"]);
    watchlist.recordObservation("orders", NOW + 4 * MINUTE, QUIET);
    expect(watchlist.due(NONE, NOW + 5 * MINUTE)).toEqual([]);
  });

  it.each([
    ["passes", true, ["orders"]],
    ["does not pass", false, []],
  ])("in vain, for something that %s, is due accordingly", (_, passes, expected) => {
    const watchlist = lookoutsFor({ orders: { max: 2 } });
    watchlist.recordFailure("orders", NOW, passes);
    expect(watchlist.due(NONE, NOW)).toEqual(expected);
  });

  it("keeps the open shards it had when a later look fails", () => {
    const watchlist = lookedAll({ orders: { max: 2 } });
    watchlist.recordFailure("orders", NOW + MINUTE, true);
    expect([...watchlist.openShards()]).toEqual([["orders", 1]]);
  });

  it("and stays overloaded comes before those that wait longer", () => {
    const watchlist = lookoutsFor({ orders: { max: 2 }, clicks: { max: 2 } });
    watchlist.recordObservation("orders", NOW, QUIET);
    watchlist.recordObservation("clicks", NOW + MINUTE, { ...QUIET, overloaded: true });
    expect(watchlist.due(NONE, NOW + 20 * MINUTE)).toEqual(["clicks", "orders"]);
  });

  it.each([
    ["that an alarm watches", { orders: { max: 2 } }, 10],
    ["whose reads no alarm watches", { orders: { max: 2, reads: true } }, 5],
    ["that a pattern names", { "ord*": { max: 2 } }, 5],
    ["whose config says how often", { orders: { max: 2, scanIntervalMinutes: 7 } }, 7],
  ])("and %s is due again after %j: %i minutes", (_, policies, minutes) => {
    const watchlist = lookoutsFor(policies);
    watchlist.recordObservation("orders", NOW, QUIET);
    expect(watchlist.due(NONE, NOW + minutes * MINUTE - 1)).toEqual([]);
    expect(watchlist.due(NONE, NOW + minutes * MINUTE)).toEqual(["orders"]);
  });
});

describe("what other processes have to know", () => {
  /** What one process writes, as the next one reads it. */
  const handOver = (from: ReturnType<typeof createWatchlist>, to: ReturnType<typeof createWatchlist>) => {
    const changed = from.unstored();
    for (const [stream, state] of changed) from.recordStored(stream, state);
    to.load(changed);
  };

  it("is taken over by one that has not seen it: open shards, a plan, since when it fails", () => {
    const [first, second] = [lookoutsFor({ orders: { max: 9 } }), lookedAll({ orders: { max: 9 } })];
    first.recordObservation("orders", NOW + MINUTE, { openShards: 7, requeue: true, overloaded: false });
    handOver(first, second);
    expect([...second.openShards()]).toEqual([["orders", 7]]);
    expect(second.due(NONE, NOW + MINUTE)).toEqual(["orders"]);
    first.recordFailure("orders", NOW + 2 * MINUTE, true);
    handOver(first, second);
    expect(second.minutesStale(NOW + 22 * MINUTE).get("orders")).toBe(21);
  });

  it("is taken over: when a predicted rise has to be observed", () => {
    const [first, second] = [lookoutsFor({ orders: { max: 9 } }), lookedAll({ orders: { max: 9 } })];
    first.recordObservation("orders", NOW + MINUTE, { ...QUIET, observeAt: NOW + 4 * MINUTE });
    handOver(first, second);
    expect(second.due(NONE, NOW + 4 * MINUTE)).toEqual(["orders"]);
  });

  it("is not taken over from an older observation", () => {
    const [first, second] = [lookoutsFor({ orders: { max: 9 } }), lookoutsFor({ orders: { max: 9 } })];
    first.recordObservation("orders", NOW, { ...QUIET, openShards: 7 });
    second.recordObservation("orders", NOW + MINUTE, { ...QUIET, openShards: 2 });
    handOver(first, second);
    expect([...second.openShards()]).toEqual([["orders", 2]]);
  });

  it("is written when it changes, not at every observation", () => {
    const watchlist = lookedAll({ orders: { max: 9 } });
    handOver(watchlist, watchlist);
    watchlist.recordObservation("orders", NOW + 5 * MINUTE, QUIET);
    expect(watchlist.unstored().size).toBe(0);
    watchlist.recordObservation("orders", NOW + 6 * MINUTE, { ...QUIET, openShards: 2 });
    expect([...watchlist.unstored().keys()]).toEqual(["orders"]);
  });

  it("is read again only after a sweep of another process", () => {
    const watchlist = lookoutsFor({ orders: { max: 9 } });
    expect(watchlist.isOutdated(NOW)).toBe(true);
    watchlist.recordSweep(NOW);
    expect(watchlist.isOutdated(NOW + MINUTE)).toBe(false);
    expect(watchlist.isOutdated(NOW + 2 * MINUTE)).toBe(true);
  });
});

describe("more streams than one sweep looks at", () => {
  const names = Array.from({ length: MAX_DUE_PER_SWEEP + 30 }, (_, index) => `s-${index}`);

  it("take turns: within two sweeps each was looked at once", () => {
    const watchlist = lookoutsFor({ "s-*": { max: 2 } });
    watchlist.recordDiscovery(names, NOW);
    const looked: string[] = [];
    for (const at of [NOW, NOW + MINUTE]) {
      for (const stream of watchlist.due(NONE, at)) {
        looked.push(stream);
        watchlist.recordObservation(stream, at, QUIET);
      }
    }
    expect(looked.length).toBe(names.length);
    expect(new Set(looked)).toEqual(new Set(names));
  });

  it("never leave out one in ALARM, and never name one twice", () => {
    fc.assert(
      fc.property(fc.subarray(names), (inAlarm) => {
        const watchlist = lookoutsFor({ "s-*": { max: 2 } });
        watchlist.recordDiscovery(names, NOW);
        const due = watchlist.due(new Set(inAlarm), NOW);
        expect(due.slice(0, inAlarm.length)).toEqual(inAlarm);
        expect(new Set(due).size).toBe(due.length);
        expect(due.length).toBe(Math.min(names.length, inAlarm.length + MAX_DUE_PER_SWEEP));
      }),
      { numRuns: 50 },
    );
  });
});

describe("patterns", () => {
  it("want the account's streams listed at once, and again as often as the most impatient one looks", () => {
    const watchlist = lookoutsFor({
      "a-*": { max: 2, scanIntervalMinutes: 10 },
      "b-*": { max: 2, scanIntervalMinutes: 3 },
    });
    expect(watchlist.needsDiscovery(NOW)).toBe(true);
    watchlist.recordDiscovery([], NOW);
    expect(watchlist.needsDiscovery(NOW + 3 * MINUTE - 1)).toBe(false);
    expect(watchlist.needsDiscovery(NOW + 3 * MINUTE)).toBe(true);
  });

  it("that are none want nothing listed", () => {
    expect(lookoutsFor({ orders: { max: 2 } }).needsDiscovery(NOW)).toBe(false);
  });

  it("find streams that match, forget those that are gone, and keep those the config names", () => {
    const watchlist = lookoutsFor({ orders: { max: 2 }, "logs-*": { max: 3 } });
    watchlist.recordDiscovery(["logs-a", "logs-b", "strange"], NOW);
    expect(watchlist.streams()).toEqual(["orders", "logs-a", "logs-b"]);
    expect(watchlist.policyOf("logs-a")?.max).toBe(3);
    watchlist.recordDiscovery(["logs-b"], NOW);
    expect(watchlist.streams()).toEqual(["orders", "logs-b"]);
  });
});
