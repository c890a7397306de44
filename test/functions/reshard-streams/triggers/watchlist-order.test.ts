import { describe, expect, it } from "vitest";
import { streamPolicies } from "../../../../functions/reshard-streams/config/streams.ts";
import { createWatchlist } from "../../../../functions/reshard-streams/triggers/watchlist.ts";
import { MINUTE, NOW } from "../stream.ts";

const NONE: ReadonlySet<string> = new Set();
const QUIET = { openShards: 1, requeue: false, overloaded: false };

const watchlistOf = (config: Record<string, object>) => createWatchlist(streamPolicies.parse(config));

/** Of streams that have a scan interval of ten minutes. */
const watching = (...names: readonly string[]) =>
  watchlistOf(Object.fromEntries(names.map((name) => [name, { max: 9 }])));

describe("the streams of a config", () => {
  it("have an alarm each where they are named, and none where they are ignored or of a pattern", () => {
    const watchlist = watchlistOf({
      ...{ orders: { max: 2 }, clicks: { max: 2 }, legacy: { ignore: true } },
      ...{ "logs-*": { max: 2 }, "tmp-*": { ignore: true } },
    });
    expect(watchlist.alarms()).toBe(2);
    expect(watchlist.streams()).toEqual(["orders", "clicks"]);
    expect([watchlist.policyOf("legacy"), watchlist.policyOf("other")]).toEqual([undefined, undefined]);
  });

  it("are looked for among the account's only as often as what is managed needs it", () => {
    const ignoring = watchlistOf({ orders: { max: 2 }, "tmp-*": { ignore: true } });
    expect(ignoring.needsDiscovery(NOW)).toBe(false);
    const both = watchlistOf({ "logs-*": { max: 2, scanIntervalMinutes: 10 }, "*": { ignore: true } });
    both.recordDiscovery(["tmp", "logs-a"], NOW);
    expect(both.streams()).toEqual(["logs-a"]);
    expect(both.needsDiscovery(NOW + 10 * MINUTE - 1)).toBe(false);
    expect(both.needsDiscovery(NOW + 10 * MINUTE)).toBe(true);
  });
});

describe("of the streams that are to be observed", () => {
  it("those in ALARM come first, then those in a plan, those overloaded, and those that wait longest", () => {
    const watchlist = watching("short", "long", "busy", "plan", "alarm", "never");
    const at = { short: 1, long: 0, busy: 2, plan: 3, alarm: 4 };
    for (const [stream, minute] of Object.entries(at)) {
      watchlist.recordObservation(stream, NOW + minute * MINUTE, {
        ...QUIET,
        requeue: stream === "plan",
        overloaded: stream === "busy",
      });
    }
    const order = ["alarm", "plan", "busy", "never", "long", "short"];
    expect(watchlist.due(new Set(["alarm"]), NOW + 20 * MINUTE)).toEqual(order);
  });

  it("those that wait equally long come as the config has them", () => {
    const names = ["d", "b", "c", "a"];
    const watchlist = watching(...names);
    expect(watchlist.due(NONE, NOW)).toEqual(names);
    for (const name of names) watchlist.recordObservation(name, NOW, QUIET);
    expect(watchlist.due(NONE, NOW + 10 * MINUTE)).toEqual(names);
  });

  it("as many are observed in one sweep as all scan intervals together need, and 100 at least", () => {
    const names = (count: number, prefix: string) =>
      Array.from({ length: count }, (_, at) => `${prefix}${at}`);
    const dueOf = (everyMinute: number, everyTen: number) => {
      const watchlist = watchlistOf({
        "one-*": { max: 2, scanIntervalMinutes: 1 },
        "ten-*": { max: 2, scanIntervalMinutes: 10 },
      });
      watchlist.recordDiscovery([...names(everyMinute, "one-"), ...names(everyTen, "ten-")], NOW);
      return watchlist.due(NONE, NOW).length;
    };
    expect(dueOf(120, 35)).toBe(124);
    expect(dueOf(90, 100)).toBe(100);
  });
});

describe("an observation that failed", () => {
  it("takes back that the stream was to be observed again soon: it may not help", () => {
    const watchlist = watching("orders");
    watchlist.recordObservation("orders", NOW, { ...QUIET, requeue: true, observeAt: NOW + MINUTE });
    watchlist.recordFailure("orders", NOW, false);
    expect(watchlist.due(NONE, NOW + 2 * MINUTE)).toEqual([]);
    expect(watchlist.due(NONE, NOW + 10 * MINUTE)).toEqual(["orders"]);
  });

  it("is tried again until one succeeds", () => {
    const watchlist = watching("orders");
    watchlist.recordFailure("orders", NOW, true);
    expect(watchlist.due(NONE, NOW + MINUTE)).toEqual(["orders"]);
    watchlist.recordObservation("orders", NOW + MINUTE, QUIET);
    watchlist.recordServed("orders");
    expect(watchlist.due(NONE, NOW + 2 * MINUTE)).toEqual([]);
  });
});

