import type { PodCluster } from "./actions/pods.ts";
import type { NodePoolFacts } from "./state/node-pool-view.ts";
import type { SiteSwitch } from "./state/site-view.ts";

/** What stands beside the account in this sandbox: its own sites and clusters. The page shows them and can change them. */
export interface PageFixtures {
  readonly sites?: readonly SiteSwitch[];
  readonly nodePools?: () => NodePoolFacts;
  readonly clusters?: readonly PodCluster[];
  /** Sends an instance a Spot interruption warning. */
  readonly interrupt?: (instanceId: string) => void;
}
