import type { MetricDataResult } from "@aws-sdk/client-cloudwatch";
import { describe, expect, it } from "vitest";
import { queriesFor } from "../../../../functions/reshard-streams/observe/metric-queries.ts";
import { readMetrics } from "../../../../functions/reshard-streams/observe/metric-results.ts";
import { MINUTE, NOW, policy } from "../stream.ts";

const at = (minutesAgo: number) => new Date(NOW - minutesAgo * MINUTE);

function result(
  series: string,
  values: Record<number, number>,
  rest: Partial<MetricDataResult> = {},
): MetricDataResult {
  const ago = Object.keys(values).map(Number);
  return {
    Id: `s0_${series}`,
    StatusCode: "Complete",
    Timestamps: ago.map(at),
    Values: ago.map((minute) => values[minute] ?? 0),
    ...rest,
  };
}

const read = (results: MetricDataResult[], keys: object = {}) =>
  readMetrics(results, policy({ ...keys }), "s0", NOW);

describe("the queries for a stream", () => {
  const asked = (keys: object) =>
    queriesFor("orders", policy({ ...keys }), "s7").map(({ Id, MetricStat, Expression }) =>
      Expression ? [Id, Expression] : [Id, MetricStat?.Metric?.MetricName, MetricStat?.Stat],
    );

  it("are those that are always needed, by the minute", () => {
    expect(asked({})).toEqual([
      ["s7_bytes", "IncomingBytes", "Sum"],
      ["s7_records", "IncomingRecords", "Sum"],
      ["s7_throttled", "WriteProvisionedThroughputExceeded", "Sum"],
      ["s7_iteratorAgeMs", "GetRecords.IteratorAgeMilliseconds", "Maximum"],
      ["s7_subscriberAgeMs", "SubscribeToShardEvent.MillisBehindLatest", "Maximum"],
      ["s7_heartbeat", "OpenShardCount", "Maximum"],
    ]);
    for (const { MetricStat } of queriesFor("orders", policy(), "s7").slice(0, -1)) {
      expect(MetricStat).toMatchObject({
        Period: 60,
        Metric: { Namespace: "AWS/Kinesis", Dimensions: [{ Name: "StreamName", Value: "orders" }] },
      });
    }
  });

  it("are of reads too where the policy asks for them", () => {
    expect(asked({ reads: true }).slice(5, -1)).toEqual([
      ["s7_readBytes", "GetRecords.Bytes", "Sum"],
      ["s7_throttledReads", "ReadProvisionedThroughputExceeded", "Sum"],
    ]);
  });

  it("find the shards by themselves where the policy asks for shard metrics", () => {
    const [, expression] = asked({ shardMetrics: true }).find(([id]) => id === "s7_shard_bytes") ?? [];
    expect(expression).toBe(
      `SEARCH('{AWS/Kinesis,ShardId,StreamName} MetricName="IncomingBytes" StreamName="orders"', 'Sum', 60)`,
    );
    expect(
      asked({ shardMetrics: true })
        .map(([id]) => id)
        .slice(6),
    ).toEqual(["s7_shard_bytes", "s7_shard_records", "s7_shard_throttled"]);
  });

  it("have ids as CloudWatch takes them: a lower-case letter first, then letters, digits, underscores", () => {
    for (const { Id } of queriesFor("orders", policy({ reads: true, shardMetrics: true }), "s0")) {
      expect(Id).toMatch(/^[a-z][a-zA-Z0-9_]*$/);
    }
  });
});

describe("the answers", () => {
  it("are minutes, oldest first, in whatever order CloudWatch lists them", () => {
    const { minutes } = read([result("bytes", { 1: 10, 2: 20 }), result("records", { 2: 2, 1: 1 })]);
    expect(minutes).toMatchObject([
      { at: at(2).getTime(), bytes: 20, records: 2 },
      { at: at(1).getTime(), bytes: 10, records: 1 },
    ]);
  });

  it("leave out nothing that only one metric has: the rest of that minute is zero", () => {
    expect(read([result("throttled", { 3: 7 })]).minutes).toEqual([
      { at: at(3).getTime(), bytes: 0, records: 0, throttled: 7, readBytes: 0, throttledReads: 0 },
    ]);
  });

  it("have the iterator age of the last minutes only, the largest of them", () => {
    const age = result("iteratorAgeMs", { 30: 900_000, 3: 4_000, 2: 9_000, 1: 500 });
    expect(read([age], { scaleOutMinutes: 5 }).iteratorAgeMs).toBe(9_000);
  });

  it("have no iterator age when nobody reads", () => {
    expect(read([result("iteratorAgeMs", {})])).not.toHaveProperty("iteratorAgeMs");
  });

  it("have the shards' busiest minutes and what each refused", () => {
    const { shardLoads } = read(
      [
        result("shard_bytes", { 1: 5, 2: 9, 30: 99 }, { Label: "shardId-0" }),
        result("shard_records", { 1: 3 }, { Label: "shardId-0" }),
        result("shard_throttled", { 1: 1, 2: 1 }, { Label: "shardId-1" }),
      ],
      { shardMetrics: true },
    );
    expect(shardLoads).toEqual([
      { shardId: "shardId-0", bytes: 9, records: 3, throttled: 0 },
      { shardId: "shardId-1", bytes: 0, records: 0, throttled: 2 },
    ]);
  });

  it.each(["InternalError", "Forbidden"] as const)("are incomplete when one says %s", (StatusCode) => {
    expect(read([result("bytes", { 1: 1 }), result("records", {}, { StatusCode })]).complete).toBe(false);
  });

  it("are incomplete when there are none", () => {
    expect(read([]).complete).toBe(false);
  });

  it("are complete when a result that went on over pages was partial on the first", () => {
    const first = result("bytes", { 2: 2 }, { StatusCode: "PartialData" });
    expect(read([first, result("bytes", { 1: 1 })]).complete).toBe(true);
  });

  it("are complete without any traffic", () => {
    expect(read([result("bytes", {})])).toMatchObject({ complete: true, minutes: [] });
  });
});
