import type { Condition } from "../../../shared/incidents/incident.ts";
import type { Severity } from "../../../shared/incidents/severity.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { type IncidentContext, incidentNotification } from "../../../shared/notify/incident-notification.ts";
import type { NodeOutcome, NodeResult } from "../model/drain.ts";
import type { RunDependencies } from "../run/dependencies.ts";

/** Notifies of a result that a person has to know, once: the same of the same node is not repeated for a day. */
export async function notifyResult(
  result: NodeResult,
  run: Run,
  { notifications }: Pick<RunDependencies, "notifications">,
): Promise<void> {
  const { node, outcome, reason, blockers } = result;
  const condition: Condition = {
    key: outcome,
    kind: "event",
    code: reason.code,
    cause: blockers.map(({ pod, reason: { code } }) => `${pod}: ${code}`).join(", "),
    text: reason.text,
    severity: SEVERITIES[outcome] ?? "info",
  };
  const finding = { conditions: [condition], judged: "listed" as const };
  await notifications.report(`node/${node}`, finding, (event) => ({
    ...incidentNotification(event, contextOf(result, run)),
    headline: `${result.nodePool}: node ${node} ${HEADLINES[outcome]}`,
  }));
}

/** Pods that were ended by force hurt their users; a node that stays costs money and waits for a person. */
const SEVERITIES: Partial<Record<NodeOutcome, Severity>> = {
  finished: "error",
  cancelled: "warning",
  refused: "warning",
};

const HEADLINES: Readonly<Record<NodeOutcome, string>> = {
  finished: "is gone with pods still on it",
  draining: "is being drained",
  cancelled: "could not be drained and stays",
  refused: "must not be drained",
  stopped: "is no longer being drained",
  gone: "is gone",
  observed: "would be drained and is not",
};

function contextOf(result: NodeResult, { automation, traceId }: Run): IncidentContext {
  const { nodePool, cause, outcome, reason, blockers } = result;
  return {
    automation,
    resource: `node-pool/${nodePool}`,
    work: [{ name: "Cause", value: cause }],
    resourceMetrics: blockers.map(({ pod, reason: { text } }) => ({ name: pod, value: text })),
    done: { what: reason.text },
    reasons:
      blockers.length === 0 ? [reason.text] : blockers.map(({ pod, reason: { text } }) => `${pod}: ${text}`),
    ...(outcome === "cancelled" && { undo: "nothing: the node takes pods again" }),
    ...(traceId !== undefined && { traceId }),
  };
}
