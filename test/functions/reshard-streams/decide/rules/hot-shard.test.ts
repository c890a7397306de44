import { describe, expect, it } from "vitest";
import { decide } from "../../../../../functions/reshard-streams/decide/decide.ts";
import { factsOf } from "../../../../../functions/reshard-streams/decide/rules/facts.ts";
import { othersNeedMore } from "../../../../../functions/reshard-streams/decide/rules/hot-shard.ts";
import { evenShards, history, NOW, policy, SHARD_MINUTE, stream } from "../../stream.ts";

/** Four shards of which each carried so much, by its share of what a shard takes, at 90 % of the stream. */
const seen = (...loads: readonly number[]) =>
  stream(4, 3.6, {
    shardLoads: evenShards(4).map(({ id }, index) => ({
      ...{ shardId: id, records: 0, throttled: 0 },
      bytes: (loads[index] ?? 0) * SHARD_MINUTE,
    })),
  });

const needMore = (...loads: readonly number[]) =>
  othersNeedMore(factsOf(seen(...loads), policy({ shardMetrics: true }), history(), NOW));

describe("a stream that is used above its limit", () => {
  it("only needs its hot shard split while the others have room", () => {
    expect(needMore(1, 0.1, 0.1, 0.1)).toBe(false);
    expect(decide(seen(1, 0.1, 0.1, 0.1), policy({ shardMetrics: true }), history(), NOW)).toMatchObject({
      ...{ kind: "SplitShard", verdict: "hot-shard", shardId: "shardId-000000000000" },
    });
  });

  it("needs more shards where another one is full too, hot or not", () => {
    expect(needMore(3, 0.9, 0.1, 0.1)).toBe(true);
    expect(needMore(0.9, 0.9, 0.9, 0.9)).toBe(true);
  });
});
