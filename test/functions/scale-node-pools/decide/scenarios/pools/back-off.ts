import type { ClusterNode } from "../../../../../../functions/scale-node-pools/model/cluster.ts";
import type { GroupStatus } from "../../../../../../functions/scale-node-pools/model/pool-status.ts";
import { GIB, MINUTE, machine, NOW } from "../../../given.ts";
import { one, type Scenario } from "../given.ts";

const OLD = { createdAt: NOW - 6_000 * MINUTE };
const failed = (msAgo: number, over: Partial<GroupStatus> = {}) => ({
  groups: {
    "workers-a": {
      ...{ failures: 1, lastFailureAt: NOW - msAgo, code: "launch-failed" as const },
      text: "its launch failed",
      ...over,
    },
  },
});
/** A group that failed before, with a node that joined so long before now. */
const since = (
  name: string,
  msAgo: number,
  over: Partial<GroupStatus> = {},
  a1: Partial<ClusterNode> = OLD,
) => one(name, { sizes: [1], status: failed(msAgo, over), nodes: { a1 } });
/** A group that failed 20 minutes ago, with a second node that joined after that. */
const joined = (name: string, a2: Partial<ClusterNode>) =>
  one(name, {
    sizes: [2],
    raw: { min: 2 },
    status: failed(20 * MINUTE, { failures: 2 }),
    nodes: { a1: OLD, a2: { createdAt: NOW - 18 * MINUTE, ...a2 } },
  });

const NEVER = { code: "instances-never-joined" as const };
const GPU_TAG = { "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu": "1" };
/** Two old nodes without the GPU that their group's tags declare. */
const lacking = (name: string, launched: readonly [a1: number, a2: number], created = launched): Scenario =>
  one(name, {
    sizes: [2],
    raw: { min: 2 },
    groups: { tags: GPU_TAG },
    nodes: {
      a1: { createdAt: NOW - created[0] * MINUTE },
      a2: { createdAt: NOW - created[1] * MINUTE },
    },
    instances: {
      a1: { launchedAt: NOW - launched[0] * MINUTE },
      a2: { launchedAt: NOW - launched[1] * MINUTE },
    },
  });

export const BACK_OFF: readonly Scenario[] = [
  since("the last moment of a back-off", 15 * MINUTE - 1),
  since("the end of a back-off", 15 * MINUTE),
  since("as long again after a back-off, less a moment", 30 * MINUTE - 1),
  since("as long again after a back-off: it is forgotten", 30 * MINUTE),
  since("as long again after the third back-off, less a moment", 120 * MINUTE - 1, { failures: 3 }),
  since("as long again after the third back-off: it is forgotten", 120 * MINUTE, { failures: 3 }),
  since("instances that did not join are remembered for two joinWithin longer", 60 * MINUTE - 1, NEVER),
  since("and then forgotten", 60 * MINUTE, NEVER),
  joined("a node that joined after the failure ends it", {}),
  joined("but not one that is cordoned", { cordoned: true }),
  joined("nor one that is not ready", { ready: false }),
  joined("nor one that joined at that very moment", { createdAt: NOW - 20 * MINUTE }),
  ...[15 * MINUTE, 15 * MINUTE + 1].map((ms) =>
    one(`a launch that fails ${ms === 15 * MINUTE ? "at" : "just before"} the end of a back-off`, {
      sizes: [1],
      groups: { desired: 2, failedLaunch: { at: NOW - MINUTE, message: "no capacity" } },
      status: failed(ms + MINUTE - 2 * (ms - 15 * MINUTE)),
      nodes: { a1: OLD },
    }),
  ),
  ...[15 * MINUTE, 15 * MINUTE - 1].map((ms) =>
    one(`a launch that failed a back-off ago, less ${15 * MINUTE - ms} ms`, {
      sizes: [1],
      groups: { desired: 2, failedLaunch: { at: NOW - ms, message: "no capacity" } },
      nodes: { a1: OLD },
    }),
  ),
  one("two instances that are no nodes, of which one is known", {
    sizes: [1],
    raw: { min: 3, terminateUnjoinedAfter: 0 },
    groups: {
      desired: 3,
      instances: ["a1", "known", "new"].map((name) => machine(name).instance),
    },
    status: { unjoined: { "i-known": NOW - 40 * MINUTE } },
  }),
  lacking("two nodes without their GPU: the newer one counts", [40, 16]),
  lacking("two nodes without their GPU, the first of them newer", [16, 40]),
  lacking("a node that came back from a warm pool without its GPU", [40, 16], [400, 200]),
  one("a node without its GPU, and one that got it since", {
    sizes: [2],
    raw: { min: 2 },
    groups: { tags: GPU_TAG },
    nodes: {
      a1: { createdAt: NOW - 40 * MINUTE },
      a2: {
        createdAt: NOW - 20 * MINUTE,
        allocatable: { milliCpu: 2000, memory: 8 * GIB, pods: 29, extended: { "nvidia.com/gpu": 1 } },
      },
    },
    instances: { a1: { launchedAt: NOW - 41 * MINUTE }, a2: { launchedAt: NOW - 21 * MINUTE } },
    status: failed(25 * MINUTE, { failures: 2, code: "devices-never-came" }),
  }),
];
