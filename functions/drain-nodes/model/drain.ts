import type { KubernetesApi } from "../../../shared/kubernetes/api/api.ts";
import type { DrainCause } from "../../../shared/kubernetes/drain-mark.ts";
import type { ReflexError } from "../../../shared/lambda/errors.ts";
import type { BlockCode } from "../../../shared/node-pools/drain-rules/rule.ts";
import type { NamedPool } from "../../../shared/node-pools/policy.ts";
import type { Reason } from "../../../shared/node-pools/reason.ts";
import type { RemovalCode } from "../../../shared/node-pools/removal-rules/removal-rule.ts";

/** A marked node of ours that is to be drained. */
export interface NodeDrain {
  readonly pool: NamedPool;
  readonly api: KubernetesApi;
  /** The node's name. */
  readonly node: string;
  readonly cause: DrainCause;
}

/** What one trigger comes to before the first eviction. */
export interface DrainStart {
  /** Nodes that are marked: they are to be drained. */
  readonly drains: readonly NodeDrain[];
  /** Nodes about which nothing (more) is to be done in this run. */
  readonly results: readonly NodeResult[];
  /** What could not be read or marked; it stops no other node. */
  readonly failures: readonly ReflexError[];
  /** What failed in a cluster while its drains were resumed: the cluster has an incident, the others go on. */
  readonly clusterFailures: readonly ReflexError[];
  /** Clusters whose marked nodes were read. */
  readonly clustersRead: readonly string[];
  /** Triggers that ask for nothing, and why. */
  readonly ignored: readonly string[];
}

/** A drain start with nothing in it but what is given. */
export const drainStart = (parts: Partial<DrainStart>): DrainStart => ({
  drains: [],
  results: [],
  failures: [],
  clusterFailures: [],
  clustersRead: [],
  ignored: [],
  ...parts,
});

/** Several drain starts as one. */
export const mergeStarts = (all: readonly DrainStart[]): DrainStart => ({
  drains: all.flatMap(({ drains }) => drains),
  results: all.flatMap(({ results }) => results),
  failures: all.flatMap(({ failures }) => failures),
  clusterFailures: all.flatMap(({ clusterFailures }) => clusterFailures),
  clustersRead: all.flatMap(({ clustersRead }) => clustersRead),
  ignored: all.flatMap(({ ignored }) => ignored),
});

/** How far one node got in this run. */
export type NodeOutcome =
  /** It is empty, or out of time, and what follows was done. */
  | "finished"
  /** Pods are still there: the next run goes on. */
  | "draining"
  /** It cannot be drained and stays: it was uncordoned. */
  | "cancelled"
  /** A rule forbids the drain: nothing was started. */
  | "refused"
  /** Somebody removed the mark: the drain stopped there. */
  | "stopped"
  /** The node no longer exists, or its instance goes without us. */
  | "gone"
  /** `mode: observe`, or a pause: nothing was written. */
  | "observed";

/** Why a node came to its outcome. */
export type NodeReasonCode =
  | "empty"
  | "hard-deadline"
  | "pods-remain"
  | "pod-not-movable"
  | "soft-deadline"
  | RemovalCode
  | "no-group"
  | PoolLimitCode
  | "group-refuses"
  | "mark-unreadable"
  | "mark-removed"
  | "pool-removed"
  | "cluster-removed"
  | "back-in-service"
  | "node-gone"
  | "node-unreadable"
  | "no-node"
  | "hook-over"
  | "instance-mismatch"
  | "foreign-instance"
  | "foreign-pool"
  | "left-group"
  | "not-in-service"
  | "terminating"
  | "uncordoned"
  | "superseded-plan"
  | "awaits-replacement"
  | "already-drained"
  | "recently-cancelled"
  | "mode-observe"
  | "paused";

/** Why a pool gives up no node now, whichever it would be. */
export type PoolLimitCode = "pool-at-min" | "disruption-budget";

/** Why a pod is still on its node. */
export type PodReasonCode =
  | BlockCode
  | "disruption-budget"
  | "overlapping-budgets"
  | "not-evicted"
  | "came-back"
  | "terminating"
  | "api-busy"
  | "api-error";

/** A pod that keeps its node from being empty. */
export interface BlockingPod {
  /** `namespace/name`. */
  readonly pod: string;
  readonly reason: Reason<PodReasonCode>;
}

/** What became of one node in this run. */
export interface NodeResult {
  readonly nodePool: string;
  /** The node's name, or its instance where there is no node. */
  readonly node: string;
  readonly cause: DrainCause;
  readonly outcome: NodeOutcome;
  /** The text is a sentence for a person: what was done, and why. */
  readonly reason: Reason<NodeReasonCode>;
  /** Evictions that were accepted in this run. */
  readonly evicted: number;
  /** Pods that keep the node from being empty, or did at the end. */
  readonly blockers: readonly BlockingPod[];
}

/** Where a result is about: a drain, or an instance that has no node. */
export type ResultSubject = Pick<NodeDrain, "node" | "cause"> & { readonly pool: Pick<NamedPool, "name"> };

/** The result of one node; without `rest` no pod was evicted and none is in the way. */
export const nodeResult = <Outcome extends NodeOutcome>(
  { pool, node, cause }: ResultSubject,
  outcome: Outcome,
  code: NodeReasonCode,
  text: string,
  rest: Partial<Pick<NodeResult, "evicted" | "blockers">> = {},
): NodeResult & { readonly outcome: Outcome } => ({
  nodePool: pool.name,
  node,
  cause,
  outcome,
  reason: { code, text },
  evicted: 0,
  blockers: [],
  ...rest,
});

/** `1 pod`, `2 pods`. */
export const podCount = (pods: number): string => `${pods} ${pods === 1 ? "pod" : "pods"}`;
