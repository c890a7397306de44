import type { DrainReason } from "../../../shared/kubernetes/drain-mark.ts";
import type { ReflexError } from "../../../shared/lambda/errors.ts";
import type { NodeDrain } from "../act/drain-node.ts";
import type { BlockingPod } from "../decide/next-step.ts";

/** What became of one node in this run. */
export interface NodeResult {
  readonly nodePool: string;
  /** The node's name, or its instance where there is no node. */
  readonly node: string;
  readonly reason: DrainReason;
  readonly outcome: /** It is empty (or its time is over), and what follows was done. */
    | "ended"
    /** Pods are still there: the next run goes on. */
    | "going-on"
    /** It cannot be emptied and stays: the cordon was undone. */
    | "given-back"
    /** A guard spoke against it: nothing was begun. */
    | "refused"
    /** Somebody took the mark away: the drain stopped there. */
    | "stopped"
    /** The node is no more. */
    | "gone"
    /** `mode: observe`: nothing was written. */
    | "observed";
  /** A sentence for a person. */
  readonly did: string;
  /** Evictions that were accepted in this run. */
  readonly evicted: number;
  /** Pods that stand in the way, or stood there at the end. */
  readonly blockers: readonly BlockingPod[];
}

/** What a trigger comes to before the first eviction. */
export interface DrainStart {
  /** Nodes that are marked: they are to be emptied. */
  readonly drains: readonly NodeDrain[];
  /** Nodes about which nothing (more) is to be done in this run. */
  readonly results: readonly NodeResult[];
  /** Nodes that could not be looked at or marked; they stop no other node. */
  readonly failures: readonly ReflexError[];
}
