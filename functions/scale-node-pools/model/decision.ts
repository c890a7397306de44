import type { PoolStatus } from "./pool-status.ts";
import type { GroupCode, NodeCode, Reason } from "./reason.ts";

/** What is to be done about one pool, and why. */
export interface Decision {
  readonly pool: string;
  readonly verdict: Verdict;
  /** Nodes that we are draining and that are to stay. */
  readonly uncordon: readonly NodeRef[];
  /** One for each group whose size or limits change. */
  readonly capacityChanges: readonly CapacityChange[];
  /** Nodes to be drained and terminated, in this order. */
  readonly drain: readonly NodeRef[];
  /** Instances that are no nodes, to be terminated. */
  readonly terminate: readonly InstanceTermination[];
  /** Nodes now: with those that AWS still launches, without those that we are draining. */
  readonly from: number;
  /** Nodes when this decision is carried out. */
  readonly to: number;
  /** The smallest number of nodes that keeps the pool at its target; undefined when it cannot be known. */
  readonly nodesNeeded: number | undefined;
  /** What a person has to look at, whatever is done now. */
  readonly warnings: readonly Warning[];
  /** The most important first. */
  readonly reasons: readonly Reason[];
  /** The nodes that were asked to go and must stay. */
  readonly unremovable: readonly UnremovableNode[];
  /** The numbers it was read from. */
  readonly evidence: Readonly<Record<string, string | number | boolean | null>>;
  /** What the next run should know. */
  readonly status: PoolStatus;
}

export type Verdict =
  /** More nodes: uncordon, then order. */
  | "scale-out"
  /** Fewer nodes: drain. */
  | "scale-in"
  /** Instances or nodes that are of no use are terminated. */
  | "repair"
  /** A group in back-off gives up the capacity that AWS did not launch. */
  | "release"
  /** Nothing changes. */
  | "hold"
  /** The size stays; the limits of a managed node group are set to the pool's. */
  | "set-limits"
  /** Something has to be done and a rule forbids it. */
  | "refused"
  /** Another scaler manages this pool. */
  | "managed-elsewhere";

/** The verdicts that change something; the compiler refuses a list with one missing. */
export type ChangeVerdict = Exclude<Verdict, "hold" | "refused" | "managed-elsewhere">;
export const CHANGE_VERDICTS: readonly ChangeVerdict[] = Object.values({
  "scale-out": "scale-out",
  "scale-in": "scale-in",
  repair: "repair",
  release: "release",
  "set-limits": "set-limits",
} satisfies { readonly [One in ChangeVerdict]: One });

export interface NodeRef {
  readonly node: string;
  readonly instanceId: string;
}

/** An instance that is to be terminated in its group. */
export interface InstanceTermination {
  readonly instanceId: string;
  readonly group: string;
  /** The group gets smaller by it; otherwise it launches another. */
  readonly shrinks: boolean;
  readonly reason: Reason<GroupCode>;
}

export interface UnremovableNode {
  readonly node: string;
  readonly reason: Reason<NodeCode>;
}

export type WarningCode =
  | "managed-elsewhere"
  | "max-change"
  | "cannot-scale-out"
  | "pods-stuck-pending"
  | "pods-unschedulable"
  | "objects-unreadable"
  | "group-backed-off"
  | "not-ready"
  | "az-rebalance";

/** Something that stays wrong until a person sees to it; notified once a day. */
export interface Warning extends Reason<WarningCode> {
  /** What it is about, the same as long as it is the same trouble: a group's name, for example. */
  readonly about: string;
  /** Why, in the few words that a subject has room for; undefined where its code says it all. */
  readonly inShort?: string;
  /** The pods it is about, the first of many, where each of them gets an Event. */
  readonly pods?: readonly PodRef[];
}

export interface PodRef {
  /** `namespace/name`. */
  readonly id: string;
  readonly uid: string;
}

/** A group's new desired size, in its capacity units. */
export interface CapacityChange {
  readonly group: string;
  readonly from: number;
  readonly to: number;
  readonly nodes: number;
  /** Capacity units that AWS did not launch and that the group gives up; only then is `to` less than `from`. */
  readonly unfilled?: number;
  /** The group's new limits; absent when they stay. */
  readonly limits?: GroupLimits;
}

/** The sizes between which AWS lets a group be, in its capacity units. */
export interface GroupLimits {
  readonly min: number;
  readonly max: number;
}
