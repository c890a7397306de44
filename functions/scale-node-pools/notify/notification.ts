import type { History } from "../../../shared/ledger/entry.ts";
import type { Notification } from "../../../shared/notify/notification.ts";
import type { Occasion } from "../../../shared/notify/occasion.ts";
import type { Decision } from "../model/decision.ts";
import { resourceOf } from "../run/dependencies.ts";

const LATELY = 5;

export function notificationOf(
  decision: Decision,
  history: History,
  { id, now, trigger, traceId, acted }: Occasion,
): Notification {
  const { pool, evidence, reasons, warnings } = decision;
  return {
    id,
    at: new Date(now).toISOString(),
    automation: "scale-node-pools",
    resource: resourceOf(pool),
    headline: headline(decision, acted),
    work: [
      { name: "Called by", value: trigger },
      { name: "Pods that wait for a node", value: shown(evidence.pendingPods) },
    ],
    resourceMetrics: Object.entries(evidence).map(([name, value]) => ({ name, value: shown(value) })),
    events: history.entries.slice(0, LATELY).map(({ intent, outcome }) => ({
      at: new Date(intent.at).toISOString(),
      text: `${intent.action} ${intent.from} -> ${intent.to}, ${outcome.result} (${intent.trigger})`,
    })),
    done: done(decision, acted),
    reasons: [...new Set([...reasons, ...warnings.map(({ text }) => text)])],
    ...(acted && { undo: undo(decision) }),
    ...(traceId !== undefined && { traceId }),
  };
}

function headline({ pool, verdict, from, to, warnings }: Decision, acted: boolean): string {
  const [warning] = warnings;
  if (verdict === "hold" || verdict === "hands-off" || verdict === "refused") {
    return `${pool}: ${warning ? warning.text : verdict}`;
  }
  const change = verdict === "limits" ? "the group's limits are set" : `${from} -> ${to} nodes`;
  return acted ? `${pool}: ${change}` : `${pool}: would be ${change}; mode is observe`;
}

function done(decision: Decision, acted: boolean): Notification["done"] {
  const { verdict, from, to } = decision;
  const what = did(decision);
  if (verdict === "hold" || verdict === "hands-off" || verdict === "refused") return { what: "nothing" };
  if (!acted) return { what: `nothing: mode is observe. In mode act it would have been: ${what}` };
  return { what, from, to, unit: "nodes" };
}

/** What a decision comes to: `un-cordoned ip-10-0-1-2; workers-a 3 -> 5`. */
export function did({ uncordon, orders, drain }: Decision): string {
  const limits = (order: Decision["orders"][number]) =>
    order.limits ? ` (limits ${order.limits.min} to ${order.limits.max})` : "";
  const parts = [
    ...uncordon.map(({ node }) => `un-cordoned ${node}`),
    ...orders.map((order) => `${order.group} ${order.from} -> ${order.to}${limits(order)}`),
    ...drain.map(({ node }) => `${node} handed to drain-nodes`),
  ];
  return parts.join("; ") || "nothing";
}

const undo = ({ pool, verdict }: Decision): string =>
  verdict === "in"
    ? `un-cordon the nodes (kubectl uncordon) and set "mode: observe" for ${pool}, or the next look decides anew`
    : `set "mode: observe" for ${pool}, then drain and end nodes of it; the next look in mode act decides anew`;

const shown = (value: string | number | boolean | null | undefined): string =>
  value === undefined || value === null ? "not known" : String(value);
