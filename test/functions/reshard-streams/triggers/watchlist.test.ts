import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLookouts, DUE_A_SWEEP } from "../../../../functions/reshard-streams/triggers/watchlist.ts";
import { streamPolicies } from "../../../../functions/reshard-streams/config/policy.ts";
import { MINUTE, NOW } from "../stream.ts";

const NONE: ReadonlySet<string> = new Set();
const QUIET = { openShards: 1, updating: false, lookAgain: false };

const lookoutsFor = (config: Record<string, object>) => createLookouts(streamPolicies.parse(config));

/** A new process that has looked at all of its streams just now. */
function lookedAll(config: Record<string, object>) {
  const lookouts = lookoutsFor(config);
  for (const stream of lookouts.due(NONE, NOW)) lookouts.looked(stream, NOW, QUIET);
  return lookouts;
}

describe("a new process", () => {
  it("looks at every named stream once", () => {
    const lookouts = lookoutsFor({ orders: { max: 2 }, clicks: { max: 2 }, "logs-*": { max: 2 } });
    expect(lookouts.due(NONE, NOW)).toEqual(["orders", "clicks"]);
  });

  it("has no open shards to tell", () => {
    expect(lookoutsFor({ orders: { max: 2 } }).openShards().size).toBe(0);
  });
});

describe("a stream that was looked at", () => {
  it("is due again after lookEveryMinutes, not before", () => {
    const lookouts = lookedAll({ orders: { max: 2, lookEveryMinutes: 5 } });
    expect(lookouts.due(NONE, NOW + 5 * MINUTE - 1)).toEqual([]);
    expect(lookouts.due(NONE, NOW + 5 * MINUTE)).toEqual(["orders"]);
  });

  it("is due at once when its alarm stands", () => {
    expect(lookedAll({ orders: { max: 2 } }).due(new Set(["orders"]), NOW)).toEqual(["orders"]);
  });

  it("is due at once when it has to be looked at again", () => {
    const lookouts = lookoutsFor({ orders: { max: 2 } });
    lookouts.looked("orders", NOW, { ...QUIET, lookAgain: true });
    expect(lookouts.due(NONE, NOW)).toEqual(["orders"]);
    lookouts.looked("orders", NOW, QUIET);
    expect(lookouts.due(NONE, NOW)).toEqual([]);
  });

  it.each([
    ["passes", true, ["orders"]],
    ["does not pass", false, []],
  ])("in vain, for something that %s, is due accordingly", (_, passes, expected) => {
    const lookouts = lookoutsFor({ orders: { max: 2 } });
    lookouts.notSeen("orders", NOW, passes);
    expect(lookouts.due(NONE, NOW)).toEqual(expected);
  });

  it("keeps the open shards it had when a later look fails", () => {
    const lookouts = lookedAll({ orders: { max: 2 } });
    lookouts.notSeen("orders", NOW + MINUTE, true);
    expect([...lookouts.openShards()]).toEqual([["orders", 1]]);
  });

  it("remembers when it was last seen UPDATING", () => {
    const lookouts = lookoutsFor({ orders: { max: 2 } });
    lookouts.looked("orders", NOW, { ...QUIET, updating: true });
    lookouts.looked("orders", NOW + MINUTE, QUIET);
    expect(lookouts.lastSeenUpdatingAt("orders")).toBe(NOW);
  });
});

describe("more streams than one sweep looks at", () => {
  const names = Array.from({ length: DUE_A_SWEEP + 30 }, (_, index) => `s-${index}`);

  it("take turns: within two sweeps each was looked at once", () => {
    const lookouts = lookoutsFor({ "s-*": { max: 2 } });
    lookouts.discovered(names, NOW);
    const looked: string[] = [];
    for (const at of [NOW, NOW + MINUTE]) {
      for (const stream of lookouts.due(NONE, at)) {
        looked.push(stream);
        lookouts.looked(stream, at, QUIET);
      }
    }
    expect(looked.length).toBe(names.length);
    expect(new Set(looked)).toEqual(new Set(names));
  });

  it("never leave out one in ALARM, and never name one twice", () => {
    fc.assert(
      fc.property(fc.subarray(names), (inAlarm) => {
        const lookouts = lookoutsFor({ "s-*": { max: 2 } });
        lookouts.discovered(names, NOW);
        const due = lookouts.due(new Set(inAlarm), NOW);
        expect(due.slice(0, inAlarm.length)).toEqual(inAlarm);
        expect(new Set(due).size).toBe(due.length);
        expect(due.length).toBe(Math.min(names.length, inAlarm.length + DUE_A_SWEEP));
      }),
      { numRuns: 50 },
    );
  });
});

describe("patterns", () => {
  it("want the account's streams listed at once, and again as often as the most impatient one looks", () => {
    const lookouts = lookoutsFor({
      "a-*": { max: 2, lookEveryMinutes: 10 },
      "b-*": { max: 2, lookEveryMinutes: 3 },
    });
    expect(lookouts.wantsDiscovery(NOW)).toBe(true);
    lookouts.discovered([], NOW);
    expect(lookouts.wantsDiscovery(NOW + 3 * MINUTE - 1)).toBe(false);
    expect(lookouts.wantsDiscovery(NOW + 3 * MINUTE)).toBe(true);
  });

  it("that are none want nothing listed", () => {
    expect(lookoutsFor({ orders: { max: 2 } }).wantsDiscovery(NOW)).toBe(false);
  });

  it("find streams that match, forget those that are gone, and keep those the config names", () => {
    const lookouts = lookoutsFor({ orders: { max: 2 }, "logs-*": { max: 3 } });
    lookouts.discovered(["logs-a", "logs-b", "strange"], NOW);
    expect(lookouts.streams()).toEqual(["orders", "logs-a", "logs-b"]);
    expect(lookouts.policyOf("logs-a")?.max).toBe(3);
    lookouts.discovered(["logs-b"], NOW);
    expect(lookouts.streams()).toEqual(["orders", "logs-b"]);
  });
});
