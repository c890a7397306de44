import { describe, expect, test } from "vitest";
import { capacityOfNode } from "../../../../../functions/scale-node-pools/decide/capacity/node-capacity.ts";
import {
  add,
  addsWhereMissing,
  below,
  NOTHING,
  subtract,
  utilisation,
  within,
} from "../../../../../functions/scale-node-pools/decide/capacity/totals.ts";
import { podsByNode } from "../../../../../functions/scale-node-pools/decide/snapshot/cluster-snapshot.ts";
import { GIB, MIB, machine, pod, shape } from "../../given.ts";

const NODE = { milliCpu: 1_000, memory: 1_000, pods: 10 };
const capacity = add(NOTHING, NODE);
const requested = (over: Partial<typeof NODE>) => add(NOTHING, { milliCpu: 0, memory: 0, pods: 0, ...over });

describe.each(["milliCpu", "memory", "pods"] as const)("%s alone", (resource) => {
  const half = requested({ [resource]: NODE[resource] / 2 });

  test("decides whether the requests are below a share of the capacity", () => {
    expect([below(half, capacity, 51), below(half, capacity, 50)]).toEqual([true, false]);
  });

  test("decides whether they are within it", () => {
    expect([within(half, capacity, 50), within(half, capacity, 49)]).toEqual([true, false]);
  });

  test("is asked of new nodes only where too much of it is requested", () => {
    const each = { ...NODE, [resource]: 0 };
    expect([
      addsWhereMissing(half, capacity, each, 50),
      addsWhereMissing(half, capacity, each, 49),
      addsWhereMissing(half, capacity, NODE, 49),
    ]).toEqual([true, false, true]);
  });

  test("is the utilisation where it is the largest", () => {
    expect(utilisation(half, capacity)).toBe(500);
  });
});

test("what is taken away is what was added", () => {
  expect(
    subtract(add(capacity, { milliCpu: 1, memory: 2, pods: 3 }), { milliCpu: 1, memory: 2, pods: 3 }),
  ).toEqual(capacity);
});

test("a node's capacity is what its own pods (DaemonSets) leave of each resource, and no others", () => {
  const { node } = machine("n1");
  const daemon = pod({ node: "n1", role: "daemon", shape: shape({ cpu: 100, mib: 256 }) });
  const app = pod({ node: "n1", shape: shape({ cpu: 700, mib: 700 }) });
  expect(capacityOfNode(node, podsByNode([daemon, app]))).toEqual({
    milliCpu: 1_900,
    memory: 8 * GIB - 256 * MIB,
    pods: 28,
  });
});
