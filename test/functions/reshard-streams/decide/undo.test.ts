import { describe, expect, it } from "vitest";
import { type StreamNow, undoOf } from "../../../../functions/reshard-streams/decide/undo.ts";
import type { Entry, Evidence } from "../../../../shared/ledger/entry.ts";
import { entry, evenShards, HOUR, history, NOW } from "../stream.ts";

const active = (shards: StreamNow["shards"], rest: Partial<StreamNow> = {}): StreamNow => ({
  status: "ACTIVE",
  mode: "PROVISIONED",
  shards,
  ...rest,
});

const changed = (action: string, from: number, to: number, evidence: Evidence = {}): Entry =>
  entry(NOW - HOUR, { action: `kinesis:${action}`, from, to, evidence });

const undo = (change: Entry, stream: StreamNow, entries: Entry[] = [change]) =>
  undoOf({ entry: change, later: [] }, stream, history({ entries }), NOW);

/** Two shards of which the first was split: a, b and the other. */
const SPLIT = (() => {
  const [first, other] = evenShards(2);
  if (!first || !other) throw new Error("two shards");
  const middle = first.from + (first.to - first.from + 1n) / 2n;
  return [
    { id: "a", parentId: first.id, from: first.from, to: middle - 1n },
    { id: "b", parentId: first.id, from: middle, to: first.to },
    other,
  ];
})();
const [{ parentId: PARENT = "" } = {}] = SPLIT;

describe("what undoes a change", () => {
  it("of the shard count is the count before", () => {
    expect(undo(changed("UpdateShardCount", 4, 8), active(evenShards(8)))).toEqual({
      kind: "UpdateShardCount",
      from: 8,
      to: 4,
    });
  });

  it("that split a shard is the merge of its two halves", () => {
    expect(undo(changed("SplitShard", 2, 3, { shard: PARENT }), active(SPLIT))).toEqual({
      ...{ kind: "MergeShards", from: 3, to: 2 },
      ...{ shardId: "a", adjacentShardId: "b" },
    });
  });

  it("that merged two shards is a split where their border was", () => {
    const [left, right] = evenShards(2);
    const merged = { id: "m", parentId: "left", from: left?.from ?? 0n, to: right?.to ?? 0n };
    expect(undo(changed("MergeShards", 2, 1, { shard: "left", border: "4711" }), active([merged]))).toEqual({
      ...{ kind: "SplitShard", from: 1, to: 2, shardId: "m" },
      newStartingHashKey: "4711",
    });
  });
});

describe("a change is not undone", () => {
  const COUNT = changed("UpdateShardCount", 4, 8);
  it.each<[string, Entry, StreamNow, RegExp]>([
    [
      "of a stream that is changing",
      COUNT,
      active(evenShards(8), { status: "UPDATING" }),
      /is UPDATING: try again/,
    ],
    ["of a stream on demand", COUNT, active(evenShards(8), { mode: "ON_DEMAND" }), /on demand/],
    ["that another one came after", COUNT, active(evenShards(6)), /has 6 open shards and had 8 after/],
    ["in one step that AWS refuses", changed("UpdateShardCount", 3, 8), active(evenShards(8)), /from 8 to 3/],
    [
      "whose halves are gone",
      changed("SplitShard", 2, 3, { shard: "gone" }),
      active(SPLIT),
      /gone was split into are not both open/,
    ],
    ["that is none", changed("CreateStream", 8, 8), active(evenShards(8)), /nothing that can be undone/],
  ])("%s", (_, change, stream, why) => {
    expect(undo(change, stream)).toEqual({ refused: expect.stringMatching(why) });
  });

  it.each(["UpdateShardCount", "SplitShard", "MergeShards"])(
    "while a %s that came after it stands, although the count is the same again",
    (action) => {
      const later = [{ ...changed(action, 4, 8), intent: { ...changed(action, 4, 8).intent, id: "second" } }];
      expect(undoOf({ entry: COUNT, later }, active(evenShards(8)), history(), NOW)).toEqual({
        refused: `it is not the last change: kinesis:${action} 4 -> 8 (second) came after it, undo that first`,
      });
    },
  );

  it("when the day's calls are used up; it says when the next is allowed", () => {
    const calls = Array.from({ length: 10 }, (_, hour) => entry(NOW - (hour + 1) * HOUR));
    expect(undo(COUNT, active(evenShards(8)), calls)).toEqual({
      refused: expect.stringMatching(
        /^10 UpdateShardCount calls .* next one is allowed at 2026-11-22T02:01Z$/,
      ),
    });
  });
});
