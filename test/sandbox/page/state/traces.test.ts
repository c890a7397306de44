import { describe, expect, it } from "vitest";
import { serviceMap } from "../../../../sandbox/page/state/service-map.ts";
import { traceSummary, traceView } from "../../../../sandbox/page/state/trace-view.ts";
import { createTraces, type Trace } from "../../../../sandbox/xray/traces.ts";

const ID = "1-5759e988-bd862e3fe1be46a994272793";

/** A segment that began `start` ms after the epoch's second 1000 and took `took` ms. */
const segment = (id: number, name: string, start: number, took: number, more: object = {}) => ({
  id: id.toString(16).padStart(16, "0"),
  trace_id: ID,
  name,
  start_time: 1000 + start / 1000,
  end_time: 1000 + (start + took) / 1000,
  ...more,
});

const parent = (id: number) => ({ parent_id: id.toString(16).padStart(16, "0") });

function traceOf(...documents: readonly object[]): Trace {
  const traces = createTraces();
  for (const document of documents) expect(traces.add(JSON.stringify(document))).toBeUndefined();
  return traces.get(ID) ?? expect.unreachable("no trace");
}

const lambda = (id: number, name: string, start: number, took: number, more: object = {}) => [
  segment(id, name, start, took, { origin: "AWS::Lambda", ...more }),
  segment(id + 1, name, start, took, { origin: "AWS::Lambda::Function", ...parent(id) }),
];

/** The scaler observes, and hands a node to drain-nodes, which calls EKS; sent as apart as the SDK sends it. */
const trace = traceOf(
  segment(3, "observe", 10, 40, {
    ...parent(2),
    type: "subsegment",
    annotations: { automation: "scale", resource: "node-pool/workers" },
    subsegments: [
      {
        ...segment(5, "EC2", 30, 10, { namespace: "aws", aws: { operation: "DescribeInstances" } }),
        http: { response: { status: 400 } },
        error: true,
        throttle: true,
        cause: { exceptions: [{ message: "Rate exceeded" }] },
      },
      segment(4, "EKS", 20, 10, { namespace: "aws" }),
    ],
  }),
  segment(6, "decide", 50, 1, {
    ...parent(2),
    type: "subsegment",
    annotations: { trigger: "alarm", decision: "in" },
    metadata: { reflex: { reasons: ["few pods"] } },
  }),
  segment(7, "Lambda", 60, 5, { ...parent(2), type: "subsegment", namespace: "aws" }),
  ...lambda(1, "scale", 0, 100),
  ...lambda(8, "drain", 70, 20, parent(7)),
  segment(10, "EKS", 75, 5, { ...parent(9), type: "subsegment", namespace: "aws" }),
);

describe("a trace", () => {
  it("is a waterfall: each part under the one it is in, side by side in the order they began", () => {
    const rows = traceView(trace).rows.map(({ depth, name, startMs }) => [depth, name, Math.round(startMs)]);
    expect(rows).toEqual([
      [0, "scale", 0],
      [1, "scale", 0],
      [2, "observe", 10],
      [3, "EKS", 20],
      [3, "EC2", 30],
      [2, "decide", 50],
      [2, "Lambda", 60],
      [3, "drain", 70],
      [4, "drain", 70],
      [5, "EKS", 75],
    ]);
  });

  it("says of a part what it called, how it ended and why", () => {
    const row = traceView(trace).rows.find(({ name }) => name === "EC2");
    expect(row).toMatchObject({
      kind: "aws",
      operation: "DescribeInstances",
      status: 400,
      fault: true,
      throttle: true,
      cause: "Rate exceeded",
    });
  });

  it("keeps a part's metadata to be read", () => {
    const row = traceView(trace).rows.find(({ name }) => name === "decide");
    expect(JSON.parse(row?.metadata ?? "")).toEqual({ reflex: { reasons: ["few pods"] } });
  });

  it("is one line in the list, found by its annotations", () => {
    const { functions, faults, throttles, segments, durationMs, annotations } = traceSummary(trace);
    expect({ functions, faults, throttles, segments, durationMs: Math.round(durationMs) }).toEqual({
      functions: ["scale", "drain"],
      faults: 1,
      throttles: 1,
      segments: 10,
      durationMs: 100,
    });
    expect(annotations).toContain("decision=in");
  });

  it("whose outer segment is not there yet is shown as far as it is known", () => {
    const early = traceOf(segment(3, "observe", 10, 40, { ...parent(2), type: "subsegment" }));
    expect(traceView(early).rows.map(({ depth, name }) => [depth, name])).toEqual([[0, "observe"]]);
  });
});

describe("the service map", () => {
  it("leads from what woke a function to what it called, and from one function to the next", () => {
    const edges = serviceMap([trace]).edges.map(({ from, to }) => `${from} -> ${to}`);
    expect(edges.toSorted()).toEqual([
      "function drain -> aws EKS",
      "function scale -> aws EC2",
      "function scale -> aws EKS",
      "function scale -> function drain",
      "trigger alarm -> function scale",
    ]);
  });

  it("counts calls, faults and the mean time of each", () => {
    const nodes = new Map(serviceMap([trace, trace]).nodes.map((node) => [node.id, node]));
    expect(nodes.get("aws EC2")).toMatchObject({ calls: 2, faults: 2 });
    expect(nodes.get("aws EKS")).toMatchObject({ calls: 4, faults: 0 });
    expect(nodes.get("aws EKS")?.meanMs).toBeCloseTo(7.5);
  });

  it("puts many hosts into one", () => {
    const probes = Array.from({ length: 20 }, (_, index) =>
      segment(20 + index, `host-${index}.example`, 10, 5, { ...parent(2), namespace: "remote" }),
    );
    const { nodes } = serviceMap([traceOf(...lambda(1, "check", 0, 100), ...probes)]);
    const hosts = nodes.filter(({ kind }) => kind === "remote");
    expect(hosts).toHaveLength(7);
    expect(hosts.find(({ name }) => name === "other hosts")).toMatchObject({ calls: 14 });
  });
});
