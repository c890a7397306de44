import { describe, expect, test } from "vitest";
import { addPod, createBin, removePod } from "../../../../functions/scale-node-pools/decide/packing/bin.ts";
import { Packing } from "../../../../functions/scale-node-pools/decide/packing/packing.ts";
import type { PodShape } from "../../../../functions/scale-node-pools/model/cluster.ts";
import type { Resources } from "../../../../shared/kubernetes/resources.ts";
import { shape } from "../given.ts";

const DRIVER = "ebs.csi.aws.com";

const bin = (allocatable: Partial<Resources> = {}, volumeLimits: Record<string, number> = {}) =>
  createBin(
    {
      name: "n",
      labels: {},
      taints: [],
      group: "workers",
      allocatable: { milliCpu: 1000, memory: 1000, pods: 10, ...allocatable },
      volumeLimits,
    },
    "open",
  );

const asking = (requests: Partial<Resources>, volumes?: Record<string, number>): PodShape =>
  shape({
    requests: { milliCpu: 0, memory: 0, pods: 1, ...requests },
    ...(volumes && { volumes }),
  });

/** How many pods of a shape a node takes. */
function taken(node: ReturnType<typeof bin>, pod: PodShape): number {
  const packing = new Packing([node]);
  let pods = 0;
  while (pods < 50 && packing.place(pod)) pods++;
  return pods;
}

describe("a node takes as many pods as it has of each resource, and not one more", () => {
  test.each<[string, Partial<Resources>, Partial<Resources>]>([
    ["CPU", {}, { milliCpu: 300 }],
    ["memory", {}, { memory: 300 }],
    ["ephemeral storage", { ephemeralStorage: 1000 }, { ephemeralStorage: 300 }],
    ["huge pages", { extended: { "hugepages-2Mi": 1000 } }, { extended: { "hugepages-2Mi": 300 } }],
    ["an extended resource", { extended: { "nvidia.com/gpu": 10 } }, { extended: { "nvidia.com/gpu": 3 } }],
  ])("%s", (_, has, asks) => {
    expect(taken(bin(has), asking(asks))).toBe(3);
  });

  test("volumes of a driver", () => {
    expect(taken(bin({}, { [DRIVER]: 7 }), asking({}, { [DRIVER]: 2 }))).toBe(3);
  });

  test("exactly all of it", () => {
    expect(taken(bin(), asking({ memory: 250 }))).toBe(4);
    expect(taken(bin({ ephemeralStorage: 1000 }), asking({ ephemeralStorage: 250 }))).toBe(4);
    expect(taken(bin({}, { [DRIVER]: 4 }), asking({}, { [DRIVER]: 1 }))).toBe(4);
  });

  test("and as many as it may have pods where nothing else limits them", () => {
    expect(taken(bin(), asking({ ephemeralStorage: 10 ** 12 }))).toBe(10);
    expect(taken(bin(), asking({}, { "efs.csi.aws.com": 5 }))).toBe(10);
  });
});

test("a pod that leaves gives all of it back", () => {
  const node = bin({ ephemeralStorage: 1000, extended: { "a/b": 5 } }, { [DRIVER]: 3 });
  const pod = asking(
    { milliCpu: 1, memory: 2, ephemeralStorage: 3, extended: { "a/b": 4 } },
    { [DRIVER]: 2 },
  );
  const before = structuredClone(node.free);
  addPod(node, pod);
  expect(node.free).toMatchObject({ milliCpu: 999, memory: 998, pods: 9, ephemeralStorage: 997 });
  expect([node.free.extended.get("a/b"), node.free.volumes.get(DRIVER)]).toEqual([1, 1]);
  removePod(node, pod);
  expect(node.free).toEqual(before);
});

test("a pod that requests none of what an overcommitted node lacks fits it", () => {
  const node = bin({ ephemeralStorage: 0 });
  addPod(node, asking({ memory: 2000 }));
  expect(taken(node, asking({ milliCpu: 500 }))).toBe(2);
});
