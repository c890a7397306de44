import { describe, expect, test } from "vitest";
import {
  shapeOfTypes,
  smallestOf,
  smallestType,
} from "../../../../../functions/scale-node-pools/decide/capacity/launch-shape.ts";
import type { InstanceType } from "../../../../../functions/scale-node-pools/model/cluster.ts";

const MIB = 2 ** 20;
const type = (over: Partial<InstanceType>): InstanceType => ({
  name: "m5.large",
  vcpus: 2,
  memoryMib: 8_192,
  maxPods: 29,
  arch: "amd64",
  extended: {},
  ...over,
});

describe("what a node on an instance type offers its pods", () => {
  // CPU and pods are those of real nodes: kubectl get node -o jsonpath={.status.allocatable}
  test.each([
    ["m5.large", 2, 8_192, 29, 1_930, 6_903],
    ["m5.xlarge", 4, 16_384, 58, 3_920, 14_162],
    ["m5.2xlarge", 8, 32_768, 58, 7_910, 29_317],
    ["m5.24xlarge", 96, 393_216, 737, 95_690, 355_262],
    ["t3.nano", 2, 512, 4, 1_930, 74],
  ])("%s", (name, vcpus, memoryMib, maxPods, milliCpu, mib) => {
    expect(shapeOfTypes([type({ name, vcpus, memoryMib, maxPods })], 1)).toStrictEqual({
      allocatable: { milliCpu, memory: mib * MIB, pods: maxPods },
      labels: {
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "node.kubernetes.io/instance-type": name,
      },
      taints: [],
      units: 1,
    });
  });

  test("of several types is what the smallest of each offers, and the labels that all have", () => {
    const mixed = [
      type({ vcpus: 8, memoryMib: 16_384, maxPods: 58, extended: { "nvidia.com/gpu": 2 } }),
      type({
        name: "m6g.xlarge",
        vcpus: 4,
        memoryMib: 65_536,
        arch: "arm64",
        extended: { "nvidia.com/gpu": 1 },
      }),
    ];
    expect(shapeOfTypes(mixed, 2)).toStrictEqual({
      allocatable: {
        milliCpu: 3_920,
        memory: 14_162 * MIB,
        pods: 29,
        extended: { "nvidia.com/gpu": 1 },
      },
      labels: { "kubernetes.io/os": "linux" },
      taints: [],
      units: 2,
    });
    const [first = type({})] = mixed;
    expect(shapeOfTypes([first, type({})], 1)?.allocatable.extended).toBeUndefined();
  });

  test("is not known where no type is", () => {
    expect(shapeOfTypes([], 1)).toBeUndefined();
  });
});

test("the smallest type is the one with the fewest cores, and of these the one with the least memory", () => {
  const [a, b, c] = [
    type({ vcpus: 4, memoryMib: 1 }),
    type({ vcpus: 2, memoryMib: 4 }),
    type({ vcpus: 2, memoryMib: 3 }),
  ];
  expect([smallestType([a, b, c]), smallestType([c, b, a]), smallestType([b, a])]).toEqual([c, c, b]);
  expect(smallestType([])).toBeUndefined();
});

test("of two nodes' storage the smaller counts, or the one that is known", () => {
  const node = (ephemeralStorage?: number) => ({
    ...{ milliCpu: 1, memory: 1, pods: 1 },
    ...(ephemeralStorage !== undefined && { ephemeralStorage }),
  });
  expect(smallestOf(node(5), node(3))).toStrictEqual(node(3));
  expect(smallestOf(node(), node(3))).toStrictEqual(node(3));
  expect(smallestOf(node(5), node())).toStrictEqual(node(5));
  expect(smallestOf(node(), node())).toStrictEqual(node());
});
