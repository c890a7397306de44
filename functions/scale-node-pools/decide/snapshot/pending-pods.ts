import type { ClusterNode, Pod } from "../../model/cluster.ts";
import type { OwnerStatus } from "../../model/pool-status.ts";
import { timeOf } from "../../model/wording.ts";
import { UNTRIED_NODE_LABEL } from "../packing/bin.ts";
import { PENDING_TIMEOUT_MS, restrictLongPending } from "./long-pending.ts";

/** The first time for which no more nodes are launched for a workload; it doubles with each launch in vain. */
const OWNER_BACKOFF_MS = 3_600_000;
const MAX_OWNER_BACKOFF_MS = 24 * 3_600_000;

/** What is recorded of the workloads of a cluster, by owner. */
export type OwnerStatuses = Readonly<Record<string, OwnerStatus>>;

/** A pending pod for which no node is launched. */
export interface ExcludedPod {
  readonly pod: Pod;
  /** For people. */
  readonly why: string;
}

export interface PendingPods {
  /** As the simulation is to place them. */
  readonly toPlace: readonly Pod[];
  readonly excluded: readonly ExcludedPod[];
}

/** Splits the pending pods into those that a node may help and those that none does. */
export function judgePending(
  pending: readonly Pod[],
  nodes: readonly ClusterNode[],
  owners: OwnerStatuses,
  now: number,
): PendingPods {
  const judged = pending.map((pod) => ({ pod, why: whyExcluded(pod, owners, now) }));
  const candidates = judged.filter(({ why }) => why === undefined).map(({ pod }) => pod);
  return {
    toPlace: restrictLongPending(candidates, nodes, now),
    excluded: judged.flatMap(({ pod, why }) => (why === undefined ? [] : [{ pod, why }])),
  };
}

/** What the scheduler says of a pod that waits for something else than a node. */
const NO_NODE_HELPS =
  /persistentvolumeclaim "[^"]*" (not found|is being deleted)|unbound immediate PersistentVolumeClaims|bound to non-existent persistentvolume|with the same name and ReadWriteOncePod access mode/i;

function whyExcluded(pod: Pod, owners: OwnerStatuses, now: number): string | undefined {
  const { schedulerMessage: says, unplaceable } = pod;
  if (unplaceable !== undefined) return unplaceable;
  if (says?.match(NO_NODE_HELPS)) return `the scheduler says: ${says}`;
  const { until = 0, failures = 0 } = owners[pod.owner ?? ""] ?? {};
  if (now >= until) return undefined;
  const text = `a node was launched for it in vain${failures > 1 ? ` ${failures} times` : ""}; none is before ${timeOf(until)}`;
  return says === undefined ? text : `${text}; the scheduler says: ${says}`;
}

/** Whether a pod is pending although the simulation has had a place for it for long, on a node that the scheduler knows. */
export const isStuckPending = (pod: Pod, now: number): boolean =>
  now - pod.createdAt >= 2 * PENDING_TIMEOUT_MS &&
  pod.shape.requirements.nodeSelector[UNTRIED_NODE_LABEL] === undefined;

/**
 * What to record of the workloads: one whose pods have been stuck for `PENDING_TIMEOUT_MS` has got its node in vain.
 *
 * @param placed pending pods that have a place on a node that is there
 * @param pending all pending pods
 */
export function ownerStatuses(
  owners: OwnerStatuses,
  placed: readonly Pod[],
  pending: readonly Pod[],
  now: number,
): OwnerStatuses {
  const stuck = new Set(placed.flatMap((pod) => (isStuckPending(pod, now) && pod.owner) || []));
  const waiting = new Set(pending.flatMap(({ owner }) => owner ?? []));
  const names = [...new Set([...Object.keys(owners), ...stuck])].sort();
  return Object.fromEntries(
    names.flatMap((name) => {
      const last = owners[name];
      const next = stuck.has(name) ? afterStuck(last, now) : last;
      return next && isRemembered(next, stuck.has(name), waiting.has(name), now) ? [[name, next]] : [];
    }),
  );
}

function afterStuck(last: OwnerStatus | undefined, now: number): OwnerStatus {
  const { stuckSince, failures, until } = last ?? { stuckSince: now, failures: 0, until: 0 };
  // A place may just have become free: the scheduler gets its time.
  const since = stuckSince < until ? now : stuckSince;
  if (now - since < PENDING_TIMEOUT_MS) return { stuckSince: since, failures, until };
  const backoff = Math.min(OWNER_BACKOFF_MS * 2 ** failures, MAX_OWNER_BACKOFF_MS);
  return { stuckSince: since, failures: failures + 1, until: now + backoff };
}

/** A workload is forgotten as long after its back-off as that was, and before its first one as soon as it is not stuck. */
function isRemembered(
  { until, failures }: OwnerStatus,
  isStuck: boolean,
  isWaiting: boolean,
  now: number,
): boolean {
  if (failures === 0) return isStuck;
  const backoff = Math.min(OWNER_BACKOFF_MS * 2 ** (failures - 1), MAX_OWNER_BACKOFF_MS);
  return isWaiting || now < until + backoff;
}

/** What the pools of a cluster have recorded, together. */
export const mergeOwners = (recorded: readonly (OwnerStatuses | undefined)[]): OwnerStatuses =>
  Object.fromEntries(
    recorded
      .flatMap((owners) => Object.entries(owners ?? {}))
      .sort(([, a], [, b]) => a.failures - b.failures || a.until - b.until),
  );
