import { describe, expect, it } from "vitest";
import {
  afterRecovery,
  interruptedRun,
} from "../../../../functions/reshard-streams/decide/recover-intent.ts";
import { type StreamNow, undoOf } from "../../../../functions/reshard-streams/decide/undo.ts";
import type { Entry, Evidence } from "../../../../shared/ledger/entry.ts";
import { calls, entry, evenShards, HOUR, history, MINUTE, NOW, stream } from "../stream.ts";

const changed = (action: string, from: number, to: number, evidence: Evidence = {}, outcome = {}): Entry =>
  entry(NOW - HOUR, { action: `kinesis:${action}`, from, to, evidence }, outcome);
const now = (rest: Partial<StreamNow> = {}): StreamNow => ({
  ...{ status: "ACTIVE", mode: "ON_DEMAND", shards: evenShards(4) },
  ...rest,
});
const undo = (change: Entry, shown: StreamNow, entries: Entry[] = [change], later: Entry[] = []) =>
  undoOf({ entry: change, later }, shown, history({ entries }), NOW);
const SINCE = "it was changed since, undo that first";

describe("warm throughput", () => {
  const warmed = changed("UpdateStreamWarmThroughput", 5, 20);

  it("goes back to what it was, while it is what the change made it", () => {
    expect(undo(warmed, now({ warmMiBps: 20 }))).toEqual({
      ...{ kind: "UpdateStreamWarmThroughput", from: 20, to: 5 },
    });
  });

  it.each([
    ["it is something else", now({ warmMiBps: 30 }), 30],
    ["none is kept", now(), 0],
    ["the stream is provisioned", now({ mode: "PROVISIONED", warmMiBps: 20 }), 20],
  ])("does not where %s", (_, shown, is) => {
    expect(undo(warmed, shown)).toEqual({
      refused: `${is} MiB/s are kept warm and were 20 after this change: ${SINCE}`,
    });
  });

  it("does although shards were changed since, not after another change of it", () => {
    const later = { ...changed("UpdateStreamWarmThroughput", 20, 30) };
    expect(undo(warmed, now({ warmMiBps: 20 }), [], [changed("SplitShard", 4, 5)])).toMatchObject({ to: 5 });
    expect(undo(warmed, now({ warmMiBps: 20 }), [], [later])).toEqual({
      refused: `it is not the last change: kinesis:UpdateStreamWarmThroughput 20 -> 30 (${later.intent.id}) came after it, undo that first`,
    });
  });
});

describe("how records are distributed", () => {
  const spread = changed("UpdateStreamRecordDistributionStrategy", 4, 4);

  it("goes back to by partition key, while it is AUTO", () => {
    expect(undo(spread, now({ distribution: "AUTO" }))).toEqual({
      ...{ kind: "UpdateStreamRecordDistributionStrategy", from: 4, to: 4, strategy: "USER_PARTITION_KEY" },
    });
    expect(undo(spread, now({ distribution: "USER_PARTITION_KEY" }))).toEqual({
      refused: `records are not distributed by AUTO any more: ${SINCE}`,
    });
  });
});

describe("the capacity mode", () => {
  const switched = (mode: string, outcome = {}) => changed("UpdateStreamMode", 4, 4, { mode }, outcome);

  it.each([
    ["ON_DEMAND", "PROVISIONED"],
    ["PROVISIONED", "ON_DEMAND"],
  ] as const)("goes from %s back to %s", (mode, to) => {
    expect(undo(switched(mode), now({ mode }))).toEqual({
      ...{ kind: "UpdateStreamMode", from: 4, to: 4, mode: to },
    });
  });

  it("does not where it is another by now", () => {
    expect(undo(switched("ON_DEMAND"), now({ mode: "PROVISIONED" }))).toEqual({
      refused: `the stream is PROVISIONED: ${SINCE}`,
    });
  });

  it("does not where AWS would take no more switch today: two that were made", () => {
    const change = switched("ON_DEMAND");
    expect(undo(change, now(), [change, switched("PROVISIONED", { result: "refused" })])).toMatchObject({
      kind: "UpdateStreamMode",
    });
    expect(undo(change, now(), [change, switched("PROVISIONED")])).toEqual({
      refused: "the mode was switched 2 times in 24 hours, which is all AWS takes",
    });
  });
});

