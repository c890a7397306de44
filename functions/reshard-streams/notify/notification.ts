import type { History } from "../../../shared/ledger/entry.ts";
import type { IncidentContext } from "../../../shared/notify/incident-notification.ts";
import type { Notification } from "../../../shared/notify/notification.ts";
import { usdPerMonth } from "../decide/measure/cost.ts";
import type { Decision, Reshard } from "../model/decision.ts";
import { resourceOf } from "../observe/configured-stream.ts";

const MAX_EVENTS = 5;

/** What a notification says of the run, beside the decision. */
export interface Occasion {
  /** The intent's: the same whoever sends it. */
  readonly id: string;
  /** ms since the epoch. */
  readonly now: number;
  readonly trigger: string;
  readonly traceId?: string | undefined;
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
    reasons: [...decision.reasons],
    ...contextOf(stream, decision, history, occasion),
    ...consequences(stream, decision),
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
        value:
          typeof evidence.iteratorAgeMs === "number"
            ? `${evidence.iteratorAgeMs} ms`
            : "no consumer reads it",
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

function headline(stream: string, decision: Decision): string {
  return decision.kind === "hold"
    ? `${stream}: ${decision.reasons[0]}`
    : `${stream}: ${decision.from} -> ${decision.to} shards (${decision.verdict})`;
}

function consequences(
  stream: string,
  decision: Decision,
): Pick<Notification, "done" | "costPerMonth" | "undo"> {
  if (decision.kind === "hold") return { done: { what: "nothing more" } };
  const { kind, from, to } = decision;
  return {
    done: { what: kind, from, to, unit: "shards" },
    costPerMonth: { before: usdPerMonth(from), after: usdPerMonth(to) },
    undo: `${undoOf(stream, decision)} (set "mode: observe" for it first, or the next run decides again)`,
  };
}

/** The command that makes it what it was. Ids of new shards are known only once the stream is ACTIVE again. */
function undoOf(stream: string, decision: Reshard): string {
  const ofStream = `--stream-name ${stream}`;
  const children = (parent: string) =>
    `aws kinesis list-shards ${ofStream} --shard-filter Type=AT_LATEST --query "Shards[?ParentShardId=='${parent}'].[ShardId,HashKeyRange]"`;
  switch (decision.kind) {
    case "UpdateShardCount":
      return `aws kinesis update-shard-count ${ofStream} --target-shard-count ${decision.from} --scaling-type UNIFORM_SCALING`;
    case "SplitShard":
      return `${children(decision.shardId)} names the two halves; aws kinesis merge-shards ${ofStream} --shard-to-merge <the first> --adjacent-shard-to-merge <the second>`;
    case "MergeShards":
      return `${children(decision.shardId)} names the merged shard; aws kinesis split-shard ${ofStream} --shard-to-split <that> --new-starting-hash-key ${decision.adjacentStartingHashKey}`;
  }
}

function percent(share: unknown): string {
  return `${Math.round(Number(share) * 100)} %`;
}
