import type { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import type { Mode } from "../../../shared/config/load.ts";
import type { ClusterAccess } from "../../../shared/kubernetes/connect.ts";
import type { Ledger } from "../../../shared/ledger/ledger.ts";
import type { NodePool, NodePools } from "../../../shared/node-pools/policy.ts";
import type { Notify } from "../../../shared/notify/notify.ts";
import type { KeyedQueue } from "../act/keyed-queue.ts";
import type { SpotFleets } from "../observe/spot-fleets.ts";

/** What the automation works with; made once per process. */
export interface Dependencies {
  readonly autoScaling: AutoScalingClient;
  /** Without the SDK's own retries: a call that AWS did and whose answer was lost must not be made twice. */
  readonly autoScalingOnce: AutoScalingClient;
  readonly clusters: ClusterAccess;
  /** Loaded when the first Spot Fleet needs it: its client is as large as all else together. */
  readonly spotFleets: () => Promise<SpotFleets>;
  /** By Spot Fleet: several of its nodes may be emptied at the same time in one run. */
  readonly turns: KeyedQueue;
  readonly ledger: Ledger;
  readonly notify: Notify;
  /** The service's mode; a pool that only observes goes before it. */
  readonly mode: Mode;
  readonly pools: NodePools;
}

/** A pool with the name it has in the config. */
export interface NamedPool {
  readonly name: string;
  readonly policy: NodePool;
}

/** Whether this pool's nodes may be written to. */
export const mayAct = ({ mode }: Dependencies, { policy }: NamedPool): boolean =>
  mode === "act" && policy.mode === "act";

export const namedPools = ({ pools }: Pick<Dependencies, "pools">): NamedPool[] =>
  Object.entries(pools).map(([name, policy]) => ({ name, policy }));
