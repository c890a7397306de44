import { block, type DrainRule } from "./rule.ts";

/** The volumes whose loss the pod's owner accepts, by name, separated by commas; cluster-autoscaler's annotation. */
const SAFE_VOLUMES = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes";

/** Its data in an `emptyDir` is lost when it goes. */
export const emptyDir: DrainRule = ({ emptyDirs, annotations }, { evictLocalStorage }) => {
  if (evictLocalStorage) return undefined;
  const safe = (annotations[SAFE_VOLUMES] ?? "").split(",").map((name) => name.trim());
  const lost = emptyDirs.filter((name) => !safe.includes(name));
  if (lost.length === 0) return undefined;
  return block("local-storage", `data in emptyDir ${lost.join(", ")} (evictLocalStorage: true loses it)`);
};
