import type { History } from "../../../shared/ledger/entry.ts";
import type { Notification } from "../../../shared/notify/notification.ts";
import type { Occasion } from "../../../shared/notify/occasion.ts";
import { usdPerMonth } from "../decide/measure/cost.ts";
import type { Decision } from "../model/decision.ts";
import { resourceOf } from "../observe/observe.ts";

const MAX_EVENTS = 5;

export function notificationOf(
  stream: string,
  decision: Decision,
  history: History,
  { id, now, trigger, traceId, acted }: Occasion,
): Notification {
  const { evidence, reasons } = decision;
  return {
    id,
    at: new Date(now).toISOString(),
    automation: "reshard-streams",
    resource: resourceOf(stream),
    headline: headline(stream, decision, acted),
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
    reasons: [...reasons],
    ...(traceId !== undefined && { traceId }),
    ...consequences(stream, decision, acted),
  };
}

function headline(stream: string, decision: Decision, acted: boolean): string {
  if (decision.verdict === "recovered") return `${stream}: ${decision.reasons[0]}`;
  if (decision.kind === "hold") return `${stream}: ${decision.verdict}, nothing was changed`;
  const change = `${decision.from} -> ${decision.to} shards (${decision.verdict})`;
  return acted ? `${stream}: ${change}` : `${stream}: would change ${change}; mode is observe`;
}

function consequences(
  stream: string,
  decision: Decision,
  acted: boolean,
): Pick<Notification, "done" | "costPerMonth" | "undo"> {
  if (decision.kind === "hold") return { done: { what: "nothing" } };
  const { kind, from, to } = decision;
  if (!acted) return { done: { what: `nothing: mode is observe. In mode act it would have been ${kind}` } };
  return {
    done: { what: kind, from, to, unit: "shards" },
    costPerMonth: { before: usdPerMonth(from), after: usdPerMonth(to) },
    undo:
      `aws kinesis update-shard-count --stream-name ${stream} --target-shard-count ${from} --scaling-type UNIFORM_SCALING` +
      ` (set "mode: observe" for it first, or the next run decides again)`,
  };
}

function percent(share: unknown): string {
  return `${Math.round(Number(share) * 100)} %`;
}
