import { describe, expect, it } from "vitest";
import { hotShardOf, hottestOf } from "../../../../../functions/reshard-streams/decide/measure/shard-skew.ts";
import {
  narrowestPair,
  splitInTheMiddle,
  splitsUntil,
} from "../../../../../functions/reshard-streams/decide/measure/shares.ts";
import type { OpenShard, ShardLoad } from "../../../../../functions/reshard-streams/model/observation.ts";
import { entry, evenShards, history, MINUTE, NOW } from "../../stream.ts";

const CAPACITY = { bytes: 1000, records: 100, readBytes: 2000 };
const named = (count: number): OpenShard[] =>
  evenShards(count).map((shard, index) => ({ ...shard, id: `s${index}` }));
const load = (shardId: string, bytes: number, throttled = 0, records = 0): ShardLoad => ({
  shardId,
  ...{ bytes, records, throttled },
});
const hotOf = (
  loads: readonly ShardLoad[],
  shards: readonly OpenShard[] = named(4),
  entries: ReturnType<typeof entry>[] = [],
) => hotShardOf(shards, loads, CAPACITY, 0.8, history({ entries }));

describe("a hot shard", () => {
  it("is above the limit and twice as busy as the others, share for share", () => {
    // The others carry 0.45 each of three: 900 / (1350 / 3) = 2.
    const others = ["s1", "s2", "s3"].map((id) => load(id, 450));
    expect(hotOf([load("s0", 900), ...others])).toMatchObject({ shard: { id: "s0" }, timesTheRest: 2 });
    expect(hotOf([load("s0", 899), ...others])).toBeUndefined();
    expect(hotOf([load("s0", 800), load("s1", 10)])).toBeUndefined();
    expect(hotOf([load("s0", 801), load("s1", 10)])).toBeDefined();
  });

  it("refuses writes, however little it carries", () => {
    expect(hotOf([load("s0", 100, 1), load("s1", 10)])).toMatchObject({ shard: { id: "s0" } });
  });

  it("is an open one: what a closed one carried is left out", () => {
    expect(hotOf([load("gone", 5000, 9), load("s0", 900)])).toMatchObject({
      shard: { id: "s0" },
      timesTheRest: Number.POSITIVE_INFINITY,
    });
    expect(hotOf([])).toBeUndefined();
  });

  it("is none in a stream of one shard, and may be in one of two", () => {
    expect(hotOf([load("s0", 900)], named(1))).toBeUndefined();
    expect(hotOf([load("s0", 900)], named(2))).toBeDefined();
  });

  it("is the busiest by bytes or records; of equal ones the one that refused more", () => {
    expect(hottestOf([load("a", 500), load("b", 0, 0, 60)], CAPACITY)?.shardId).toBe("b");
    expect(hottestOf([load("a", 500, 1), load("b", 500, 3), load("c", 500, 2)], CAPACITY)?.shardId).toBe("b");
    expect(hottestOf([], CAPACITY)).toBeUndefined();
  });
});

describe("one key", () => {
  const children = named(4).map((shard, index) => (index < 2 ? { ...shard, parentId: "p" } : shard));
  const split = (intent = {}, outcome = {}) =>
    entry(NOW - 30 * MINUTE, { action: "kinesis:SplitShard", evidence: { shard: "p" }, ...intent }, outcome);
  const loads = [load("s0", 900), load("s1", 225), load("s2", 100)];

  it("carries a shard that kept four fifths of its parent's load after we split it", () => {
    expect(hotOf(loads, children, [split()])?.hotKey).toBe(true);
    expect(hotOf([load("s0", 900), load("s1", 226)], children, [split()])?.hotKey).toBe(false);
  });

  it.each([
    ["the split was not made", [split({}, { result: "refused" })]],
    ["another shard was split", [split({ evidence: { shard: "q" } })]],
    ["it was no split", [split({ action: "kinesis:MergeShards" })]],
    ["nothing was done", []],
  ])("is not known to where %s", (_, entries) => {
    expect(hotOf(loads, children, entries)?.hotKey).toBe(false);
  });

  it("is not known to carry a shard that has no parent", () => {
    expect(hotOf(loads, named(4), [split({ evidence: {} })])?.hotKey).toBe(false);
  });

  it("carries a shard that owns a single hash key", () => {
    const single = named(4).map((shard, index) => (index === 0 ? { ...shard, to: shard.from } : shard));
    expect(hotOf(loads, single)?.hotKey).toBe(true);
  });
});

describe("shares", () => {
  it("a shard is split in the middle of its keys, unless it has only one or is not open", () => {
    const shards = [
      { id: "a", from: 10n, to: 19n },
      { id: "b", from: 20n, to: 20n },
    ];
    expect(splitInTheMiddle(shards, "a")).toBe(15n);
    expect(splitInTheMiddle(shards, "b")).toBeUndefined();
    expect(splitInTheMiddle(shards, "c")).toBeUndefined();
  });

  it("only neighbours are merged, up to exactly the share", () => {
    const [a, b, c] = named(4);
    if (!a || !b || !c) throw new Error("four shards");
    expect(narrowestPair([a, c], 1)).toBeUndefined();
    expect(narrowestPair([a, b], 0.5)).toEqual([a, b]);
    expect(narrowestPair([a, b], 0.49)).toBeUndefined();
  });

  it("a shard of exactly the share needs no split", () => {
    expect(splitsUntil(named(4), 0.25)).toBe(0);
    expect(splitsUntil(named(4), 0.24)).toBe(4);
    expect(splitsUntil(named(2), 0.125)).toBe(6);
  });
});
