import { approvedBy } from "../../../shared/approvals/conditions.ts";
import type { Approval } from "../../../shared/approvals/request.ts";
import type { History } from "../../../shared/ledger/entry.ts";
import type { IncidentContext } from "../../../shared/notify/incident-notification.ts";
import type { Notification } from "../../../shared/notify/notification.ts";
import { usdPerMonth } from "../decide/measure/cost.ts";
import type { Decision } from "../model/decision.ts";
import { resourceOf } from "../observe/configured-stream.ts";
import { changeText } from "./change-text.ts";

const MAX_EVENTS = 5;

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

/** A change that was made, or that a run that died had made. */
export function notificationOf(
  stream: string,
  decision: Decision,
  history: History,
  occasion: Occasion,
): Notification {
  return {
    id: occasion.id,
    at: new Date(occasion.now).toISOString(),
    severity: "info",
    state: "action",
    headline: headline(stream, decision),
    reasons: [...decision.reasons, ...approvedBy(occasion.approval)],
    ...contextOf(stream, decision, history, occasion),
    ...consequences(decision, occasion),
  };
}

/** What a decision was read from, for the notification of an incident or of a change. */
export function contextOf(
  stream: string,
  { evidence }: Decision,
  history: History,
  { trigger, traceId }: Pick<Occasion, "trigger" | "traceId">,
) {
  return {
    automation: "reshard-streams",
    resource: resourceOf(stream),
    work: [
      { name: "Trigger", value: trigger },
      { name: "Refused records (producers)", value: String(evidence.throttled ?? 0) },
      {
        name: "Iterator age (consumers)",
        value: consumersText(evidence),
      },
    ],
    resourceMetrics: [
      { name: "Utilisation, recent peak", value: percent(evidence.utilisation) },
      { name: "Utilisation, peak of the look-back", value: percent(evidence.lookBackUtilisation) },
      { name: "Open shards", value: String(evidence.openShards) },
      { name: "UpdateShardCount calls in 24 hours", value: `${evidence.quotaUsed} of 10` },
    ],
    events: history.entries.slice(0, MAX_EVENTS).map(({ intent, outcome }) => ({
      at: new Date(intent.at).toISOString(),
      text: `${intent.action} ${intent.from} -> ${intent.to}, ${outcome.result} (${intent.trigger})`,
    })),
    ...(traceId !== undefined && { traceId }),
  } satisfies IncidentContext;
}

function consumersText({ iteratorAgeMs, consumersLastReadAt }: Decision["evidence"]): string {
  const since = consumersLastReadAt === undefined ? "" : `; some have not read since ${consumersLastReadAt}`;
  if (typeof iteratorAgeMs === "number") return `${iteratorAgeMs} ms${since}`;
  return consumersLastReadAt === undefined
    ? "no consumer reads it"
    : `no consumer has read since ${consumersLastReadAt}`;
}

function headline(stream: string, decision: Decision): string {
  return decision.kind === "hold"
    ? `${stream}: ${decision.reasons[0]}`
    : `${stream}: ${changeText(decision)} (${decision.verdict})`;
}

function consequences(
  decision: Decision,
  { id, deployStage }: Pick<Occasion, "id" | "deployStage">,
): Pick<Notification, "done" | "costPerMonth" | "undo"> {
  if (decision.kind === "hold") return { done: { what: "nothing more" } };
  const undo = `reflex undo ${id} --stage ${deployStage}`;
  const { kind, from, to } = decision;
  switch (kind) {
    case "UpdateStreamWarmThroughput":
      return { done: { what: kind, from, to, unit: "MiB/s" }, undo };
    case "UpdateStreamRecordDistributionStrategy":
      return { done: { what: `${kind} ${decision.strategy}` }, undo };
    case "UpdateStreamMode":
      return { done: { what: `${kind} ${decision.mode}` }, undo };
    default:
      return {
        done: { what: kind, from, to, unit: "shards" },
        costPerMonth: { before: usdPerMonth(from), after: usdPerMonth(to) },
        undo,
      };
  }
}

function percent(share: unknown): string {
  return `${Math.round(Number(share) * 100)} %`;
}
