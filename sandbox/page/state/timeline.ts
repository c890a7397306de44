import * as z from "zod/mini";
import type { Entry, History, Intent, Outcome } from "../../../shared/ledger/entry.ts";
import type { HistoryItem } from "../../cloudwatch/alarms/history.ts";
import type { Invocation } from "../../lambda/function.ts";
import type { Published } from "../../sns/topic.ts";
import { type Decision, decisionsOf, traceIdOf } from "./decisions.ts";
import type { TimelineEntry } from "./state.ts";

/** Older entries are not shown. */
const SHOWN = 200;

export interface Past {
  readonly ledger: readonly History[];
  readonly invocations: readonly Invocation[];
  readonly alarmHistory: readonly HistoryItem[];
  readonly published: readonly Published[];
}

/** The ledger with everything around it, newest first: what triggered the runs, what they decided, what was notified. */
export function timeline({ ledger, invocations, alarmHistory, published }: Past): TimelineEntry[] {
  const changes = ledger.flatMap(changesOf);
  const inLedger = new Set(changes.map(({ resource, traceId }) => `${resource} ${traceId}`));
  const decisions = invocations
    .flatMap(decisionsOf)
    .filter(({ resource, traceId }) => !inLedger.has(`${resource} ${traceId}`));
  const entries = [
    ...changes,
    ...together(decisions),
    ...invocations.flatMap(failureOf),
    ...alarmHistory.flatMap(alarmChange),
    ...published.filter((message) => !isFirstOk(message)).map(notificationEntry),
  ];
  return entries.sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1)).slice(0, SHOWN);
}

function changesOf({ resource, entries, pending }: History): TimelineEntry[] {
  const undone = new Set(
    entries.flatMap(({ intent, outcome }) =>
      outcome.result === "applied" ? String(intent.evidence.undoes) : [],
    ),
  );
  return [
    ...(pending ? [{ ...intended(resource, pending), outcome: "in progress" }] : []),
    ...entries.map(({ intent, outcome }: Entry) => ({
      ...intended(resource, intent),
      outcome: outcome.result,
      ...(canBeUndone(intent, outcome) && !undone.has(intent.id) && { undo: intent.id }),
      reasons: outcome.detail === undefined ? intent.reasons : [...intent.reasons, outcome.detail],
    })),
  ];
}

/** Whether it is worth a try: the command says why not where it cannot. */
const canBeUndone = ({ automation, evidence }: Intent, { result }: Outcome): boolean =>
  result === "applied" && UNDOABLE.has(automation) && !("undoes" in evidence);

const UNDOABLE: ReadonlySet<string> = new Set(["reshard-streams", "scale-node-pools"]);

function intended(resource: string, intent: Intent): TimelineEntry {
  const { id, at, action, from, to, reasons, evidence, trigger, traceId } = intent;
  return {
    id: `change ${resource} ${id}`,
    kind: "change",
    at,
    resource,
    title: `${action.replace(/^[^:]+:/, "")}${from === 0 && to === 0 ? "" : ` ${from} → ${to}`}`,
    reasons,
    evidence,
    trigger,
    ...(traceId !== undefined && { traceId }),
  };
}

/** Runs find the same again and again: decisions of one content in a row are one entry. */
function together(decisions: readonly Decision[]): TimelineEntry[] {
  const latest = new Map<string, { content: string; at: number; id: string }>();
  const entries = new Map<string, TimelineEntry>();
  for (const decision of decisions.toSorted((a, b) => a.at - b.at)) {
    const { resource, at, verdict, did, reasons, trigger, traceId } = decision;
    const content = `${verdict} ${did}`;
    const before = latest.get(resource);
    const id = before?.content === content ? before.id : `decision ${resource} ${at} ${traceId}`;
    latest.set(resource, { content, at, id });
    entries.set(id, {
      id,
      kind: did === "nothing" ? "decision" : "change",
      at,
      resource,
      title: titleOf(decision),
      reasons,
      times: (entries.get(id)?.times ?? 0) + 1,
      ...(trigger !== undefined && { trigger }),
      ...(traceId !== undefined && { traceId }),
    });
  }
  return [...entries.values()];
}

/** The verdict, and what was done where that does not say it already. */
function titleOf({ verdict, did }: Decision): string {
  const done = did.replaceAll("->", "→");
  if (did === "nothing") return verdict;
  return did.endsWith(verdict) ? done : `${verdict}: ${done}`;
}

function failureOf({
  functionName,
  requestId,
  attempt,
  at,
  result,
  traceHeader,
}: Invocation): TimelineEntry[] {
  if (result.ok) return [];
  const traceId = traceIdOf(traceHeader);
  return [
    {
      id: `failure ${requestId} ${attempt}`,
      kind: "failure",
      at,
      resource: `function/${functionName}`,
      title: `${result.ended}: ${result.error.errorType}`,
      reasons: [result.error.errorMessage],
      ...(traceId !== undefined && { traceId }),
    },
  ];
}

function alarmChange({ alarmName, type, at, summary, data }: HistoryItem): TimelineEntry[] {
  if (type !== "StateUpdate" || summary.endsWith(`from ${FIRST_OK.from} to ${FIRST_OK.to}`)) return [];
  return [
    {
      id: `alarm ${alarmName} ${at} ${summary}`,
      kind: "alarm",
      at,
      resource: `alarm/${alarmName}`,
      title: summary.replace("Alarm updated from ", "").replace(" to ", " → "),
      reasons: newReason(data),
    },
  ];
}

/** CloudWatch's words, from the history item's JSON. */
function newReason(data: string): string[] {
  const { newState }: { newState?: { stateReason?: unknown } } = JSON.parse(data);
  return typeof newState?.stateReason === "string" ? [newState.stateReason] : [];
}

/** The state of a new alarm, before anything happened: CloudWatch publishes it where OK has an action. */
const FIRST_OK = { from: "INSUFFICIENT_DATA", to: "OK" } as const;

function isFirstOk({ message }: Published): boolean {
  const alarm = alarmMessage.safeParse(json(message)).data;
  return alarm?.OldStateValue === FIRST_OK.from && alarm.NewStateValue === FIRST_OK.to;
}

const alarmMessage = z.object({ OldStateValue: z.string(), NewStateValue: z.string() });

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notificationEntry({ messageId, at, subject, topicArn }: Published): TimelineEntry {
  return {
    id: `notification ${messageId}`,
    kind: "notification",
    at,
    resource: `topic/${topicArn.split(":").at(-1)}`,
    title: subject ?? "message without a subject",
    reasons: [],
  };
}
