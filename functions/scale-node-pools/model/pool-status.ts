import type { Taint } from "../../../shared/kubernetes/node.ts";
import type { Resources } from "../../../shared/kubernetes/resources.ts";
import type { VolumeLimits } from "../../../shared/kubernetes/storage/csi-node.ts";
import type { GroupCode } from "./reason.ts";

/** What the nodes of a pool look like, kept for the time when it has none. */
export interface NodeShape {
  readonly allocatable: Resources;
  readonly volumeLimits?: VolumeLimits | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Capacity units of one node. */
  readonly units: number;
}

/** What is recorded of a group whose launches failed. */
export interface GroupStatus {
  /** Failures in a row, each after the end of the back-off before it. */
  readonly failures: number;
  /** ms since the epoch. */
  readonly lastFailureAt: number;
  readonly code: GroupCode;
  /** What failed, for people. */
  readonly text: string;
  /** The instance type that AWS did not have, where it named one. */
  readonly missingType?: string | undefined;
}

/** What is recorded of a workload whose pods stay pending although there is room for them. */
export interface OwnerStatus {
  /** Since when that is so, ms since the epoch. */
  readonly stuckSince: number;
  /** How often a node was launched for it in vain. */
  readonly failures: number;
  /** No node is launched for it before this, ms since the epoch; 0 before the first failure. */
  readonly until: number;
}

/** What is recorded of scale-ins that were taken back, as pods had no place without the node. */
export interface TakenBackStatus {
  /** How often in a row. */
  readonly failures: number;
  /** No node goes before this, ms since the epoch. */
  readonly until: number;
}

/** What earlier runs recorded for this one. */
export interface PoolStatus {
  /** Groups whose launches failed lately, by name. */
  readonly groups?: Readonly<Record<string, GroupStatus>>;
  /** Instances without a node although `joinWithin` is over: since when that was seen, ms since the epoch. */
  readonly unjoined?: Readonly<Record<string, number>>;
  /** Workloads of the cluster for which no more nodes are launched for a while. */
  readonly owners?: Readonly<Record<string, OwnerStatus>>;
  /** Since when the pool's utilisation has been low, ms since the epoch. */
  readonly lowSince?: number;
  /** Scale-ins that were taken back lately. */
  readonly takenBack?: TakenBackStatus;
  /** The shape of the pool's last node. */
  readonly shape?: NodeShape;
  /** While there was no node: the extended resources that each group's instance types or tags promise. */
  readonly devices?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}
