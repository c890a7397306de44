import type { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import type { Mode } from "../../../shared/config/load.ts";
import type { ClusterAccess } from "../../../shared/kubernetes/api/connect.ts";
import type { Ledger } from "../../../shared/ledger/ledger.ts";
import type { Outbox } from "../../../shared/ledger/outbox.ts";
import type { NamedPool, NodePools } from "../../../shared/node-pools/policy.ts";
import type { SpotFleets } from "../../../shared/node-pools/spot-fleet.ts";
import type { Notify } from "../../../shared/notify/notify.ts";
import type { RunNotifications } from "../../../shared/notify/run-notifications.ts";
import type { KeyedQueue } from "../act/remove-instance/keyed-queue.ts";

/** What the automation works with; made once per process. */
export interface Dependencies {
  readonly autoScaling: AutoScalingClient;
  /** Without the SDK's own retries: a call that AWS did and whose answer was lost must not be made twice. */
  readonly autoScalingOnce: AutoScalingClient;
  readonly clusters: ClusterAccess;
  /** Loaded when the first Spot Fleet needs it: its client is as large as all else together. */
  readonly spotFleets: () => Promise<SpotFleets>;
  /** By pool: several of its nodes may finish at the same time in one run. */
  readonly poolQueue: KeyedQueue;
  readonly ledger: Ledger;
  readonly notify: Notify;
  readonly outbox: Outbox;
  /** The service's mode; `observe` overrides the pool's own. */
  readonly mode: Mode;
  readonly pools: NodePools;
}

/** Whether this pool's nodes may be written to. */
export const mayAct = ({ mode }: Pick<Dependencies, "mode">, { policy }: NamedPool): boolean =>
  mode === "act" && policy.mode === "act";

/** What the parts of one run work with. */
export interface RunDependencies extends Dependencies {
  readonly notifications: RunNotifications;
}
