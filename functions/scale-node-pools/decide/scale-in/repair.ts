import { groupRemovalReason } from "../../../../shared/node-pools/removal-rules/group-rules.ts";
import { instanceRemovalReason } from "../../../../shared/node-pools/removal-rules/instance-rules.ts";
import type { PodsByNode } from "../../model/cluster.ts";
import type { InstanceTermination, NodeRef, UnremovableNode } from "../../model/decision.ts";
import { reason } from "../../model/reason.ts";
import { minutes } from "../../model/wording.ts";
import type { Member } from "../pool/members.ts";
import { membersWithStatus, type PoolState, targetSize } from "../pool/pool-state.ts";
import { asRemovable, fewAreMissing, nodesDueForRepair, reductionBy } from "../pool/repair-due.ts";

/** What is to be done about instances that are of no use. */
export interface RepairPlan {
  /** Instances that never became a node, or whose node is gone. */
  readonly terminate: readonly InstanceTermination[];
  /** Nodes that have not been ready for long. */
  readonly drain: readonly NodeRef[];
  /** Nodes that have not been ready for long and cannot be drained. */
  readonly blocked: readonly UnremovableNode[];
  /** Instances without a node, and since when that was seen; the next run has to know. */
  readonly unjoined: Readonly<Record<string, number>>;
}

/** Plans the repair of a pool. It ends no instance that may be running pods, but within the disruption budget. */
export function planRepair(state: PoolState, pods: PodsByNode): RepairPlan {
  const { pool, now } = state;
  const { next, blocked } = nodesDueForRepair(state, pods);
  const unjoined = new Map(
    membersWithStatus(state, "neverJoined").map((member) => [
      member,
      pool.status.unjoined?.[member.instance.id] ?? now,
    ]),
  );
  // Where most nodes are missing, it is more likely that the cluster's API shows too few.
  const lost = [...unjoined].filter(([member, since]) => !hasNeverBeenANode(member, since, state));
  const isTrusted = fewAreMissing(state, lost.length);
  const due = [...unjoined].filter(([member, since]) => {
    const mayGo = isTrusted || hasNeverBeenANode(member, since, state);
    return mayGo && isDue(since, state);
  });
  return {
    terminate: terminations(
      due.map(([member]) => member),
      state,
    ),
    drain: targetSize(state) > state.bounds.min ? next : [],
    blocked,
    unjoined: Object.fromEntries([...unjoined].map(([{ instance }, since]) => [instance.id, since])),
  };
}

/** `terminateUnjoinedAfter` times `joinWithin` after the launch; the first `joinWithin` was over when it was first seen. */
function isDue(since: number, { pool: { policy }, now }: PoolState): boolean {
  const { terminateUnjoinedAfter, joinWithin } = policy;
  return terminateUnjoinedAfter > 0 && now - since >= (terminateUnjoinedAfter - 1) * joinWithin;
}

/** It was seen without a node as soon as it should have had one: nothing runs on it that the cluster knows. */
const hasNeverBeenANode = (
  { instance: { launchedAt } }: Member,
  since: number,
  { pool }: PoolState,
): boolean => launchedAt !== undefined && since - launchedAt < 2 * pool.policy.joinWithin;

/** The pool does not fall below its min: where it would, the group launches another instance. */
function terminations(members: readonly Member[], state: PoolState): InstanceTermination[] {
  let spare = targetSize(state) - state.bounds.min;
  return members.flatMap((member) => {
    const made = termination(member, state, spare > 0);
    spare -= made.filter(({ shrinks }) => shrinks).length;
    return made;
  });
}

function termination(
  { instance, group }: Member,
  state: PoolState,
  mayShrink: boolean,
): InstanceTermination[] {
  const { suspended, refreshing, kind } = group;
  if (kind === "spotFleet" || suspended.includes("Terminate") || refreshing) return [];
  if (instanceRemovalReason(instance.id, asRemovable(instance), group.name)) return [];
  const ofGroup = state.groups.find((each) => each.group === group);
  const shrinks =
    mayShrink &&
    ofGroup !== undefined &&
    groupRemovalReason(group, reductionBy(instance, ofGroup)) === undefined;
  const why = reason(
    "instances-never-joined",
    `instance ${instance.id} of ${group.name} is no node of the cluster ${minutes(state.pool.policy.joinWithin)} ` +
      `after it was launched, or any more: it is terminated${shrinks ? "" : " and replaced"}`,
  );
  return [{ instanceId: instance.id, group: group.name, shrinks, reason: why }];
}
