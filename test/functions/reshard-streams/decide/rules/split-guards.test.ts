import { describe, expect, it } from "vitest";
import { merge, split, updateTo } from "../../../../../functions/reshard-streams/decide/rules/decisions.ts";
import { factsOf } from "../../../../../functions/reshard-streams/decide/rules/facts.ts";
import { evenShards, history, NOW, policy, stream } from "../../stream.ts";

const facts = (open: number, keys: Record<string, unknown> = {}, shards = evenShards(open)) =>
  factsOf(stream(open, 1, { shards }), policy(keys), history(), NOW);
const [first, second] = evenShards(4);
if (!first || !second) throw new Error("four shards");

describe("a split", () => {
  it("halves the shard, and leads to one shard more unless more is said", () => {
    expect(split(facts(4), "hot-shard", second.id, "busy")).toMatchObject({
      ...{ kind: "SplitShard", verdict: "hot-shard", direction: "out", from: 4, to: 5, goal: 5 },
      ...{
        shardId: second.id,
        newStartingHashKey: (second.from + (second.to - second.from + 1n) / 2n).toString(),
      },
      ...{ reasons: ["busy"], evidence: { shard: second.id, openShards: 4 } },
    });
    expect(split(facts(4), "scale-out", second.id, "busy", 8)).toMatchObject({ goal: 8 });
  });

  it("is never made at max, whoever asks for it, and a person hears why", () => {
    expect(split(facts(4, { max: 4 }), "hot-shard", second.id, "busy")).toMatchObject({
      ...{ kind: "hold", verdict: "at-max", notify: true, requeue: false },
      reasons: ["busy; but max is 4, so it cannot be split"],
    });
    expect(split(facts(5, { max: 4 }), "hot-shard", second.id, "busy").kind).toBe("hold");
    expect(split(facts(4, { max: 5 }), "hot-shard", second.id, "busy").kind).toBe("SplitShard");
  });

  it("is never made of a single hash key", () => {
    const single = evenShards(4).map((shard) =>
      shard.id === second.id ? { ...shard, to: shard.from } : shard,
    );
    expect(split(facts(4, {}, single), "hot-shard", second.id, "busy")).toMatchObject({
      ...{ kind: "hold", verdict: "at-max", notify: true },
      reasons: [`busy; but ${second.id} owns a single hash key, so it cannot be split`],
    });
  });
});

describe("a merge", () => {
  it("joins the two narrowest neighbours, and says where the border was", () => {
    expect(merge(facts(4), 0.5, "idle", 2)).toEqual({
      ...{ kind: "MergeShards", verdict: "scale-in", direction: "in", from: 4, to: 3, goal: 2 },
      ...{ shardId: first.id, adjacentShardId: second.id, adjacentStartingHashKey: second.from.toString() },
      reasons: ["idle"],
      evidence: {
        ...facts(4).evidence,
        ...{ shard: first.id, adjacentShard: second.id, border: second.from.toString() },
      },
    });
  });

  it("is not made where no two own so little together", () => {
    expect(merge(facts(4), 0.49, "idle", 2)).toBeUndefined();
  });
});

describe("a call of UpdateShardCount", () => {
  it.each([
    [4, 6, 6, "out"],
    [4, 9, 8, "out"],
    [4, 3, 3, "in"],
    [5, 1, 3, "in"],
  ])("from %i towards %i goes to %i: it takes half to double", (open, goal, to, direction) => {
    const step = `one call goes from ${open} to ${to} at most: the next one goes on towards ${goal}`;
    expect(updateTo(facts(open), "scale-out", goal, "why")).toMatchObject({
      ...{ kind: "UpdateShardCount", from: open, to, goal, direction, evidence: { goal } },
      reasons: to === goal ? ["why"] : ["why", step],
    });
  });
});
