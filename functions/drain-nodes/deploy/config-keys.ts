import type { KeyTable } from "../../../shared/automation/key-table.ts";

/** What each key of the section means. The README's tables and the JSON Schema are made from it. */
export const configKeys: readonly KeyTable[] = [
  {
    marker: "drain",
    at: "*.drain",
    keys: {
      evictLocalStorage: { meaning: "Also evict pods with data in an `emptyDir`: the data is lost." },
      evictUnreplicated: { meaning: "Also evict pods that no controller would recreate: the pod is lost." },
      evictProtected: {
        meaning:
          "Also evict pods that say they must not be moved, that tolerate every taint, or that cannot be read.",
      },
      softDeadline: { meaning: "How long the pods are given to go by their own rules." },
      hardDeadline: {
        meaning: "How long a lifecycle hook holds the instance for its pods. Never before `softDeadline`.",
      },
      atHardDeadline: {
        meaning: "`leave` or `delete`: what happens then to pods that a budget still holds.",
      },
      onRebalanceRecommendation: { meaning: "`replace`, `cordon` or `ignore`: see below." },
    },
  },
];
