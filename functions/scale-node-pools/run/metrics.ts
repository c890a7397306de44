import type { Run } from "../../../shared/lambda/run.ts";
import type { Decision } from "../model/decision.ts";

/** The metrics that are read from a decision's evidence: name, unit, key of the evidence. */
const FROM_EVIDENCE = [
  ["PendingPods", "Count", "pendingPods"],
  ["UnplacedPods", "Count", "unplacedPods"],
  ["UnschedulablePods", "Count", "unschedulablePods"],
  ["NodesNotReady", "Count", "notReady"],
  ["Utilisation", "Percent", "utilisationPercent"],
] as const;

/** Publishes what was decided for one pool, and from what. */
export function publishMetrics(
  { pool, verdict, from, nodesNeeded, evidence }: Decision,
  { metrics }: Pick<Run, "metrics">,
): void {
  metrics.count("Decisions", 1, { Decision: verdict });
  const dimensions = { NodePool: pool };
  metrics.record("Nodes", "Count", from, dimensions);
  if (nodesNeeded !== undefined) metrics.record("NodesNeeded", "Count", nodesNeeded, dimensions);
  for (const [name, unit, key] of FROM_EVIDENCE) {
    const value = evidence[key];
    if (typeof value === "number") metrics.record(name, unit, value, dimensions);
  }
}
