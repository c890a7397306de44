import { askedCondition } from "../../../shared/approvals/conditions.ts";
import type { Condition } from "../../../shared/incidents/incident.ts";
import type { Severity } from "../../../shared/incidents/severity.ts";
import type { Done } from "../../../shared/ledger/keep-verdict.ts";
import { pauseText } from "../../../shared/ledger/pauses.ts";
import { changesAnything, describeAction, describePlan } from "../model/action.ts";
import type { Decision, Warning, WarningCode } from "../model/decision.ts";
import { count } from "../model/wording.ts";

export const WOULD_KEY = "would";

/** What of a decision lasts, and a person has to know: the pool's warnings, or what mode observe or a pause holds back. */
export function conditionsOf(decision: Decision, done: Done): readonly Condition[] {
  const warnings = warningsByKey(decision).flatMap(([key, [first]]): Condition[] =>
    first
      ? [
          {
            key,
            code: first.code,
            text: TEXTS[first.code](first, decision),
            severity: severityOf(first, decision),
          },
        ]
      : [],
  );
  if (done === "acted" || !changesAnything(decision)) return warnings;
  const { verdict, from, to } = decision;
  if (typeof done === "object" && "kind" in done) {
    // Pods that wait for a node hurt now: none is on its way before somebody approves it.
    return [askedCondition(done, podsWait(decision) ? "critical" : "warning"), ...warnings];
  }
  const change = from === to ? describePlan(decision) : `${from} -> ${to} nodes`;
  const would: Condition = {
    key: WOULD_KEY,
    kind: "event",
    code: verdict,
    // A new pause is notified, also for the same change.
    cause: `${describeAction(decision)}${done === "nothing" ? "" : `, paused at ${done.at}`}`,
    text: `${change} (${verdict}) is not done: ${done === "nothing" ? "mode is observe" : pauseText(done)}`,
    severity: "info",
  };
  return [would, ...warnings];
}

/** Warnings of the same matter are one condition. */
const warningsByKey = ({ warnings }: Pick<Decision, "warnings">): (readonly [string, Warning[]])[] => [
  ...Map.groupBy(warnings, ({ code, about }) => `${code}#${about}`),
];

/** Why there is an incident with this key, in full. */
export const reasonsOf = (key: string, decision: Pick<Decision, "warnings">): readonly string[] =>
  warningsByKey(decision).flatMap(([of, all]) =>
    of === key ? [...new Set(all.map(({ text }) => text))] : [],
  );

/** What each comes to, without its numbers: they are the reason. */
const TEXTS: Readonly<Record<WarningCode, (warning: Warning, decision: Decision) => string>> = {
  "managed-elsewhere": () => "another scaler manages it, so Reflex does nothing",
  "max-change": () => "the change it needs is larger than maxChange allows",
  "cannot-scale-out": ({ inShort }, { evidence }) => {
    const pods = Number(evidence.pendingPods ?? 0);
    return `${pods > 0 ? `${count(pods, "pod")} pending` : "needs more nodes"}: ${inShort}`;
  },
  "pods-stuck-pending": ({ about }) => `pods of ${about} wait, and a node would not help`,
  "pods-unschedulable": ({ about }) => `pods of ${about} fit no node pool`,
  "objects-unreadable": ({ about }) => `${about} cannot be read and is left out`,
  "group-backed-off": ({ about }) => `group ${about} gets no nodes for now`,
  "not-ready": ({ about }, { pool }) =>
    about === pool ? "too many nodes are not ready" : `node ${about} is not ready and is not repaired`,
  "az-rebalance": ({ about }) => `AWS may terminate nodes of ${about} without a drain`,
};

/** Pods that find no node hurt now. */
function severityOf({ code }: Warning, decision: Decision): Severity {
  return code === "max-change" && podsWait(decision) ? "critical" : SEVERITIES[code];
}

const podsWait = ({ evidence }: Decision): boolean =>
  Number(evidence.pendingPods ?? 0) > 0 || Number(evidence.unplacedPods ?? 0) > 0;

const SEVERITIES: Readonly<Record<WarningCode, Severity>> = {
  "cannot-scale-out": "critical",
  "pods-stuck-pending": "critical",
  "pods-unschedulable": "critical",
  "objects-unreadable": "error",
  "not-ready": "error",
  "group-backed-off": "error",
  "max-change": "error",
  "managed-elsewhere": "warning",
  "az-rebalance": "warning",
};

/** Every warning, each a notification of its own. */
export const WARNING_CODES: readonly string[] = Object.keys(SEVERITIES);
