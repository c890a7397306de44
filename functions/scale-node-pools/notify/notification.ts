import type { History } from "../../../shared/ledger/entry.ts";
import type { Notification } from "../../../shared/notify/notification.ts";
import type { Occasion } from "../../../shared/notify/occasion.ts";
import { describeAction } from "../model/action.ts";
import type { Decision, Verdict } from "../model/decision.ts";
import { textsOf } from "../model/reason.ts";
import { resourceOf } from "../run/dependencies.ts";

/** How many earlier entries of the ledger are shown. */
const RECENT_EVENTS = 5;

export function notificationOf(decision: Decision, history: History, occasion: Occasion): Notification {
  const { pool, evidence, reasons, warnings } = decision;
  const { id, now, trigger, traceId, acted } = occasion;
  return {
    id,
    at: new Date(now).toISOString(),
    automation: "scale-node-pools",
    resource: resourceOf(pool),
    headline: headlineOf(decision, occasion),
    work: [
      { name: "Trigger", value: trigger },
      { name: "Pending pods", value: shown(evidence.pendingPods) },
    ],
    resourceMetrics: Object.entries(evidence).map(([name, value]) => ({ name, value: shown(value) })),
    events: history.entries.slice(0, RECENT_EVENTS).map(({ intent, outcome }) => ({
      at: new Date(intent.at).toISOString(),
      text: `${intent.action} ${intent.from} -> ${intent.to}, ${outcome.result} (${intent.trigger})`,
    })),
    done: actionOf(decision, occasion),
    reasons: [...new Set([...textsOf(reasons), ...textsOf(warnings)])],
    ...(acted && { undo: howToUndo(decision) }),
    ...(traceId !== undefined && { traceId }),
  };
}

/** Verdicts that change nothing. */
const PASSIVE: readonly Verdict[] = ["hold", "managed-elsewhere", "refused"];

function headlineOf({ pool, verdict, from, to, warnings }: Decision, { acted }: Occasion): string {
  if (PASSIVE.includes(verdict)) return `${pool}: ${warnings[0]?.text ?? verdict}`;
  const change = verdict === "set-limits" ? "the group's limits are set" : `${from} -> ${to} nodes`;
  return acted ? `${pool}: ${change}` : `${pool}: would be ${change}; mode is observe`;
}

function actionOf(decision: Decision, { acted }: Occasion): Notification["done"] {
  const { verdict, from, to } = decision;
  if (PASSIVE.includes(verdict)) return { what: "nothing" };
  const what = describeAction(decision);
  if (!acted) return { what: `nothing: mode is observe. In mode act it would have been: ${what}` };
  return { what, from, to, unit: "nodes" };
}

const howToUndo = ({ pool, verdict }: Decision): string =>
  verdict === "scale-in"
    ? `kubectl uncordon the nodes and set "mode: observe" for ${pool}, or the next run decides again`
    : `set "mode: observe" for ${pool}, then drain and terminate nodes of it; the next run in mode act decides again`;

const shown = (value: string | number | boolean | null | undefined): string =>
  value === undefined || value === null ? "not known" : String(value);
