import { describe, expect, it } from "vitest";
import { layOut, NODE } from "../../../../sandbox/page/browser/traces/service-layout.ts";
import type { ServiceEdge, ServiceKind, ServiceNode } from "../../../../sandbox/page/state/state.ts";

const node = (kind: ServiceKind, name: string): ServiceNode => ({
  id: name,
  ...{ name, kind, calls: 1, faults: 0, meanMs: 1 },
});
const edge = (from: string, to: string): ServiceEdge => ({ from, to, calls: 1, faults: 0 });

const nodes = [
  node("aws", "Kinesis"),
  node("function", "drain"),
  node("function", "scale"),
  node("trigger", "alarm"),
  node("aws", "EKS"),
];
const edges = [
  edge("alarm", "scale"),
  edge("scale", "drain"),
  edge("drain", "EKS"),
  edge("scale", "Kinesis"),
];

describe("the map's layout", () => {
  it("goes from triggers over functions, the called to the right of its caller, to services", () => {
    const placed = layOut({ nodes, edges }).nodes;
    const columns = [...Map.groupBy(placed, ({ x }) => x)].sort(([a], [b]) => a - b);
    expect(columns.map(([, own]) => own.map(({ name }) => name).sort())).toEqual([
      ["alarm"],
      ["scale"],
      ["drain"],
      ["EKS", "Kinesis"],
    ]);
  });

  it("lets no two nodes overlap", () => {
    const placed = layOut({ nodes, edges }).nodes;
    const overlapping = placed.filter((one) =>
      placed.some((other) => other !== one && other.x === one.x && Math.abs(other.y - one.y) < NODE.height),
    );
    expect(overlapping).toEqual([]);
  });

  it("comes to an end for functions that call each other", () => {
    const circle = [...edges, edge("drain", "scale"), edge("drain", "drain")];
    expect(layOut({ nodes, edges: circle }).nodes).toHaveLength(nodes.length);
  });

  it("is there before anything was traced", () => {
    expect(layOut({ nodes: [], edges: [] })).toMatchObject({ nodes: [], edges: [] });
  });
});