describe("how long a stream has gone without a look", () => {
  const staleAt = (watchlist: ReturnType<typeof watching>, ms: number) =>
    watchlist.minutesStale(NOW + ms).get("orders");

  it("is counted beyond its scan interval, in whole minutes", () => {
    const watchlist = watching("orders");
    watchlist.due(NONE, NOW - MINUTE);
    watchlist.recordObservation("orders", NOW, QUIET);
    const at = [5 * MINUTE, 10 * MINUTE, 11 * MINUTE - 1, 11 * MINUTE, 13 * MINUTE];
    expect(at.map((ms) => staleAt(watchlist, ms))).toEqual([0, 0, 0, 1, 3]);
  });

  it("is counted from when the process first had to, where it never has", () => {
    const watchlist = watching("orders");
    expect(staleAt(watchlist, 60 * MINUTE)).toBe(0);
    watchlist.due(NONE, NOW);
    watchlist.due(NONE, NOW + 5 * MINUTE);
    expect(staleAt(watchlist, 12 * MINUTE)).toBe(2);
  });

  it("is counted from the last success, where attempts fail, until what it needs is done", () => {
    const watchlist = watching("orders");
    watchlist.recordObservation("orders", NOW, QUIET);
    watchlist.recordFailure("orders", NOW + 2 * MINUTE, true);
    watchlist.recordFailure("orders", NOW + 3 * MINUTE, true);
    expect(staleAt(watchlist, 4 * MINUTE)).toBe(4);
    watchlist.recordObservation("orders", NOW + 4 * MINUTE, QUIET);
    expect(staleAt(watchlist, 5 * MINUTE)).toBe(5);
    watchlist.recordServed("orders");
    expect(staleAt(watchlist, 5 * MINUTE)).toBe(0);
  });

  it("is counted from the first attempt, where none succeeded", () => {
    const watchlist = watching("orders");
    watchlist.recordFailure("orders", NOW + MINUTE, true);
    watchlist.recordFailure("orders", NOW + 2 * MINUTE, true);
    expect(staleAt(watchlist, 4 * MINUTE)).toBe(3);
  });
});

describe("what is known of streams", () => {
  it("is their open shards as any process observed them, since a time", () => {
    const watchlist = watching("orders", "clicks", "new");
    watchlist.recordObservation("orders", NOW, { ...QUIET, openShards: 3 });
    watchlist.recordObservation("clicks", NOW + 1, { ...QUIET, openShards: 4 });
    expect([...watchlist.openShards()]).toEqual([
      ["orders", 3],
      ["clicks", 4],
    ]);
    expect([...watchlist.openShards(NOW + 1)]).toEqual([["clicks", 4]]);
    watchlist.load(new Map([["orders", { at: NOW + 2, requeue: false, openShards: 5 }]]));
    expect([...watchlist.openShards(NOW + 1)]).toEqual([
      ["orders", 5],
      ["clicks", 4],
    ]);
  });

  it("is which are overloaded, until they are observed to be so no more", () => {
    const watchlist = watching("orders", "clicks");
    watchlist.recordObservation("clicks", NOW, { ...QUIET, overloaded: true });
    expect(watchlist.overloaded()).toEqual(["clicks"]);
    watchlist.recordObservation("clicks", NOW + 1, QUIET);
    expect(watchlist.overloaded()).toEqual([]);
  });

  it("is what other processes found out at the same time or later, of the streams that are watched", () => {
    const watchlist = watching("orders", "clicks");
    watchlist.recordObservation("orders", NOW, QUIET);
    const found = (at: number, openShards: number) => ({ at, requeue: true, openShards, failingSince: at });
    watchlist.load(
      new Map([
        ["gone", found(NOW, 9)],
        ["orders", found(NOW, 2)],
        ["clicks", found(NOW - MINUTE, 3)],
      ]),
    );
    expect(watchlist.streams()).toEqual(["orders", "clicks"]);
    expect([...watchlist.openShards()]).toEqual([
      ["orders", 2],
      ["clicks", 3],
    ]);
    expect(watchlist.due(NONE, NOW)).toEqual(["orders", "clicks"]);
    // It stands in the table as it is.
    expect(watchlist.unstored().size).toBe(0);
  });

  it("is written of those that were observed, all of it, once", () => {
    const watchlist = watching("orders", "clicks");
    watchlist.recordObservation("orders", NOW, { ...QUIET, requeue: true, observeAt: NOW + 5 });
    expect([...watchlist.unstored()]).toEqual([
      ["orders", { at: NOW, requeue: true, openShards: 1, observeAt: NOW + 5 }],
    ]);
    watchlist.recordFailure("orders", NOW + 1, true);
    const [[stream, state] = ["", undefined]] = watchlist.unstored();
    expect(state).toEqual({ at: NOW + 1, requeue: false, openShards: 1, failingSince: NOW });
    if (state) watchlist.recordStored(stream, state);
    expect(watchlist.unstored().size).toBe(0);
    watchlist.recordFailure("clicks", NOW + 1, true);
    expect([...watchlist.unstored()]).toEqual([
      ["clicks", { at: NOW + 1, requeue: false, failingSince: NOW + 1 }],
    ]);
  });

  it.each([
    ["requeue", { requeue: true }],
    ["observeAt", { observeAt: NOW + 9 }],
    ["openShards", { openShards: 2 }],
  ])("is written again when %s is another", (_, change) => {
    const watchlist = watching("orders");
    watchlist.recordObservation("orders", NOW, QUIET);
    for (const [stream, state] of watchlist.unstored()) watchlist.recordStored(stream, state);
    watchlist.recordObservation("orders", NOW + MINUTE, { ...QUIET, ...change });
    expect([...watchlist.unstored().keys()]).toEqual(["orders"]);
  });
});
