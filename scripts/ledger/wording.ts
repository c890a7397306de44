import type { Incident } from "../../shared/incidents/incident.ts";
import type { Entry } from "../../shared/ledger/entry.ts";
import { durationText } from "../../shared/time/duration.ts";

/** `2026-11-28 01:40:12 UTC`. */
export function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** One change in one line: when, what, from what to what, and what came of it. */
export function entryLine({ intent, outcome }: Entry): string {
  const size = intent.from === intent.to ? "" : ` ${intent.from} -> ${intent.to}`;
  const detail =
    outcome.result === "applied" ? "" : ` (${outcome.result}${outcome.detail ? `: ${outcome.detail}` : ""})`;
  return `${timeText(intent.at)}  ${intent.action}${size}${detail}`;
}

/** A change with everything that led to it. */
export function entryBlock({ intent, outcome }: Entry): string {
  const evidence = Object.entries(intent.evidence).map(([key, value]) => `${key}=${value}`);
  return [
    entryLine({ intent, outcome }),
    ...intent.reasons.map((reason) => `    because ${reason}`),
    ...(evidence.length > 0 ? [`    evidence ${evidence.join(" ")}`] : []),
    `    trigger ${intent.trigger}`,
    ...(intent.traceId === undefined ? [] : [`    trace ${intent.traceId}`]),
  ].join("\n");
}

/** An open incident in one line: how bad, which, since when, and what was found. */
export function incidentLine(
  resource: string,
  { severity, code, since, text }: Incident,
  now: number,
): string {
  return `${severity.padEnd(8)}  ${resource}  ${code}, for ${durationText(Math.max(0, now - since))}: ${text}`;
}
