import type { ClusterNode, Group, Instance } from "../../model/cluster.ts";
import type { Startup } from "./startup.ts";

/** What an instance is to its pool. */
export type NodeStatus =
  /** Its node takes pods. */
  | "schedulable"
  /** It was launched within `joinWithin`, and its node is not there, not ready or still starting. */
  | "joining"
  /** Someone else has cordoned its node. */
  | "cordoned"
  /** We are draining its node. */
  | "draining"
  /** Its node is older than `joinWithin`, and not ready or still has a startup taint. */
  | "notReady"
  /** It has no node, and `joinWithin` is over. */
  | "neverJoined"
  /** It is being terminated. */
  | "terminating"
  /** It is in standby or in a warm pool. */
  | "standbyOrWarm";

/** One instance of a pool with its node. */
export interface Member {
  readonly instance: Instance;
  readonly group: Group;
  readonly node: ClusterNode | undefined;
  readonly zone: string | undefined;
  readonly status: NodeStatus;
}

/** The instances of a pool with their nodes. */
export function membersOf(
  groups: readonly Group[],
  nodeByInstance: ReadonlyMap<string, ClusterNode>,
  now: number,
  joinWithin: number,
  startup: Startup,
): Member[] {
  return groups.flatMap((group) =>
    group.instances.map((instance): Member => {
      const node = nodeByInstance.get(instance.id);
      const status = statusOf(instance, group.name, node, now, joinWithin, startup);
      return { instance, group, node, zone: node?.zone ?? instance.zone, status };
    }),
  );
}

function statusOf(
  { state, launchedAt }: Instance,
  group: string,
  node: ClusterNode | undefined,
  now: number,
  joinWithin: number,
  startup: Startup,
): NodeStatus {
  if (state === "terminating" || state === "standbyOrWarm") return state;
  if (!node) return isNew(state, launchedAt, now, joinWithin) ? "joining" : "neverJoined";
  if (node.draining) return "draining";
  if (!node.ready) return startup.isYoung(node) ? "joining" : "notReady";
  if (node.cordoned) return "cordoned";
  if (startup.isStarting(node, group)) return "joining";
  return startup.isStuckStarting(node) ? "notReady" : "schedulable";
}

/**
 * An instance whose launch is not among the latest was launched long ago, but for one that came after they were
 * read: that one is still starting.
 */
const isNew = (
  state: Instance["state"],
  launchedAt: number | undefined,
  now: number,
  joinWithin: number,
): boolean => (launchedAt === undefined ? state === "starting" : now - launchedAt < joinWithin);

/** Whether the instance counts towards the group's capacity. */
export const isPresent = ({ status }: Member): boolean =>
  status !== "terminating" && status !== "standbyOrWarm";

/** Whether a plan of ours will terminate the instance, which makes the group smaller. */
export const isBeingRemoved = ({ status, node }: Member): boolean =>
  status === "draining" && node?.draining?.byScaler === true;
