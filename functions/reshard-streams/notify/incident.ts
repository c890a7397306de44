import { askedContext } from "../../../shared/approvals/conditions.ts";
import type { Incident, IncidentEvent } from "../../../shared/incidents/incident.ts";
import type { History } from "../../../shared/ledger/entry.ts";
import type { Done } from "../../../shared/ledger/keep-verdict.ts";
import { incidentNotification } from "../../../shared/notify/incident-notification.ts";
import type { Notification } from "../../../shared/notify/notification.ts";
import type { Decision } from "../model/decision.ts";
import { MODE_KEY } from "./conditions.ts";
import { contextOf, type Occasion } from "./notification.ts";

/** What people are notified of for one event of an incident of a stream, with what the run found that it is of. */
export function eventNotification(
  event: IncidentEvent,
  { stream, decision, done, history }: StreamFinding,
  occasion: Pick<Occasion, "trigger" | "traceId" | "deployStage">,
): Notification {
  const asked = typeof done === "object" && "kind" in done ? done : undefined;
  return incidentNotification(event, {
    ...contextOf(stream, decision, history, occasion),
    ...whyOf(event.incident, decision),
    ...(asked && askedContext(asked, event, occasion.deployStage)),
  });
}

/** An incident beside what was decided has reasons of its own, as long as it stands. */
function whyOf(
  { key }: Pick<Incident, "key">,
  { reasons, advice, findings = [] }: Decision,
): Pick<Notification, "reasons" | "costPerMonth"> {
  if (key === MODE_KEY && advice) return { reasons: [advice.text], costPerMonth: advice.costPerMonth };
  const found = findings.filter((finding) => finding.key === key).map(({ text }) => text);
  return { reasons: found.length > 0 ? found : [...reasons] };
}

/** What one run found of a stream, and did. */
export interface StreamFinding {
  readonly stream: string;
  readonly decision: Decision;
  readonly done: Done;
  readonly history: History;
}
