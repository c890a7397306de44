import { describe, expect, it } from "vitest";
import { streamPolicies } from "../../../../functions/reshard-streams/config/streams.ts";
import { monitoring } from "../../../../functions/reshard-streams/deploy/monitoring.ts";
import { createMetricStore } from "../../../../sandbox/cloudwatch/metrics/store.ts";
import { evaluateQueries, type MetricDataQuery } from "../../../../sandbox/cloudwatch/query.ts";
import type { Graph } from "../../../../shared/monitoring/section.ts";

const MINUTE = 60_000;
const T0 = Date.UTC(2026, 10, 21, 10);

function graphOf(policy: object): Graph {
  const { section } = monitoring(streamPolicies.parse({ orders: policy }), {
    stage: "test",
    timeoutMs: () => 60_000,
    memoryMb: () => 512,
  });
  return section?.resources?.[0]?.graphs[0] ?? expect.unreachable("orders has no graph");
}

/** The graph's lines as CloudWatch evaluates them: the ids and their values, minute by minute. */
function drawn({ lines }: Graph, store = createMetricStore(), minutes = 5) {
  const queries = lines.map((line, at): MetricDataQuery => {
    const Id = line.id ?? `l${at}`;
    if ("expression" in line) return { Id, Expression: line.expression, ReturnData: true };
    const { namespace, name, dimensions, stat } = line.metric;
    const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
    const Metric = { Namespace: namespace, MetricName: name, Dimensions };
    return { Id, MetricStat: { Metric, Period: 60, Stat: stat }, ReturnData: line.hidden !== true };
  });
  const evaluated = evaluateQueries(store, queries, { from: T0, to: T0 + minutes * MINUTE });
  return (id: string) =>
    Array.from({ length: minutes }, (_, minute) =>
      evaluated.seriesOf(id)[0]?.points.get(T0 + minute * MINUTE),
    );
}

const put = (store: ReturnType<typeof createMetricStore>, name: string, minute: number, value: number) => {
  const own = name === "OpenShardCount";
  const dimensions = { ...(own && { service: "reshard-streams" }), StreamName: "orders" };
  store.put(own ? "Reflex" : "AWS/Kinesis", name, dimensions, { value }, "Count", T0 + minute * MINUTE);
};

describe("a stream's graph", () => {
  it("has its traffic and its capacity in shards", () => {
    const store = createMetricStore();
    put(store, "OpenShardCount", 0, 2);
    // Half of what a shard takes in a minute, in bytes; a tenth of it in records.
    put(store, "IncomingBytes", 0, 31_457_280);
    put(store, "IncomingRecords", 0, 6000);
    const line = drawn(graphOf({ max: 4, scaleOutAt: 0.8 }), store, 1);
    expect([line("capacity"), line("limit"), line("b"), line("r")]).toEqual([[2], [1.6], [0.5], [0.1]]);
  });

  it("calculates with the shard capacity of the policy", () => {
    const store = createMetricStore();
    put(store, "IncomingRecords", 0, 9);
    const line = drawn(graphOf({ max: 4, shardCapacity: { recordsPerSecond: 0.15 } }), store, 1);
    expect(line("r")).toEqual([1]);
  });

  it("marks a reshard where it happened, and a minute without a sweep is none", () => {
    const store = createMetricStore();
    for (const [minute, open] of [
      [0, 2],
      [2, 2],
      [3, 4],
      [4, 4],
    ] as const) {
      put(store, "OpenShardCount", minute, open);
    }
    const line = drawn(graphOf({ max: 4 }), store);
    expect(line("capacity")).toEqual([2, 2, 2, 4, 4]);
    expect(line("reshard")).toEqual([undefined, 0, 0, 2, 0]);
  });

  it("has reads where the policy counts them", () => {
    const store = createMetricStore();
    put(store, "GetRecords.Bytes", 0, 125_829_120);
    expect(drawn(graphOf({ max: 4, reads: true }), store, 1)("g")).toEqual([1]);
    expect(graphOf({ max: 4 }).lines.some(({ id }) => id === "g")).toBe(false);
  });
});
