import type { Pod } from "../../kubernetes/pod.ts";
import type { DrainPolicy } from "../drain-policy.ts";
import { daemonSet } from "./daemon-set.ts";
import { emptyDir } from "./empty-dir.ts";
import { finished } from "./finished.ts";
import { mirror } from "./mirror.ts";
import { protectedPod, releasedPod } from "./protected.ts";
import { terminating } from "./terminating.ts";
import { unreplicated } from "./unreplicated.ts";

/** What draining its node means for one pod. */
export type PodDrainStatus =
  /** It is asked to go, by the eviction API. */
  | { readonly kind: "evict" }
  /** It ends with its node, or has ended already. */
  | { readonly kind: "leave"; readonly why: string }
  /** It is on its way out: wait. */
  | { readonly kind: "going" }
  /** It must not be moved: the node cannot be emptied while it is there. */
  | { readonly kind: "block"; readonly why: string };

/** What the rules may be told to overlook. */
export type DrainExceptions = Pick<DrainPolicy, "evictLocalStorage" | "evictUnreplicated" | "evictProtected">;

/** The pod as far as a rule reads it. */
export type RuledPod = Pick<Pod, "annotations" | "controller" | "phase" | "deletedAt" | "emptyDirs">;

/** One reason to treat a pod otherwise than by evicting it; undefined when it does not apply. */
export type DrainRule = (pod: RuledPod, overlooked: DrainExceptions) => PodDrainStatus | undefined;

/** In this order: the first rule that applies decides. A pod that none applies to is evicted. */
const RULES: readonly DrainRule[] = [
  mirror,
  daemonSet,
  finished,
  terminating,
  releasedPod,
  protectedPod,
  unreplicated,
  emptyDir,
];

/** Nothing is spared: for a node that goes anyway, when the pods' own time is over. */
export const ALL_EXCEPTIONS: DrainExceptions = {
  evictLocalStorage: true,
  evictUnreplicated: true,
  evictProtected: true,
};

export function drainStatusOf(pod: RuledPod, overlooked: DrainExceptions): PodDrainStatus {
  for (const rule of RULES) {
    const verdict = rule(pod, overlooked);
    if (verdict) return verdict;
  }
  return { kind: "evict" };
}
