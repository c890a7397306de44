import type { DrainView } from "../../../functions/drain-nodes/decide/next-step.ts";
import type { DrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import type { Pod } from "../../../shared/kubernetes/pod.ts";
import { type DrainPolicy, drainPolicy } from "../../../shared/node-pools/drain-policy.ts";

export const T0 = Date.UTC(2026, 2, 1, 12, 0, 0);
export const MINUTE = 60_000;

let uids = 0;

/** A running, replicated pod without data. */
export const aPod = (differences: Partial<Pod> = {}): Pod => {
  uids += 1;
  return {
    namespace: "default",
    name: `pod-${uids}`,
    uid: `uid-${uids}`,
    labels: {},
    annotations: {},
    controller: { kind: "ReplicaSet", name: "web" },
    phase: "Running",
    createdAt: T0,
    deletedAt: undefined,
    nodeName: "node",
    unschedulable: false,
    priority: 0,
    gracePeriodSeconds: 30,
    requests: { milliCpu: 100, memory: 0, pods: 1 },
    nodeSelector: {},
    nodeTerms: [],
    tolerations: [],
    topology: [],
    hostPorts: [],
    emptyDirs: [],
    claims: [],
    ...differences,
  };
};

export const policy = (differences: Partial<DrainPolicy> = {}): DrainPolicy => ({
  ...drainPolicy.parse({}),
  ...differences,
});

export const aMark = (differences: Partial<DrainMark> = {}): DrainMark => ({
  startedAt: T0,
  cordonedAt: T0,
  nodePool: "workers",
  cause: "scale-in",
  instanceId: "i-1",
  ...differences,
});

export const view = (differences: Partial<DrainView> = {}): DrainView => ({
  mark: aMark(),
  ready: true,
  pods: [aPod()],
  policy: policy(),
  now: T0,
  ...differences,
});
