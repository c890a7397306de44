import { collect } from "../../../shared/kubernetes/api/pages.ts";
import { isDraining, readDrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import { listNodes, type Node } from "../../../shared/kubernetes/node.ts";
import { podPages } from "../../../shared/kubernetes/pod.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { disruptionLimit } from "../../../shared/node-pools/disruption-budget.ts";
import { isOverdue, mayStartReplacement } from "../decide/replacement.ts";
import type { NodeDrain } from "../model/drain.ts";
import { groupStates, memberships } from "../observe/auto-scaling-groups.ts";
import type { MarkedNode } from "../observe/drain-state.ts";
import type { Dependencies } from "../run/dependencies.ts";
import { writeMark } from "./drain-mark.ts";

/** A node that is cordoned and awaits its replacement. */
export interface WaitingNode extends MarkedNode {
  readonly drain: NodeDrain;
}

/**
 * Starts the drains of one pool's nodes that AWS recommends to replace: the oldest first, those whose replacement is
 * there, and never more nodes at once than the pool's disruption budgets allow. Answers those that it started.
 */
export async function startReplacements(
  waiting: readonly WaitingNode[],
  run: Run,
  deps: Pick<Dependencies, "autoScaling" | "spotFleets">,
): Promise<NodeDrain[]> {
  const [first] = waiting;
  if (!first) return [];
  const { pool, api } = first.drain;
  const now = run.clock.now();
  const [nodes, pending] = await Promise.all([
    poolNodes(waiting, run, deps),
    collect(podPages(api, { fieldSelector: "status.phase=Pending", signal: run.signal })),
  ]);
  const limit = disruptionLimit(pool.policy, nodes.length, now).nodes;
  const draining = nodes.filter(isBeingDrained).length;
  const notReady = nodes.filter((node) => !node.ready && !isBeingDrained(node)).length;
  const isStarved = pending.some(
    ({ unschedulable, controller }) => unschedulable && controller?.kind !== "DaemonSet",
  );
  const due = waiting
    .toSorted((a, b) => a.mark.cordonedAt - b.mark.cordonedAt)
    .filter(({ mark }) => mayStartReplacement({ mark, nodes, isStarved, policy: pool.policy, now }))
    // A node that is not ready for ever does not hold the others for ever.
    .filter(({ mark }, place) => {
      const missing = draining + place + (isOverdue({ mark, policy: pool.policy, now }) ? 0 : notReady);
      return missing < limit;
    });
  for (const { node, mark } of due) {
    const { awaitsReplacement: _, ...started } = mark;
    await writeMark(api, node, { ...started, startedAt: now }, run.signal);
  }
  return due.map(({ drain }) => drain);
}

/** It runs no pods soon; one that awaits its replacement still does. */
const isBeingDrained = (node: Node): boolean =>
  isDraining(node) && readDrainMark(node)?.awaitsReplacement !== true;

/** The nodes on the pool's instances. */
async function poolNodes(
  waiting: readonly WaitingNode[],
  { signal }: Run,
  deps: Pick<Dependencies, "autoScaling" | "spotFleets">,
): Promise<Node[]> {
  const [first] = waiting;
  if (!first) return [];
  const { pool, api } = first.drain;
  const instances = await poolInstances(waiting, pool.policy, signal, deps);
  return (await listNodes(api, { signal })).filter(
    ({ machine }) => machine !== undefined && instances.has(machine.instanceId),
  );
}

async function poolInstances(
  waiting: readonly WaitingNode[],
  { spotFleet, autoScalingGroups }: NodeDrain["pool"]["policy"],
  signal: AbortSignal,
  { autoScaling, spotFleets }: Pick<Dependencies, "autoScaling" | "spotFleets">,
): Promise<ReadonlySet<string>> {
  if (spotFleet !== undefined) {
    const active = await (await spotFleets()).activeInstances(spotFleet, signal);
    return new Set(active.map(({ id }) => id));
  }
  // A managed node group's own group is the one that its instances are in.
  const ids = waiting.map(({ mark }) => mark.instanceId);
  const own = await memberships(autoScaling, ids, signal);
  const names = new Set([...(autoScalingGroups ?? []), ...[...own.values()].map(({ group }) => group)]);
  const groups = await groupStates(autoScaling, [...names], signal);
  return new Set([...groups.values()].flatMap(({ instances }) => instances.map(({ id }) => id)));
}
