import type { Clock } from "../../shared/time/clock.ts";
import type { Store } from "./store.ts";
import type { Timers } from "./timers.ts";

/** How long things take, ms on the sandbox's clock. */
export interface Pace {
  /** From a pod's binding to it being ready. */
  readonly podStartMs: number;
  /** A pod whose deletion is requested has ended after this, or after its grace period if that is shorter. */
  readonly podStopMs: number;
  /** From a node being ready to its not-ready taint being taken away. */
  readonly untaintMs: number;
}

export const USUAL_PACE: Pace = { podStartMs: 5_000, podStopMs: 5_000, untaintMs: 0 };

/** How a pod ended. */
export interface Ending {
  /** ms since the epoch. */
  readonly at: number;
  readonly how: /** By the eviction API, within its budget. */
    | "evicted"
    /** Deleted past any budget. */
    | "deleted"
    /** Its node went away under it. */
    | "killed"
    /** Its deletion had been requested, and its node went away before its time was over. */
    | "cut-short"
    /** The scheduler needed its place for a pod of higher priority. */
    | "preempted"
    /** Its node was out of reach for longer than the pod tolerates. */
    | "taint-evicted";
  /** `namespace/name`. */
  readonly pod: string;
  readonly node: string;
  /** By whom: the caller's name; empty for a controller. */
  readonly by: string;
}

/** What controllers, scheduler and API share. */
export interface ClusterState {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly pace: Pace;
  /** Every pod that was ended from outside, in order. */
  readonly endings: Ending[];
}
