import { askedCondition } from "../../../shared/approvals/conditions.ts";
import type { Condition } from "../../../shared/incidents/incident.ts";
import type { Done } from "../../../shared/ledger/keep-verdict.ts";
import { pauseText } from "../../../shared/ledger/pauses.ts";
import type { Decision } from "../model/decision.ts";
import { changeText } from "./change-text.ts";

/** What of a decision lasts, and a person has to know: why a stream stays as it is, or what mode observe or a pause holds back. */
export function conditionsOf(decision: Decision, done: Done): readonly Condition[] {
  return [...ofDecision(decision, done), ...ofAdvice(decision), ...(decision.findings ?? [])];
}

/** A cheaper way to run it: people hear of it once, and again after a day while it stands. */
function ofAdvice({ advice }: Decision): readonly Condition[] {
  if (!advice) return [];
  const { to, text } = advice;
  return [{ key: "mode", kind: "event", code: "cheaper-mode", cause: to, text, severity: "info" }];
}

function ofDecision(decision: Decision, done: Done): readonly Condition[] {
  const { verdict, reasons, evidence } = decision;
  const [reason = verdict] = reasons;
  // Refused writes hurt the producers now; without them nobody is hurt yet.
  const severity = Number(evidence.throttled ?? 0) > 0 ? "critical" : "warning";
  if (decision.kind === "hold") {
    if (!decision.notify || verdict === "recovered") return [];
    return [{ key: "size", code: verdict, text: `${verdict}, nothing was changed: ${reason}`, severity }];
  }
  if (done === "acted") return [];
  if (typeof done === "object" && "kind" in done) return [askedCondition(done, severity)];
  const heldBy = done === "nothing" ? "mode is observe" : pauseText(done);
  const text = `would change ${changeText(decision)} (${verdict}); ${heldBy}`;
  // A new pause is news, also for the same change.
  const { kind, from, to } = decision;
  const cause = `${kind} ${from} -> ${to}${done === "nothing" ? "" : `, paused at ${done.at}`}`;
  return [{ key: "would", kind: "event", code: verdict, cause, text, severity: "info" }];
}
