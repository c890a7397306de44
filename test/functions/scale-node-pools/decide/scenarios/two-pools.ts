import type { Pool } from "../../../../../functions/scale-node-pools/model/cluster.ts";
import { cluster, GIB, group, machine, pool } from "../../given.ts";
import { asking, FREELY, filled, type Scenario } from "./given.ts";

/** Two pools of one cluster: the pod fits both. */
function twoPools(
  name: string,
  first: Record<string, unknown>,
  second: Record<string, unknown>,
  over: Partial<Pool> = {},
): Scenario {
  const [a, b] = [
    machine("a1"),
    machine("b1", {
      zone: "us-east-1b",
      node: { allocatable: { milliCpu: 4000, memory: 16 * GIB, pods: 58 } },
    }),
  ];
  const nodes = [a.node, b.node];
  return {
    name,
    cluster: cluster(nodes, [
      ...filled(nodes.slice(0, 1), 1300),
      ...filled(nodes.slice(1), 2700),
      ...asking({ cpu: 1900 }),
    ]),
    pools: [
      pool([group("small", [a.instance])], { ...FREELY, ...first }, { name: "small", ...over }),
      pool(
        [group("large", [b.instance], { zones: ["us-east-1b"] })],
        { ...FREELY, ...second },
        { name: "large", ...over },
      ),
    ],
  };
}

export const TWO_POOLS: readonly Scenario[] = [
  twoPools("the pool that wastes less", {}, {}),
  twoPools("the pool of higher priority", {}, { priority: 1 }),
  twoPools("the cheaper pool, of equal waste", { pricePerHour: 0.1 }, { pricePerHour: 0.05 }),
  twoPools("the first is at its max", { max: 1 }, {}),
  twoPools("both are at their max", { max: 1 }, { max: 1 }),
];
