import type { KeyTable } from "../../../shared/automation/key-table.ts";

/** What each key of the section means. The README's tables and the JSON Schema are made from it. */
export const configKeys: readonly KeyTable[] = [
  {
    marker: "drain",
    at: "*.drain",
    keys: {
      evictLocalStorage: { meaning: "Also evicts pods that have data in an `emptyDir`. The data is lost." },
      evictUnreplicated: { meaning: "Also evicts pods that no controller recreates. The pod is lost." },
      evictProtected: {
        meaning:
          "Also evicts pods that say they must not be moved, that tolerate every taint, or that cannot be read.",
      },
      softDeadline: { meaning: "How long pods have to terminate by their own rules." },
      hardDeadline: {
        meaning:
          "How long a lifecycle hook holds the instance for its pods. Must not be shorter than `softDeadline`.",
      },
      atHardDeadline: {
        meaning:
          "What happens at the hard deadline to pods that a disruption budget still protects: `leave` or `delete`.",
      },
      onRebalanceRecommendation: {
        meaning: "What a rebalance recommendation leads to: `replace`, `cordon` or `ignore`, see below.",
      },
    },
  },
];
