import * as z from "zod/mini";
import { duration } from "./scalars.ts";

/** The key `drain` of a pool: how a node is drained, whatever caused it. */
export const drainPolicy = z.strictObject({
  /** Also pods with data in an `emptyDir`: the data is lost. */
  evictLocalStorage: z._default(z.boolean(), false),
  /** Also pods that no controller would recreate: the pod is lost. */
  evictUnreplicated: z._default(z.boolean(), false),
  /**
   * Also pods that say they must not be moved (`safe-to-evict: "false"`, `do-not-disrupt: "true"`), and pods that
   * tolerate a node that is being drained: evicted, they may come back to it.
   */
  evictProtected: z._default(z.boolean(), false),
  /**
   * How long the pods are given to go by their own rules. After it the drain of a node that could stay is cancelled
   * (it is uncordoned), and on a node that terminates regardless the rules above no longer spare a pod.
   */
  softDeadline: duration("15m"),
  /** On a node that terminates regardless: how long it is held for its pods. */
  hardDeadline: duration("45m"),
  /** What happens at the hard deadline to pods that a PodDisruptionBudget still holds. */
  atHardDeadline: z._default(z.enum(["leave", "delete"]), "leave"),
  /**
   * What a rebalance recommendation of a Spot instance means for its node: `cordon` keeps new pods off it;
   * `replace` also drains it once its replacement is there, within the pool's disruption budgets.
   */
  onRebalanceRecommendation: z._default(z.enum(["cordon", "replace", "ignore"]), "replace"),
});

/** How a pool's nodes are drained; durations in milliseconds. */
export type DrainPolicy = z.output<typeof drainPolicy>;
