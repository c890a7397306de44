import type { DrainRule } from "./verdict.ts";

/** cluster-autoscaler's word for both. https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md */
const SAFE_TO_EVICT = "cluster-autoscaler.kubernetes.io/safe-to-evict";
/** Karpenter's word. https://karpenter.sh/docs/concepts/disruption/#pod-level-controls */
const DO_NOT_DISRUPT = "karpenter.sh/do-not-disrupt";

/** Its owner says it may be moved, with no controller and with local data too. */
export const releasedPod: DrainRule = ({ annotations }) =>
  annotations[SAFE_TO_EVICT] === "true" ? { kind: "evict" } : undefined;

/** Its owner says it must not be moved. */
export const protectedPod: DrainRule = ({ annotations }, { evictProtected }) => {
  if (evictProtected) return undefined;
  if (annotations[SAFE_TO_EVICT] === "false")
    return { kind: "block", why: `annotation ${SAFE_TO_EVICT}: "false"` };
  if (annotations[DO_NOT_DISRUPT] === "true")
    return { kind: "block", why: `annotation ${DO_NOT_DISRUPT}: "true"` };
  return undefined;
};
