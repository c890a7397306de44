import { approvedBy } from "../../../shared/approvals/conditions.ts";
import type { Approval } from "../../../shared/approvals/request.ts";
import type { Entry, Evidence, History } from "../../../shared/ledger/entry.ts";
import type { IncidentContext } from "../../../shared/notify/incident-notification.ts";
import type { Notification } from "../../../shared/notify/notification.ts";
import { durationText } from "../../../shared/time/duration.ts";
import { usdPerMonth } from "../decide/measure/cost.ts";
import { recordsRefused } from "../decide/rules/wording.ts";
import type { Action, Decision, Reshard } from "../model/decision.ts";
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

/** A change that was made. */
export function notificationOf(
  stream: string,
  decision: Action,
  history: History,
  occasion: Occasion,
): Notification {
  return {
    id: occasion.id,
    at: new Date(occasion.now).toISOString(),
    severity: "info",
    state: "action",
    headline: `${stream}: ${changeText(decision)} (${decision.verdict})`,
    reasons: [...decision.reasons, ...approvedBy(occasion.approval)],
    ...contextOf(stream, decision, history, occasion),
    ...consequences(decision, occasion),
  };
}

const workFacts = (evidence: Decision["evidence"]): Notification["work"] => [
  { name: "Producers", value: producersText(evidence.throttled) },
  { name: "Consumers", value: consumersText(evidence) },
];

const resourceFacts = (evidence: Decision["evidence"]): Notification["work"] => [
  { name: "Utilisation, recent peak", value: percent(evidence.utilisation) },
  { name: "Utilisation, peak of the look-back", value: percent(evidence.lookBackUtilisation) },
  { name: "Open shards", value: String(evidence.openShards) },
  { name: "UpdateShardCount calls in 24 hours", value: `${evidence.quotaUsed} of 10` },
];

/** The numbers of a decision in words. */
export const factsOf = (evidence: Decision["evidence"]): Notification["work"] => [
  ...workFacts(evidence),
  ...resourceFacts(evidence),
];

/** What a decision was read from, for the notification of an incident or of a change. */
export function contextOf(
  stream: string,
  { evidence }: Pick<Decision, "evidence">,
  history: History,
  { trigger, traceId }: Pick<Occasion, "trigger" | "traceId">,
) {
  return {
    automation: "reshard-streams",
    resource: resourceOf(stream),
    work: workFacts(evidence),
    resourceMetrics: [...resourceFacts(evidence), { name: "Triggered by", value: trigger }],
    events: history.entries.slice(0, MAX_EVENTS).map(({ intent, outcome }) => ({
      at: new Date(intent.at).toISOString(),
      text: `${intent.action} ${intent.from} -> ${intent.to}, ${outcome.result} (${intent.trigger})`,
    })),
    ...(traceId !== undefined && { traceId }),
  } satisfies IncidentContext;
}

/** A change that a run had made before it died; what it was decided from is in the ledger's entry. */
export function recoveredNotification(
  stream: string,
  { intent, outcome }: Entry,
  history: History,
  occasion: Occasion,
): Notification {
  const { id, action, from, to, reasons, evidence } = intent;
  const size = from === to ? "" : ` ${from} -> ${to}`;
  return {
    id: occasion.id,
    at: new Date(occasion.now).toISOString(),
    severity: "info",
    state: "action",
    headline: `${stream}: ${action.replace(/^kinesis:/, "")}${size}, by a run that died before it could notify`,
    reasons: [...reasons, ...(outcome.detail === undefined ? [] : [outcome.detail])],
    ...contextOf(stream, { evidence }, history, occasion),
    done: { what: action.replace(/^kinesis:/, ""), from, to },
    undo: undoCommand(id, occasion.deployStage),
  };
}

function consequences(
  decision: Action,
  { id, deployStage }: Pick<Occasion, "id" | "deployStage">,
): Pick<Notification, "done" | "costPerMonth" | "undo"> {
  const undo = undoCommand(id, deployStage);
  const { kind, from, to } = decision;
  switch (kind) {
    case "UpdateStreamWarmThroughput":
      return { done: { what: kind, from, to, unit: "MiB/s" }, undo };
    case "UpdateStreamRecordDistributionStrategy":
      return { done: { what: `${kind} ${decision.strategy}` }, undo };
    case "UpdateStreamMode":
      return { done: { what: `${kind} ${decision.mode}` }, costPerMonth: decision.costPerMonth, undo };
    default:
      return {
        done: { what: callOf(decision), from, to, unit: "shards" },
        costPerMonth: { before: usdPerMonth(from), after: usdPerMonth(to) },
        undo,
      };
  }
}

/** The call, with the shards it is made on. */
function callOf(decision: Reshard): string {
  switch (decision.kind) {
    case "SplitShard":
      return `${decision.kind} ${decision.shardId}`;
    case "MergeShards":
      return `${decision.kind} ${decision.shardId} and ${decision.adjacentShardId}`;
    case "UpdateShardCount":
      return decision.kind;
  }
}

const undoCommand = (id: string, stage: string): string => `reflex undo ${id} --stage ${stage}`;

function producersText(throttled: unknown): string {
  const refused = Number(throttled ?? 0);
  return refused === 0 ? "no record is refused" : `${recordsRefused(refused)} in the last minutes`;
}

const lagText = (ms: number): string => (ms <= 1000 ? "up to date" : `${durationText(ms)} behind`);

function consumersText({ iteratorAgeMs, consumersLastReadAt }: Evidence): string {
  const since = consumersLastReadAt === undefined ? "" : `; some have not read since ${consumersLastReadAt}`;
  if (typeof iteratorAgeMs === "number") return `${lagText(iteratorAgeMs)}${since}`;
  return consumersLastReadAt === undefined
    ? "nobody reads it"
    : `nobody has read since ${consumersLastReadAt}`;
}

function percent(share: unknown): string {
  return `${Math.round(Number(share) * 100)} %`;
}
