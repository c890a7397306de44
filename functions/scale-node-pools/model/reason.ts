import type { Reason as ReasonOf } from "../../../shared/node-pools/reason.ts";
import type { RemovalCode } from "../../../shared/node-pools/removal-rules/removal-rule.ts";

/** Why a pool gets nodes. */
export type ScaleOutCode = "pods-unplaced" | "above-target" | "below-min";

/** Why a pool does not get the nodes that it should have. */
export type ShortageCode = "no-capacity-for-pods" | "no-capacity-for-target" | "no-capacity-for-min";

/** Why a pool gives up nodes. */
export type ScaleInCode = "above-max" | "far-below-target" | "below-target";

/** Why a pool keeps all of its nodes. */
export type HoldCode =
  | "on-target"
  | "at-min"
  | "pods-pending"
  | "nodes-upcoming"
  | "nodes-draining"
  | "scaled-out-recently"
  | "scale-in-taken-back"
  | "too-many-not-ready"
  | "below-target-too-briefly"
  | "disruption-budget"
  | "no-removable-node"
  | "cannot-drain";

/** Why a pool is not decided on as usual. */
export type RefusalCode = "max-change" | "managed-elsewhere";

/** Why a pool that is sized from metrics is as large as it is. */
export type MetricsCode = "reserved-capacity" | "no-datapoint";

/** Why a group gets no nodes for a while. */
export type GroupCode =
  | "launch-suspended"
  | "instances-never-joined"
  | "devices-never-came"
  | "launch-failed"
  | "group-busy";

/** Why a pool changes other than by its size. */
export type RepairCode = "node-not-ready" | "capacity-not-launched";

/** Why a node must stay. cluster-autoscaler calls it `UnremovableReason`. */
export type NodeCode =
  | RemovalCode
  | "group-busy"
  | "scale-down-disabled"
  | "recently-unremovable"
  | "pool-at-min"
  | "blocked-by-pod"
  | "blocked-by-budget"
  | "more-than-one-budget"
  | "no-place-for-pod"
  | "target-exceeded-without-it";

export type PoolCode =
  | ScaleOutCode
  | ShortageCode
  | ScaleInCode
  | HoldCode
  | RefusalCode
  | MetricsCode
  | RepairCode
  | GroupCode
  | NodeCode;

export type Reason<Code extends string = PoolCode> = ReasonOf<Code>;

/** A reason with its code and its text. */
export const reason = <Code extends string>(code: Code, text: string): Reason<Code> => ({ code, text });

export const textsOf = (reasons: readonly Reason<string>[]): string[] => reasons.map(({ text }) => text);
