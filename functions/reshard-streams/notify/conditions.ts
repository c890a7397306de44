import { askedCondition } from "../../../shared/approvals/conditions.ts";
import type { Condition } from "../../../shared/incidents/incident.ts";
import type { Severity } from "../../../shared/incidents/severity.ts";
import type { History } from "../../../shared/ledger/entry.ts";
import type { Done } from "../../../shared/ledger/keep-verdict.ts";
import { pauseText } from "../../../shared/ledger/pauses.ts";
import {
  type Decision,
  type Finding,
  type ModeAdvice,
  NOTIFIED_VERDICTS,
  type NotifiedVerdict,
} from "../model/decision.ts";
import { changeText } from "./change-text.ts";

/** What of a decision lasts, and a person has to know: why a stream stays as it is, or what mode observe or a pause holds back. */
export function conditionsOf(decision: Decision, done: Done): readonly Condition[] {
  return [...ofDecision(decision, done), ...ofAdvice(decision), ...ofFindings(decision)];
}

export const MODE_KEY = "mode";

const CHEAPER: Readonly<Record<ModeAdvice["to"], string>> = {
  provisioned: "provisioned mode",
  static: "a fixed number of shards",
  "on-demand": "on-demand mode",
};

/** A cheaper way to run it: people hear of it once, and again after a day while it stands. */
function ofAdvice({ advice }: Decision): readonly Condition[] {
  if (!advice) return [];
  const { to } = advice;
  const text = `${CHEAPER[to]} would be cheaper`;
  return [{ key: MODE_KEY, kind: "event", code: "cheaper-mode", cause: to, text, severity: "info" }];
}

/** Their sentences are the reasons of the notification. */
const ofFindings = ({ findings = [] }: Decision): readonly Condition[] =>
  findings.map((finding) => ({ ...finding, text: FOUND[finding.code] }));

const FOUND: Readonly<Record<Finding["code"], string>> = {
  "consumers-stopped": "consumers have stopped reading it",
};
export const FINDING_CODES: readonly string[] = Object.keys(FOUND);

function ofDecision(decision: Decision, done: Done): readonly Condition[] {
  const { verdict } = decision;
  if (decision.kind === "hold") {
    if (!decision.notify || !isNotified(verdict)) return [];
    return [{ key: "size", code: verdict, text: textOf(verdict, decision), severity: severityOf(decision) }];
  }
  if (done === "acted") return [];
  if (typeof done === "object" && "kind" in done) return [askedCondition(done, severityOf(decision))];
  const heldBy = done === "nothing" ? "mode is observe" : pauseText(done);
  const text = `${changeText(decision)} (${verdict}) is not done: ${heldBy}`;
  // A new pause is notified, also for the same change.
  const { kind, from, to } = decision;
  const cause = `${kind} ${from} -> ${to}${done === "nothing" ? "" : `, paused at ${done.at}`}`;
  return [{ key: "would", kind: "event", code: verdict, cause, text, severity: "info" }];
}

const isNotified = (verdict: string): verdict is NotifiedVerdict =>
  NOTIFIED_VERDICTS.some((one) => one === verdict);

const textOf = (verdict: NotifiedVerdict, { evidence: { throttled, throttledReads } }: Decision): string =>
  verdict === "resharding-does-not-help" && throttled === throttledReads
    ? "reads are refused, and more shards do not help"
    : TEXTS[verdict];

/** What is said of refusals that nothing was done about. */
const OF_REFUSALS: ReadonlySet<string> = new Set<NotifiedVerdict>([
  "at-max",
  "resharding-does-not-help",
  "quota-spent",
  "on-demand",
]);

/**
 * Refusals that come now and then are one matter, not one each time: it stands for as long as any is in the look-back, and no
 * shard was added since it began.
 */
export function comingAgain(
  { evidence }: Pick<Decision, "evidence">,
  { incidents, lastScaleOut = 0 }: Pick<History, "incidents" | "lastScaleOut">,
): readonly Condition[] {
  const known = incidents?.incidents.size;
  if (!known || !OF_REFUSALS.has(known.code) || lastScaleOut > known.since) return [];
  if (!(Number(evidence.throttledInLookBack) > 0)) return [];
  const { key, code, text, severity } = known;
  return [{ key, code, text, severity }];
}

/** What each comes to, without its numbers: they are the reason. */
const TEXTS: Readonly<Record<NotifiedVerdict, string>> = {
  "at-max": "needs more than its max allows",
  "above-max-and-busy": "is above its max, and too busy to be lowered",
  "refused-lately": "AWS refused to change it",
  "consumers-behind": "its consumers are behind",
  "hot-key": "one partition key carries the load, which resharding cannot divide",
  "resharding-does-not-help": "writes are refused, and more shards do not help",
  "quota-spent": "writes are refused, and no call of UpdateShardCount is left today",
  "on-demand": "on-demand capacity refuses writes, and Reflex cannot warm it up",
};

/** Refused writes hurt the producers now, late reads the consumers; without either nobody is hurt yet. */
function severityOf({ verdict, evidence }: Decision): Severity {
  if (Number(evidence.throttled ?? 0) > 0 || evidence.consumersLate === true) return "critical";
  return verdict === "refused-lately" ? "error" : "warning";
}
