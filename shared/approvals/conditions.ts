import type { Condition, IncidentEvent } from "../incidents/incident.ts";
import type { Severity } from "../incidents/severity.ts";
import { minuteText, personOf } from "../ledger/pauses.ts";
import type { Notification } from "../notify/notification.ts";
import { changeText, stepText, untilText } from "./next-step.ts";
import type { AskedStep } from "./permit.ts";
import type { Approval, ApprovalRequest } from "./request.ts";

/** The code of an incident that people can answer. */
const WAITS = "waits-for-approval";
/** People are notified of it by the first run that finds it; this only bounds how long it is found. */
const OVERTAKEN_MS = 60 * 60_000;

/** What people are to know of a change that they are asked for. Each request is notified; its end is the incident's. */
export function askedCondition(step: AskedStep, severity: Severity): Condition {
  const { id, change } = step.request;
  const isOpen = step.kind === "ask" || step.kind === "wait";
  return {
    key: "ask",
    code: isOpen ? WAITS : step.kind,
    cause: id,
    text: isOpen
      ? `asks to approve ${changeText(change)} ${untilText(step.request)}`
      : `${changeText(change)}: ${stepText(step)}`,
    // Nobody has to do anything about what was answered.
    severity: isOpen ? severity : "info",
  };
}

/** A reason more, for the notification of a change that people were asked for. */
export const approvedBy = (approval: Approval | undefined): readonly string[] =>
  approval ? [`approved by ${personOf(approval.by)} at ${minuteText(approval.at)} (${approval.id})`] : [];

/** An approval that came too late for the world as it is. @param now ms since the epoch */
export function overtakenConditions(request: ApprovalRequest | undefined, now: number): readonly Condition[] {
  const { id, answer, overtaken, change } = request ?? {};
  if (!id || !answer || !overtaken || !change || now - overtaken.at > OVERTAKEN_MS) return [];
  const text = `${personOf(answer.by)} approved ${changeText(change)} at ${minuteText(answer.at)}, which is not right any more: ${overtaken.why}. Nothing was done`;
  return [{ key: "overtaken", kind: "event", code: "overtaken", cause: id, text, severity: "warning" }];
}

/** What the notification of a request has beside that of any incident: how to answer, and what the change costs. */
export function askedContext(
  step: AskedStep,
  { incident, kind }: IncidentEvent,
  stage: string,
): Pick<Notification, "approval" | "costPerMonth" | "reasons"> | undefined {
  if (incident.key !== "ask") return undefined;
  const { id, change, expiresAt } = step.request;
  const isOpen = incident.code === WAITS && kind !== "end";
  return {
    reasons: [...change.reasons],
    ...(change.costPerMonth && { costPerMonth: change.costPerMonth }),
    ...(isOpen && {
      approval: {
        id,
        until: new Date(expiresAt).toISOString(),
        approve: `reflex approve ${id} --stage ${stage}`,
        reject: `reflex reject ${id} --stage ${stage}`,
      },
    }),
  };
}
