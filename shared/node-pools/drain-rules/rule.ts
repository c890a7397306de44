import type { Pod } from "../../kubernetes/pod.ts";
import type { DrainPolicy } from "../drain-policy.ts";
import type { Reason } from "../reason.ts";

/** Why a pod stays where it is while its node is drained. */
export type SkipCode = "mirror" | "daemon-set" | "finished";
/** Why a pod must not be moved. */
export type BlockCode = "local-storage" | "protected" | "tolerates-drain" | "unreadable" | "unreplicated";

/** What draining its node means for one pod; kubectl drain's okay, skip and error. */
export type PodDrainStatus =
  /** It is evicted through the eviction API. */
  | { readonly kind: "evict" }
  /** It ends with its node, or has finished already. */
  | { readonly kind: "skip"; readonly reason: Reason<SkipCode> }
  /** It is terminating: wait for it. */
  | { readonly kind: "wait" }
  /** It must not be moved: the node cannot be drained while it is there. */
  | { readonly kind: "block"; readonly reason: Reason<BlockCode> };

/** Rules that a policy switches off. */
export type DrainExceptions = Pick<DrainPolicy, "evictLocalStorage" | "evictUnreplicated" | "evictProtected">;

/** The pod as far as a rule reads it. */
export type RuledPod = Pick<
  Pod,
  "annotations" | "controller" | "phase" | "deletedAt" | "emptyDirs" | "tolerations" | "unreadable"
>;

/** One reason to treat a pod otherwise than by evicting it; undefined when it does not apply. */
export type DrainRule = (pod: RuledPod, exceptions: DrainExceptions) => PodDrainStatus | undefined;

/** The pod stays where it is. */
export const skip = (code: SkipCode, text: string): PodDrainStatus => ({
  kind: "skip",
  reason: { code, text },
});

/** The pod must not be moved. */
export const block = (code: BlockCode, text: string): PodDrainStatus => ({
  kind: "block",
  reason: { code, text },
});
