import type {
  ClusterNode,
  DaemonSet,
  Group,
  Pod,
} from "../../../../../../functions/scale-node-pools/model/cluster.ts";
import { cluster, group, machine, pool, shape } from "../../../given.ts";
import { FREELY, filled, type Given, one, pods, type Scenario } from "../given.ts";

/** One pool of zonal groups, each with what is said of it beside what is said of all. */
export function zones(
  name: string,
  sizes: readonly number[],
  groups: readonly Partial<Group>[],
  given: Omit<Given, "sizes"> = {},
): Scenario {
  const made = one(name, { ...given, sizes });
  return {
    ...made,
    pools: made.pools.map((each) => ({
      ...each,
      groups: each.groups.map((own, at) => ({ ...own, ...groups[at] })),
    })),
  };
}

type Allocatable = ClusterNode["allocatable"];

/** Two pools of one full node each; pods wait that may fit both. */
export function pair(
  name: string,
  first: Allocatable,
  second: Allocatable,
  asks: Parameters<typeof shape>[0],
  over: {
    readonly first?: Record<string, unknown>;
    readonly second?: Record<string, unknown>;
    readonly daemonSets?: readonly DaemonSet[];
    /** A launch for the first pool that failed. */
    readonly failed?: Group["failedLaunch"];
    readonly number?: number;
    /** Places for pods on the nodes of the first pool, beside the one that fills it. */
    readonly pods?: number;
  } = {},
): Scenario {
  const places = over.pods === undefined ? {} : { pods: over.pods };
  const a = machine("a1", { node: { allocatable: { ...first, ...places } } });
  const b = machine("b1", { node: { allocatable: second } });
  const waiting: Pod[] = pods(over.number ?? 1, {
    shape: shape(asks),
    uid: "u-1",
    owner: "default/ReplicaSet/web",
  });
  const on = [...filled([a.node], first.milliCpu - 10), ...filled([b.node], second.milliCpu - 10)];
  return {
    name,
    cluster: cluster([a.node, b.node], [...on, ...waiting], { daemonSets: over.daemonSets ?? [] }),
    pools: [
      pool(
        [group("first", [a.instance], over.failed ? { desired: 2, failedLaunch: over.failed } : {})],
        { ...FREELY, targetUtilisation: 100, ...over.first },
        { name: "first" },
      ),
      pool(
        [group("second", [b.instance])],
        { ...FREELY, targetUtilisation: 100, ...over.second },
        { name: "second" },
      ),
    ],
  };
}
