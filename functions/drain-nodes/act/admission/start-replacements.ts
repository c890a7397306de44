import { collect } from "../../../../shared/kubernetes/api/list/pages.ts";
import { listNodes, type Node } from "../../../../shared/kubernetes/node.ts";
import { podPages } from "../../../../shared/kubernetes/pod.ts";
import type { Run } from "../../../../shared/lambda/run.ts";
import { disruptionLimit } from "../../../../shared/node-pools/disruption-budget.ts";
import { isOverdue, mayStartReplacement } from "../../decide/replacement.ts";
import type { NodeDrain } from "../../model/drain.ts";
import type { MarkedNode } from "../../observe/drain-state.ts";
import { isBeingDrained } from "../../observe/marked-nodes.ts";
import { poolInstances } from "../../observe/pool-instances.ts";
import type { Dependencies } from "../../run/dependencies.ts";
import { type AdmittedDrains, admitDrains, type PlannedDrains } from "./admit-drains.ts";

/** A node that is cordoned and awaits its replacement. */
export interface WaitingNode extends MarkedNode {
  readonly drain: NodeDrain;
}

type ReplacementDependencies = Pick<Dependencies, "autoScaling" | "ledger" | "pools" | "spotFleets">;

/**
 * Starts the drains of one pool's nodes that AWS recommends to replace: the oldest first, those whose replacement is
 * there, and never more nodes at once than the pool's disruption budgets allow. Answers those that it started.
 */
export async function startReplacements(
  waiting: readonly WaitingNode[],
  run: Run,
  deps: ReplacementDependencies,
): Promise<AdmittedDrains> {
  const [first] = waiting;
  if (!first) return { drains: [], failures: [] };
  return admitDrains(first.drain.pool, () => planReplacements(waiting, first.drain, run, deps), run, deps);
}

async function planReplacements(
  waiting: readonly WaitingNode[],
  { pool, api }: NodeDrain,
  run: Run,
  deps: ReplacementDependencies,
): Promise<PlannedDrains> {
  const { signal } = run;
  const now = run.clock.now();
  const ids = waiting.map(({ mark }) => mark.instanceId);
  const [instances, all, pending] = await Promise.all([
    poolInstances(pool, ids, signal, deps),
    listNodes(api, { signal }),
    collect(podPages(api, { fieldSelector: "status.phase=Pending", signal })),
  ]);
  const nodes = all.filter(({ machine }) => machine !== undefined && instances.all.has(machine.instanceId));
  const isStarved = pending.some(
    ({ unschedulable, controller }) => unschedulable && controller?.kind !== "DaemonSet",
  );
  const due = waiting
    .toSorted((a, b) => a.mark.cordonedAt - b.mark.cordonedAt)
    .filter(({ mark }) => mayStartReplacement({ mark, nodes, isStarved, policy: pool.policy, now }));
  const marks = withinBudget(due, nodes, pool.policy, now).map(({ drain, node, mark }) => {
    const { awaitsReplacement: _, ...started } = mark;
    return { drain, node, mark: { ...started, startedAt: now } };
  });
  return { marks, instances };
}

/** As many as the disruption budgets allow beside the nodes that are missing already. */
function withinBudget(
  due: readonly WaitingNode[],
  nodes: readonly Node[],
  policy: NodeDrain["pool"]["policy"],
  now: number,
): WaitingNode[] {
  const limit = disruptionLimit(policy, nodes.length, now).nodes;
  const draining = nodes.filter(isBeingDrained).length;
  const notReady = nodes.filter((node) => !node.ready && !isBeingDrained(node)).length;
  return due.filter(({ mark }, place) => {
    // A node that is not ready for ever does not hold the others for ever.
    const missing = draining + place + (isOverdue({ mark, policy, now }) ? 0 : notReady);
    return missing < limit;
  });
}
