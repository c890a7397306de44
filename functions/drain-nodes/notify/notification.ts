import type { Condition } from "../../../shared/incidents/incident.ts";
import type { Severity } from "../../../shared/incidents/severity.ts";
import { DRAIN_TAINT } from "../../../shared/kubernetes/scheduling/toleration.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { type IncidentContext, incidentNotification } from "../../../shared/notify/incident-notification.ts";
import type { RunNotifications } from "../../../shared/notify/run-notifications.ts";
import type { NodeOutcome, NodeResult } from "../model/drain.ts";

/** How a drain can end that people are notified of; each is a notification of its own. */
export const NOTIFIED_OUTCOMES = [
  "finished",
  "gone",
  "cancelled",
  "refused",
  "stopped",
  "observed",
] as const satisfies readonly NodeOutcome[];
export type NotifiedOutcome = (typeof NOTIFIED_OUTCOMES)[number];
export type NotifiedResult = NodeResult & { readonly outcome: NotifiedOutcome };

/** Notifies of a result that a person has to know, once: the same of the same node is not repeated for a day. */
export async function notifyResult(
  result: NotifiedResult,
  run: Pick<Run, "automation" | "traceId">,
  { notifications }: { readonly notifications: Pick<RunNotifications, "report"> },
): Promise<void> {
  const { node, outcome, reason, blockers } = result;
  const { severity, headline } = WORDS[outcome];
  const condition: Condition = {
    ...{ key: outcome, kind: "event", code: reason.code, severity: severity(result) },
    cause: blockers.map(({ pod, reason: { code } }) => `${pod}: ${code}`).join(", "),
    text: reason.text,
  };
  const finding = { conditions: [condition], judged: "listed" as const };
  await notifications.report(`node/${node}`, finding, (event) => ({
    ...incidentNotification(event, contextOf(result, run)),
    headline: `${result.nodePool}: node ${node} ${headline}`,
  }));
}

interface Words {
  readonly severity: (result: NodeResult) => Severity;
  readonly headline: string;
  /** How its pods fare. */
  readonly pods: (result: NodeResult) => string;
  readonly done: string;
  readonly undo?: (node: string) => string;
}

const NOT_BACK = "nothing: an instance does not come back. The pool orders nodes when pods wait";
const GO_ON = "they go on running on the node";

/**
 * Pods that are ended by force hurt their users; a node that stays costs money and waits for a person, unless a person
 * wanted it so.
 */
const WORDS: Readonly<Record<NotifiedOutcome, Words>> = {
  finished: {
    severity: () => "error",
    headline: "is gone with pods still on it",
    pods: ({ blockers }) => `${blockers.length} ended by force with the instance`,
    done: "the instance was let go",
    undo: () => NOT_BACK,
  },
  gone: {
    severity: () => "error",
    headline: "goes before it is empty",
    pods: ({ blockers }) => `${blockers.length} end by force with the instance`,
    done: "nothing more: only a lifecycle hook holds an instance, and this one has ended",
    undo: () => NOT_BACK,
  },
  cancelled: {
    severity: () => "warning",
    headline: "could not be drained and stays",
    pods: () => GO_ON,
    done: "the drain was cancelled, and the node takes pods again",
  },
  refused: {
    severity: () => "warning",
    headline: "must not be drained",
    pods: () => GO_ON,
    done: "nothing",
  },
  stopped: {
    severity: ({ reason: { code } }) => (code === "paused" || code === "mode-observe" ? "info" : "warning"),
    headline: "is no longer being drained",
    pods: () => `${GO_ON}, and no new ones come`,
    done: "nothing more: the node stays cordoned",
    undo: (node) => `kubectl uncordon ${node} && kubectl taint node ${node} ${DRAIN_TAINT}-`,
  },
  observed: {
    severity: () => "warning",
    headline: "would be drained and is not",
    pods: ({ cause }) =>
      cause === "rebalance-recommendation"
        ? `${GO_ON} for as long as AWS leaves it the instance`
        : "AWS takes the instance all the same, with those that are on it",
    done: "nothing",
  },
};

function contextOf(result: NotifiedResult, { automation, traceId }: Pick<Run, "automation" | "traceId">) {
  const { nodePool, node, cause, outcome, reason, blockers } = result;
  const { pods, done, undo } = WORDS[outcome];
  return {
    automation,
    resource: `node-pool/${nodePool}`,
    work: [{ name: "Pods", value: pods(result) }],
    resourceMetrics: [
      ...blockers.map(({ pod, reason: { text } }) => ({ name: pod, value: text })),
      { name: "Triggered by", value: cause },
    ],
    done: { what: done },
    reasons: [reason.text],
    ...(undo && { undo: undo(node) }),
    ...(traceId !== undefined && { traceId }),
  } satisfies IncidentContext;
}
