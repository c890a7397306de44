import type { Limits } from "../decide/pool/group-limits.ts";
import type { PoolStatus } from "./cluster.ts";

/** What is to be done about one pool, and why. */
export interface Decision {
  readonly pool: string;
  readonly verdict: /** More nodes: un-cordon, then order. */
    | "out"
    /** Fewer nodes: drain. */
    | "in"
    /** As it is. */
    | "hold"
    /** The size stays; the limits of a managed node group are set to the pool's. */
    | "limits"
    /** Something has to be done and a rule forbids it. */
    | "refused"
    /** Another scaler looks after this pool. */
    | "hands-off";
  /** Nodes that were being emptied and stay. */
  readonly uncordon: readonly NodeRef[];
  /** One for each group that gets more nodes. */
  readonly orders: readonly CapacityChange[];
  /** Nodes to be emptied and ended, in this order. */
  readonly drain: readonly NodeRef[];
  /** Nodes now, ordered ones included, those we are emptying not. */
  readonly from: number;
  /** Nodes when this decision is carried out. */
  readonly to: number;
  /** The smallest number of nodes that keeps the pool at its target; undefined when it can not be known. */
  readonly need: number | undefined;
  /** What a person has to look at, whatever is done now. */
  readonly warnings: readonly Warning[];
  /** Sentences for a person, the most important first. */
  readonly reasons: readonly string[];
  /** The numbers it was read from. */
  readonly evidence: Readonly<Record<string, string | number | boolean | null>>;
  /** What the next run should know. */
  readonly memory: PoolStatus;
}

export interface NodeRef {
  readonly node: string;
  readonly instanceId: string;
}

/** Something that stays wrong until a person sees to it; told once a day. */
export interface Warning {
  readonly code:
    | "other-scaler"
    | "more-than-max-change"
    | "no-room"
    | "waits-in-vain"
    | "passed-over"
    | "not-ready"
    | "az-rebalance";
  /** What it is about, the same as long as it is the same trouble: a group's name, for example. */
  readonly about: string;
  readonly text: string;
}

/** A group's new desired size, in its capacity units. */
export interface CapacityChange {
  readonly group: string;
  readonly from: number;
  readonly to: number;
  readonly nodes: number;
  /** The group's new limits; absent when they stay. */
  readonly limits?: Limits;
}