describe("the shards", () => {
  it("are not changed where no call is left today", () => {
    const change = changed("UpdateShardCount", 2, 4);
    const next = new Date(NOW - 10.5 * HOUR + 24 * HOUR + MINUTE).toISOString().slice(0, 16);
    expect(undo(change, now({ mode: "PROVISIONED" }), calls(10))).toEqual({
      refused: `10 UpdateShardCount calls were made in 24 hours, which is all AWS takes: the next one is allowed at ${next}Z`,
    });
  });

  it.each([
    [4, 2, "UpdateShardCount"],
    [4, 8, "UpdateShardCount"],
  ])("go from %i back to %i in one call", (to, from, kind) => {
    expect(undo(changed("UpdateShardCount", from, to), now({ mode: "PROVISIONED" }))).toEqual({
      ...{ kind, from: to, to: from },
    });
  });

  it.each([
    [1, "from 4 to 1"],
    [9, "from 4 to 9"],
  ])("do not go back to %i in one call", (from, what) => {
    expect(undo(changed("UpdateShardCount", from, 4), now({ mode: "PROVISIONED" }))).toEqual({
      refused: `AWS takes no step ${what} shards: it takes half to double`,
    });
  });

  it("are not split again where the border is not known, or the merged one is closed", () => {
    const merged = [{ id: "m", parentId: "left", from: 0n, to: 2n ** 128n - 1n }];
    const refused = "the shard that left was merged into is not open any more";
    const one = now({ mode: "PROVISIONED", shards: merged });
    expect(undo(changed("MergeShards", 2, 1, { shard: "left" }), one)).toEqual({ refused });
    const closed = now({ mode: "PROVISIONED", shards: evenShards(1) });
    expect(undo(changed("MergeShards", 2, 1, { shard: "left", border: "7" }), closed)).toEqual({ refused });
  });

  it("are not merged where the halves of a split are no neighbours, or were split again", () => {
    const [a, b, c, d] = evenShards(4).map((shard) => ({ ...shard, parentId: "p" }));
    if (!a || !b || !c || !d) throw new Error("four shards");
    const other = (shard: typeof a) => ({ ...shard, parentId: "q" });
    const halves = (shards: (typeof a)[]) =>
      undo(changed("SplitShard", 3, 4, { shard: "p" }), now({ mode: "PROVISIONED", shards }));
    const refused = "the two shards that p was split into are not both open any more";
    expect(halves([a, b, other(c), other(d)])).toMatchObject({ shardId: a.id, adjacentShardId: b.id, to: 3 });
    expect(halves([a, other(b), c, other(d)])).toEqual({ refused });
    expect(halves([a, b, c, other(d)])).toEqual({ refused });
    expect(halves([a, other(b), other(c), other(d)])).toEqual({ refused });
  });
});

describe("what a run left that died", () => {
  const died = (action: string, rest: Parameters<typeof stream>[2], evidence: Evidence = {}) => {
    const { intent } = entry(NOW - 2 * MINUTE, { action: `kinesis:${action}`, from: 5, to: 20, evidence });
    return interruptedRun(history({ pending: intent }), stream(4, 1, rest), NOW)?.outcome;
  };
  const left = "its run left no outcome; the stream";

  it.each<[string, Parameters<typeof stream>[2], string, string]>([
    ["UpdateStreamWarmThroughput", { warmMiBps: 20 }, "applied", `${left} has 20 MiB/s of warm throughput`],
    ["UpdateStreamWarmThroughput", {}, "lost", `${left} has 0 MiB/s of warm throughput, not 20`],
    [
      "UpdateStreamRecordDistributionStrategy",
      { distribution: "AUTO" },
      "applied",
      `${left} distributes records by AUTO`,
    ],
    [
      "UpdateStreamRecordDistributionStrategy",
      {},
      "lost",
      `${left} distributes records by partition key, not AUTO`,
    ],
    ["UpdateStreamMode", { mode: "ON_DEMAND" }, "applied", `${left} is in mode ON_DEMAND`],
    ["UpdateStreamMode", {}, "lost", `${left} is in mode PROVISIONED, not ON_DEMAND`],
  ])("%s with %j is %s", (action, rest, result, detail) => {
    expect(died(action, rest, { mode: "ON_DEMAND" })).toEqual({ result, at: NOW, detail });
  });

  it("says whether it was made", () => {
    const { intent } = entry(NOW - 2 * MINUTE, { from: 2, to: 4 });
    expect(afterRecovery({ intent, outcome: { result: "applied", at: NOW } }).reasons).toEqual([
      "kinesis:UpdateShardCount 2 -> 4, started at 2026-11-21T11:58Z: it was applied; ",
    ]);
  });
});
