import type { Run } from "../../../shared/lambda/run.ts";
import type { Decision } from "../model/decision.ts";

/** What is wrong with a pool, by the key of the evidence. At rest each is 0, and nothing is published or billed. */
const COUNTS = [
  ["PendingPods", "pendingPods"],
  ["UnplacedPods", "unplacedPods"],
  ["UnschedulablePods", "unschedulablePods"],
  ["NodesNotReady", "notReady"],
] as const;

/** Publishes what was decided for one pool, and from what. */
export function publishMetrics(
  { pool, verdict, from, nodesNeeded, evidence }: Decision,
  { metrics }: Pick<Run, "metrics">,
): void {
  metrics.count("Decisions", 1, { Decision: verdict });
  const dimensions = { NodePool: pool };
  metrics.record("Nodes", "Count", from, dimensions);
  // At rest it is what runs, and would only be billed a second time.
  if (nodesNeeded !== undefined && nodesNeeded !== from) {
    metrics.record("NodesNeeded", "Count", nodesNeeded, dimensions);
  }
  const { utilisationPercent } = evidence;
  if (typeof utilisationPercent === "number") {
    metrics.record("Utilisation", "Percent", utilisationPercent, dimensions);
  }
  for (const [name, key] of COUNTS) {
    const value = evidence[key];
    if (typeof value === "number") metrics.count(name, value, dimensions);
  }
}
