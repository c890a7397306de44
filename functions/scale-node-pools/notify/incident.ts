import { askedContext } from "../../../shared/approvals/conditions.ts";
import type { IncidentEvent } from "../../../shared/incidents/incident.ts";
import type { History } from "../../../shared/ledger/entry.ts";
import type { Done } from "../../../shared/ledger/keep-verdict.ts";
import { incidentNotification } from "../../../shared/notify/incident-notification.ts";
import type { Notification } from "../../../shared/notify/notification.ts";
import type { Decision } from "../model/decision.ts";
import { textsOf } from "../model/reason.ts";
import { reasonsOf, WOULD_KEY } from "./conditions.ts";
import { contextOf, type Occasion } from "./notification.ts";

/** What one run found of a pool, and did. */
export interface PoolFinding {
  readonly decision: Decision;
  readonly done: Done;
  readonly history: History;
}

/** What people are notified of for one event of an incident of a pool, with what the run found that it is of. */
export function eventNotification(
  event: IncidentEvent,
  { decision, done, history }: PoolFinding,
  occasion: Pick<Occasion, "trigger" | "traceId" | "deployStage">,
): Notification {
  const asked = typeof done === "object" && "kind" in done ? done : undefined;
  const warned = reasonsOf(event.incident.key, decision);
  // What is over, or was not done, is so for the reasons of the decision.
  const isOfDecision = event.kind === "end" || event.incident.key === WOULD_KEY;
  return incidentNotification(event, {
    ...contextOf(decision, history, occasion),
    ...(warned.length > 0 && { reasons: [...warned] }),
    ...(isOfDecision && { reasons: textsOf(decision.reasons) }),
    ...(asked && askedContext(asked, event, occasion.deployStage)),
  });
}
