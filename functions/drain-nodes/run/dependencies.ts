import type { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { modeOf } from "../../../shared/approvals/mode.ts";
import type { Mode } from "../../../shared/config/load.ts";
import type { ClusterAccess } from "../../../shared/kubernetes/api/connect.ts";
import type { Freshness } from "../../../shared/lambda/freshness.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { Ledger } from "../../../shared/ledger/ledger.ts";
import type { Outbox } from "../../../shared/ledger/outbox.ts";
import { type Pauses, pauseText, standingPause } from "../../../shared/ledger/pauses.ts";
import type { NamedPool, NodePools } from "../../../shared/node-pools/policy.ts";
import type { SpotFleets } from "../../../shared/node-pools/spot-fleet.ts";
import type { Notify } from "../../../shared/notify/notify.ts";
import type { RunNotifications } from "../../../shared/notify/run-notifications.ts";
import type { KeyedQueue } from "../act/remove-instance/keyed-queue.ts";
import type { OpenDrainsStore } from "../observe/open-drains.ts";

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
  readonly openDrains: OpenDrainsStore;
  /** Of the clusters, whose drains a run goes on with. */
  readonly freshness: Freshness;
  /** The service's mode; `observe` overrides the pool's own. */
  readonly mode: Mode;
  readonly pools: NodePools;
}

/** Why this pool's nodes may not be written to. */
export interface Held {
  readonly code: "mode-observe" | "paused";
  /** `mode is observe`. */
  readonly text: string;
}

/**
 * Asked before anything of a node is written: undefined when that is allowed. The pauses are read when the first node of
 * the run asks; a run with nothing to drain does not read them.
 *
 * @param pool undefined for a node whose mark names none
 */
export async function heldBy(
  { mode, readPauses }: Pick<RunDependencies, "mode" | "readPauses">,
  pool: NamedPool | undefined,
  { automation, clock }: Pick<Run, "automation" | "clock">,
): Promise<Held | undefined> {
  // Whoever is asked approves the order, or nobody can: a node that AWS takes away does not wait.
  if (modeOf(pool?.policy.mode, "in", mode) === "observe")
    return { code: "mode-observe", text: "mode is observe" };
  const pauses = await readPauses();
  const standing = standingPause(pauses, { automation, resource: `node-pool/${pool?.name}` }, clock.now());
  return standing && { code: "paused", text: pauseText(standing) };
}

/** What the parts of one run work with. */
export interface RunDependencies extends Dependencies {
  readonly notifications: RunNotifications;
  /** Every pause of the stage, read once a run. */
  readonly readPauses: () => Promise<Pauses>;
}

export function runDependencies(
  process: Dependencies,
  notifications: RunNotifications,
  { signal }: Pick<Run, "signal">,
): RunDependencies {
  let pauses: Promise<Pauses> | undefined;
  const readPauses = () => {
    pauses ??= process.ledger.pauses(signal);
    return pauses;
  };
  return { ...process, notifications, readPauses };
}
