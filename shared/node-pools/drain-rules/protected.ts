import { block, type DrainRule } from "./rule.ts";

/** cluster-autoscaler's annotation for both. https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md */
const SAFE_TO_EVICT = "cluster-autoscaler.kubernetes.io/safe-to-evict";
/** Karpenter's annotation. https://karpenter.sh/docs/concepts/disruption/#pod-level-controls */
const DO_NOT_DISRUPT = "karpenter.sh/do-not-disrupt";

/** Its owner says it may be moved, even without a controller and with local data. */
export const releasedPod: DrainRule = ({ annotations }) =>
  annotations[SAFE_TO_EVICT] === "true" ? { kind: "evict" } : undefined;

/** Its owner says it must not be moved. */
export const protectedPod: DrainRule = ({ annotations }, { evictProtected }) => {
  if (evictProtected) return undefined;
  if (annotations[SAFE_TO_EVICT] === "false")
    return block("protected", `annotation ${SAFE_TO_EVICT}: "false"`);
  if (annotations[DO_NOT_DISRUPT] === "true")
    return block("protected", `annotation ${DO_NOT_DISRUPT}: "true"`);
  return undefined;
};
