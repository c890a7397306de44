import type { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import type { CloudWatch } from "@aws-sdk/client-cloudwatch";
import type { EKSClient } from "@aws-sdk/client-eks";
import type { RequestStore } from "../../../shared/approvals/store.ts";
import type { Mode } from "../../../shared/config/load.ts";
import type { ClusterAccess } from "../../../shared/kubernetes/api/connect.ts";
import type { Freshness } from "../../../shared/lambda/freshness.ts";
import type { Ledger } from "../../../shared/ledger/ledger.ts";
import type { Outbox } from "../../../shared/ledger/outbox.ts";
import type { NodePools } from "../../../shared/node-pools/policy.ts";
import type { SpotFleets } from "../../../shared/node-pools/spot-fleet.ts";
import type { Notify } from "../../../shared/notify/notify.ts";
import type { PodEvents } from "../act/pod-events.ts";
import type { RequestDrain } from "../act/request-drain.ts";
import type { LaunchTypes } from "../observe/launches/launch-types.ts";
import type { SpotPrices } from "../observe/launches/spot-prices.ts";
import type { PoolStatusStore } from "../observe/pool-status-store.ts";

/** What the automation works with; made once per process. */
export interface Dependencies {
  readonly autoScaling: AutoScalingClient;
  /** Without the SDK's own retries: a termination that was answered late would make the group smaller twice. */
  readonly autoScalingOnce: AutoScalingClient;
  readonly eks: EKSClient;
  /** Loaded where a pool is sized from metrics, from Lambda's runtime. */
  readonly cloudwatch: () => Promise<CloudWatch>;
  readonly clusters: ClusterAccess;
  /** With EC2's client, which is loaded from Lambda's runtime when the first call needs it. */
  readonly spotFleets: () => Promise<SpotFleets>;
  /** Likewise, for a pool of which no node has been seen, or that has several types. */
  readonly launchTypes: () => Promise<LaunchTypes>;
  /** Likewise, for the first pool that may launch Spot instances and has a rival. */
  readonly spotPrices: () => Promise<SpotPrices>;
  readonly ledger: Ledger;
  readonly poolStatuses: PoolStatusStore;
  readonly notify: Notify;
  /** The deployed stage: commands in notifications name it. */
  readonly deployStage: string;
  readonly outbox: Outbox;
  readonly freshness: Freshness;
  readonly requestDrain: RequestDrain;
  readonly podEvents: PodEvents;
  /** What people are asked, where the mode is `ask`. */
  readonly requests: RequestStore;
  /** The service's mode, for pools that have none of their own. */
  readonly mode: Mode;
  readonly pools: NodePools;
}

/** The pool's name in the ledger, in logs and in notifications. */
export const resourceOf = (pool: string): string => `node-pool/${pool}`;
