import type { FailedLaunch, Group } from "../../model/cluster.ts";
import type { GroupStatus } from "../../model/pool-status.ts";
import { type GroupCode, type Reason, reason } from "../../model/reason.ts";
import { count, minutes, timeOf } from "../../model/wording.ts";
import { isPresent, type Member } from "./members.ts";
import type { Startup } from "./startup.ts";

/** The longest back-off; cluster-autoscaler's and Karpenter's are of the same order. */
const MAX_BACKOFF_MS = 4 * 3_600_000;

/** Whether a group is expected to give nodes, and what to record of it. */
export interface GroupBackoff {
  /** Why nothing more is expected of the group for a while; undefined when it is not in back-off. */
  readonly reason?: Reason<GroupCode>;
  /** When the back-off ends, ms since the epoch. */
  readonly until?: number;
  /** What the next run has to know; undefined when the group is well. */
  readonly status?: GroupStatus | undefined;
}

interface BackoffPolicy {
  /** The first back-off, ms; it doubles with each failure in a row. */
  readonly launchBackoff: number;
  readonly joinWithin: number;
}

interface Failure {
  /** ms since the epoch. */
  readonly at: number;
  readonly code: GroupCode;
  readonly text: string;
  readonly missingType?: string | undefined;
}

/** A node that is no longer young and lacks a device that it is declared to have. */
interface LackingNode {
  readonly node: string;
  readonly device: string;
  /** When it joined, or came back from a warm pool; ms since the epoch. */
  readonly startedAt: number;
}

/**
 * A group that failed to get capacity, whose instances do not join the cluster, or whose nodes lack the devices they are for
 * would only take up capacity that another zone can provide. Each failure after the end of a back-off doubles the next one; a
 * node that joins with all it is to have ends it.
 *
 * @param last what the last run recorded of the group
 * @param unjoined instances that an earlier run knew not to have joined
 */
export function backoffOf(
  group: Group,
  members: readonly Member[],
  last: GroupStatus | undefined,
  unjoined: ReadonlySet<string>,
  startup: Pick<Startup, "missingDevice">,
  now: number,
  policy: BackoffPolicy,
): GroupBackoff {
  const { name, suspended } = group;
  if (suspended.includes("Launch")) {
    const why = reason("launch-suspended", `${name} is in back-off: its process Launch is suspended`);
    return { reason: why, status: last };
  }
  const judged = members.map((member) => ({ ...member, lacks: deviceLacking(member, name, startup) }));
  const well = judged.filter(({ lacks }) => !lacks);
  const lacking = judged.flatMap(({ lacks }) => lacks ?? []);
  const known = last && hasRecovered(last, well) ? undefined : last;
  const failure = failureOf(group, members, unjoined, now, policy) ?? devicesNeverCame(lacking, policy);
  const status = withFailure(known, failure, policy);
  if (!status || isForgotten(status, now, policy)) return {};
  const until = endOf(status, policy);
  if (now >= until) return { status };
  const times = status.failures > 1 ? ` (${status.failures} failures in a row)` : "";
  const text = `${name} is in back-off until ${timeOf(until)}${times}: ${status.text}`;
  return { reason: reason(status.code, text), until, status };
}

/** When the back-off ends, ms since the epoch. */
const endOf = ({ lastFailureAt, failures }: GroupStatus, { launchBackoff }: BackoffPolicy): number =>
  lastFailureAt + Math.min(launchBackoff * 2 ** (failures - 1), Math.max(MAX_BACKOFF_MS, launchBackoff));

/** After as long again as the back-off was, a new failure starts with the first back-off. */
const isForgotten = (status: GroupStatus, now: number, policy: BackoffPolicy): boolean =>
  now - status.lastFailureAt >=
  2 * (endOf(status, policy) - status.lastFailureAt) + knownAfter(status, policy);

/** AWS says at once that a launch failed. That a node does not come is known `joinWithin` after a launch, which takes a minute or two. */
const knownAfter = ({ code }: GroupStatus, { joinWithin }: BackoffPolicy): number =>
  code === "launch-failed" ? 0 : 2 * joinWithin;

/** A node of the group that takes pods has joined since the failure. */
const hasRecovered = ({ lastFailureAt }: GroupStatus, members: readonly Member[]): boolean =>
  members.some(({ node, status }) => status === "schedulable" && node && node.createdAt > lastFailureAt);

/** A failure during a back-off is the one that is known: AWS tries again every few minutes. */
function withFailure(
  last: GroupStatus | undefined,
  failure: Failure | undefined,
  policy: BackoffPolicy,
): GroupStatus | undefined {
  if (!failure || (last && failure.at < endOf(last, policy))) return last;
  const { at, ...what } = failure;
  return { failures: (last?.failures ?? 0) + 1, lastFailureAt: at, ...what };
}

function failureOf(
  group: Group,
  members: readonly Member[],
  known: ReadonlySet<string>,
  now: number,
  policy: BackoffPolicy,
): Failure | undefined {
  const { failedLaunch } = group;
  const unjoined = members.filter(({ status }) => status === "neverJoined");
  const found = unjoined.find(({ instance }) => !known.has(instance.id));
  if (found) return neverJoined(found, unjoined.length, now, policy);
  if (!failedLaunch || shortfall(group, members) === 0 || now - failedLaunch.at >= policy.launchBackoff) {
    return undefined;
  }
  return launchFailed(failedLaunch);
}

function neverJoined(
  { instance }: Member,
  number: number,
  now: number,
  { joinWithin }: BackoffPolicy,
): Failure {
  const instances = `${count(number, "instance")} of it (${instance.id})`;
  const text = `${instances} did not become a ready node within ${minutes(joinWithin)}`;
  return { at: now, code: "instances-never-joined", text };
}

function deviceLacking(
  { node, instance }: Member,
  group: string,
  startup: Pick<Startup, "missingDevice">,
): LackingNode | undefined {
  const device = node && startup.missingDevice(node, group);
  if (!node || device === undefined) return undefined;
  return { node: node.name, device, startedAt: Math.max(node.createdAt, instance.launchedAt ?? 0) };
}

/** Known since the newest of them was no longer young: that moment stays the same while the node stays. */
function devicesNeverCame(
  lacking: readonly LackingNode[],
  { joinWithin }: BackoffPolicy,
): Failure | undefined {
  const [newest] = lacking.toSorted((a, b) => b.startedAt - a.startedAt);
  if (!newest) return undefined;
  const { node, device, startedAt } = newest;
  const text = `${node} did not get ${device} within ${minutes(joinWithin)}: its device plugin does not run, or is broken`;
  return { at: startedAt + joinWithin, code: "devices-never-came", text };
}

const launchFailed = ({ at, message, missingType }: FailedLaunch): Failure => ({
  at,
  code: "launch-failed",
  text: `its launch failed at ${timeOf(at)}: ${message}`,
  missingType,
});

/** Capacity units that the group should have and does not have yet. */
export function shortfall({ desired }: Group, members: readonly Member[]): number {
  const present = members.filter(isPresent).reduce((units, { instance }) => units + instance.units, 0);
  return Math.max(0, desired - present);
}
