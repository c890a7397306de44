import { approvedBy } from "../../../shared/approvals/conditions.ts";
import type { Approval } from "../../../shared/approvals/request.ts";
import type { Entry, History } from "../../../shared/ledger/entry.ts";
import type { IncidentContext } from "../../../shared/notify/incident-notification.ts";
import type { Notification } from "../../../shared/notify/notification.ts";
import { describeAction } from "../model/action.ts";
import type { Decision } from "../model/decision.ts";
import { textsOf } from "../model/reason.ts";
import { resourceOf } from "../run/dependencies.ts";
import { factsOf, podsFact } from "./facts.ts";
import { undoText } from "./undo-text.ts";

/** How many earlier entries of the ledger are shown. */
const RECENT_EVENTS = 5;

/** What a notification says of the run, beside the decision. */
export interface Occasion {
  /** The intent's: the same whoever sends it. */
  readonly id: string;
  /** The deployed stage, for the command that undoes it. */
  readonly deployStage: string;
  /** ms since the epoch. */
  readonly now: number;
  readonly trigger: string;
  readonly traceId?: string | undefined;
  /** Who approved it, where the mode is `ask`. */
  readonly approval?: Approval | undefined;
}

/** A change that was made. */
export function notificationOf(
  decision: Decision,
  history: History,
  occasion: Occasion & { readonly call: string },
): Notification {
  const { pool, verdict, from, to, reasons, warnings } = decision;
  const change = from === to ? describeAction(decision) : `${from} -> ${to} nodes`;
  return {
    id: occasion.id,
    at: new Date(occasion.now).toISOString(),
    severity: "info",
    state: "action",
    headline: `${pool}: ${change} (${verdict})`,
    ...contextOf(decision, history, occasion),
    done: { what: describeAction(decision), from, to, unit: "nodes" },
    reasons: [...new Set([...textsOf(reasons), ...textsOf(warnings), ...approvedBy(occasion.approval)])],
    undo: undoText(occasion.call, undoCommand(occasion), decision),
  };
}

/** A change that a run had made before it died; what it was decided from is in the ledger's entry. */
export function recoveredNotification(
  pool: string,
  { intent }: Entry,
  history: History,
  { now, traceId, deployStage }: Pick<Occasion, "now" | "traceId" | "deployStage">,
): Notification {
  const { id, action, from, to, reasons, trigger, evidence } = intent;
  return {
    id,
    at: new Date(now).toISOString(),
    automation: "scale-node-pools",
    resource: resourceOf(pool),
    severity: "info",
    state: "action",
    headline: `${pool}: ${from} -> ${to} nodes, by a run that died before it could notify`,
    work: [podsFact(evidence)],
    resourceMetrics: [...factsOf(evidence), { name: "Triggered by", value: trigger }],
    events: eventsOf(history),
    done: { what: action, from, to, unit: "nodes" },
    reasons: [...reasons],
    undo: undoText(action, undoCommand({ id, deployStage }), intent),
    ...(traceId !== undefined && { traceId }),
  };
}

/** What a decision was read from, for the notification of an incident or of a change. */
export function contextOf(
  { pool, evidence }: Decision,
  history: History,
  { trigger, traceId }: Pick<Occasion, "trigger" | "traceId">,
) {
  return {
    automation: "scale-node-pools",
    resource: resourceOf(pool),
    work: [podsFact(evidence)],
    resourceMetrics: [...factsOf(evidence), { name: "Triggered by", value: trigger }],
    events: eventsOf(history),
    ...(traceId !== undefined && { traceId }),
  } satisfies IncidentContext;
}

const undoCommand = ({ id, deployStage }: Pick<Occasion, "id" | "deployStage">): string =>
  `reflex undo ${id} --stage ${deployStage}`;

const eventsOf = ({ entries }: History) =>
  entries.slice(0, RECENT_EVENTS).map(({ intent, outcome }) => ({
    at: new Date(intent.at).toISOString(),
    text: `${intent.action} ${intent.from} -> ${intent.to}, ${outcome.result} (${intent.trigger})`,
  }));
