import type { Incident } from "../../shared/incidents/incident.ts";
import type { ChangedPart, Entry, KeptDecision } from "../../shared/ledger/entry.ts";
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

/** A change with everything that led to it, and the name by which it can be undone. */
export function entryBlock({ intent, outcome }: Entry): string {
  const parts = (intent.parts ?? []).map(partText).join(", ");
  return [
    entryLine({ intent, outcome }),
    ...(parts === "" ? [] : [`    changed ${parts}`]),
    ...groundLines(intent),
    `    id ${intent.id}`,
  ].join("\n");
}

const partText = ({ name, size }: ChangedPart): string =>
  size ? `${name} ${size.from} -> ${size.to}` : name;

/** A decision in one line: when it was first come to, and what it was. */
export function decisionLine({ at, verdict, held }: KeptDecision): string {
  const why = {
    observe: ", not done: mode is observe",
    ask: ", not done: not approved",
    paused: ", not done: paused",
  };
  return `${timeText(at)}  decided ${verdict}${held ? why[held] : ""}`;
}

/** A decision with everything it was read from. */
export const decisionBlock = (decision: KeptDecision): string =>
  [decisionLine(decision), ...groundLines(decision)].join("\n");

type Grounds = Pick<KeptDecision, "reasons" | "evidence" | "trigger" | "traceId">;

function groundLines({ reasons, evidence, trigger, traceId }: Grounds): string[] {
  const values = Object.entries(evidence).map(([key, value]) => `${key}=${value}`);
  return [
    ...reasons.map((reason) => `    because ${reason}`),
    ...(values.length > 0 ? [`    evidence ${values.join(" ")}`] : []),
    `    trigger ${trigger}`,
    ...(traceId === undefined ? [] : [`    trace ${traceId}`]),
  ];
}

/** An open incident in one line: how bad, which, since when, and what was found. */
export function incidentLine(
  resource: string,
  { severity, code, since, text }: Incident,
  now: number,
): string {
  return `${severity.padEnd(8)}  ${resource}  ${code}, for ${durationText(Math.max(0, now - since))}: ${text}`;
}
