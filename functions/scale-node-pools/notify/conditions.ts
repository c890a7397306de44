import { askedCondition } from "../../../shared/approvals/conditions.ts";
import type { Condition } from "../../../shared/incidents/incident.ts";
import type { Severity } from "../../../shared/incidents/severity.ts";
import type { Done } from "../../../shared/ledger/keep-verdict.ts";
import { pauseText } from "../../../shared/ledger/pauses.ts";
import { changesAnything, describeAction } from "../model/action.ts";
import type { Decision, WarningCode } from "../model/decision.ts";

/** What of a decision lasts, and a person has to know: the pool's warnings, or what mode observe or a pause holds back. */
export function conditionsOf(decision: Decision, done: Done): readonly Condition[] {
  const warnings = [...Map.groupBy(decision.warnings, ({ code, about }) => `${code}#${about}`)].flatMap(
    ([key, [first, ...others]]): Condition[] =>
      first
        ? [
            {
              key,
              code: first.code,
              text: [first, ...others].map(({ text }) => text).join("; "),
              severity: SEVERITIES[first.code],
            },
          ]
        : [],
  );
  if (done === "acted" || !changesAnything(decision)) return warnings;
  const { verdict, from, to, evidence } = decision;
  if (typeof done === "object" && "kind" in done) {
    // Pods that wait for a node hurt now.
    const severity = Number(evidence.unplacedPods ?? evidence.pendingPods ?? 0) > 0 ? "critical" : "warning";
    return [askedCondition(done, severity), ...warnings];
  }
  const change = verdict === "set-limits" ? "the group's limits are set" : `${from} -> ${to} nodes`;
  const would: Condition = {
    key: "would",
    kind: "event",
    code: verdict,
    // A new pause is news, also for the same change.
    cause: `${describeAction(decision)}${done === "nothing" ? "" : `, paused at ${done.at}`}`,
    text: `would be ${change}; ${done === "nothing" ? "mode is observe" : pauseText(done)}`,
    severity: "info",
  };
  return [would, ...warnings];
}

/** Pods that find no node hurt now. */
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
