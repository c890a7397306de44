import { isReached, MOST_REMEMBERED, type Threshold } from "../config/threshold.ts";
import type { Evaluation, Verdict } from "../evaluate/verdict.ts";
import { flapAfter, isHeldBack } from "./flapping.ts";
import type { Change, Incident, Level, SiteState, Thread } from "./state.ts";
import { stateOf } from "./state-of.ts";
import { emptyHistory, remember } from "./uptime.ts";

/** What a site's policy says about its transitions. */
export interface TransitionPolicy {
  readonly downAfter: Threshold;
  readonly upAfter: Threshold;
  /** Milliseconds; 0 for no reminders. */
  readonly remindAfterMs: number;
}

/** One check, as the transition sees it. */
export interface Outcome {
  /** The run's tick, ms since the epoch. */
  readonly tick: number;
  readonly evaluation: Evaluation;
  /** What the first attempt found, when there were several. */
  readonly firstAttempt?: Evaluation;
  /** Milliseconds, of a probe that got its answer. */
  readonly duration?: number;
  readonly probe?: NonNullable<Change["probe"]>;
  readonly certificate?: NonNullable<SiteState["certificate"]>;
  /** In a maintenance window, or while the monitor itself is suspected: nothing is notified now. */
  readonly silent: boolean;
  readonly inMaintenance: boolean;
  /** Its silence may be our own network's: `overdue` is DOWN at once, it was silent for long enough. */
  readonly suspicion?: "suspected" | "overdue";
  /** Our run ended before it was probed. */
  readonly unprobed?: true;
  /** Of the run. */
  readonly traceId?: string | undefined;
}

const LETTERS: Readonly<Record<Exclude<Verdict, "UNKNOWN">, string>> = { UP: "U", DEGRADED: "G", DOWN: "D" };
const RANK: Readonly<Record<Level, number>> = { UP: 0, DEGRADED: 1, DOWN: 2 };

export function newState(tick: number): SiteState {
  return {
    tick,
    since: tick,
    recent: "",
    sinceWorse: 0,
    sinceBetter: 0,
    unknownRun: 0,
    findings: [],
    changedAt: [],
    history: emptyHistory(tick),
  };
}

/**
 * The state after one more check, and what is to be notified.
 *
 * What is notified is not this step alone but the difference between what the site is and what was notified last.
 * So a change inside a maintenance window is notified at its end if it still holds, and never if it does not.
 */
export function transition(
  before: SiteState | undefined,
  outcome: Outcome,
  policy: TransitionPolicy,
  changeId: string,
): { readonly state: SiteState; readonly change?: Change } {
  const known = before ?? newState(outcome.tick);
  const judged = judge(known, outcome, policy);
  const moved = stateOf(judged) === stateOf(known) ? judged : movedBy(outcome, judged);
  if (outcome.silent || isHeldBack(moved, outcome.tick)) return { state: moved };
  const calm = moved.flappingSince === undefined ? moved : settled(moved);
  const found = changeToNotify(calm, outcome, policy, changeId);
  if (!found) return { state: calm };
  const thread = threadAfter(calm.notified, changeId);
  const change = { ...found, thread };
  const notified = { state: change.to, at: outcome.tick, thread };
  if (change.kind === "reminder") return { state: { ...calm, notified }, change };
  const { isFlapping, changedAt } = flapAfter(calm.changedAt, outcome.tick);
  return isFlapping
    ? {
        state: { ...calm, notified, changedAt, flappingSince: outcome.tick },
        change: { ...change, kind: "flapping" },
      }
    : { state: { ...calm, notified, changedAt }, change };
}

function movedBy({ tick, traceId }: Outcome, { sinceTraceId: _, ...state }: SiteState): SiteState {
  return { ...state, since: tick, ...(traceId !== undefined && { sinceTraceId: traceId }) };
}

/** The change that closes a site that is not in the config any more; undefined when nothing is open. */
export function removal(
  before: SiteState,
  tick: number,
  changeId: string,
): { readonly state: SiteState; readonly change: Change } | undefined {
  const from = before.notified?.state ?? "UP";
  if (from === "UP") return undefined;
  const incident = before.incident && { ...before.incident, until: before.incident.until ?? tick };
  const change: Change = {
    id: changeId,
    kind: "removed",
    from,
    to: "UP",
    at: tick,
    findings: [],
    thread: threadAfter(before.notified, changeId),
    ...(incident && { incident }),
  };
  return {
    state: { ...newState(tick), history: before.history, notified: { state: "UP", at: tick } },
    change,
  };
}

/** A change that leaves UP begins a thread; all others go on with the one that is open. */
function threadAfter(notified: SiteState["notified"], changeId: string): Thread {
  const open = notified && notified.state !== "UP" ? notified.thread : undefined;
  return { id: open?.id ?? changeId, sequence: (open?.sequence ?? 0) + 1 };
}

/** It has held one state for long enough: its changes are notified again, and their count starts over. */
function settled({ flappingSince: _, ...state }: SiteState): SiteState {
  return { ...state, changedAt: [] };
}

/** The state by its checks: level, thresholds, incident, history. */
function judge(before: SiteState, outcome: Outcome, policy: TransitionPolicy): SiteState {
  const { tick, evaluation, certificate } = outcome;
  const { verdict, findings } = evaluation;
  const seen: SiteState = {
    ...before,
    tick,
    findings: [...findings],
    history: remember(before.history, { at: tick, ...sampleOf(outcome) }),
    ...(certificate && { certificate }),
    ...(!outcome.unprobed && { probedAt: tick }),
  };
  if (verdict === "UNKNOWN") return withUnknown(seen, outcome);

  const recent = (before.recent + LETTERS[verdict]).slice(-MOST_REMEMBERED);
  const sinceWorse = Math.min(before.sinceWorse + 1, MOST_REMEMBERED);
  const sinceBetter = Math.min(before.sinceBetter + 1, MOST_REMEMBERED);
  const level =
    outcome.suspicion === "overdue"
      ? "DOWN"
      : nextLevel(before.level, recent, { sinceWorse, sinceBetter }, policy);
  const isWorse = level !== undefined && RANK[level] > RANK[before.level ?? "UP"];
  const isBetter = level !== undefined && before.level !== undefined && RANK[level] < RANK[before.level];
  const counted: SiteState = {
    ...seen,
    recent,
    unknownRun: 0,
    sinceWorse: isWorse ? 0 : sinceWorse,
    sinceBetter: isBetter ? 0 : sinceBetter,
    ...(level && { level }),
    ...(verdict === "UP" && { lastGood: tick }),
  };
  return withIncident(counted, outcome, before, policy);
}

/**
 * An UNKNOWN check. What was DOWN stays DOWN while it is not probed. Under suspicion the incident that
 * may come of it begins here.
 */
function withUnknown(seen: SiteState, { tick, evaluation, suspicion, unprobed }: Outcome): SiteState {
  if (unprobed && seen.level === "DOWN") return seen;
  const unknown = { ...seen, unknownRun: seen.unknownRun + 1 };
  if (suspicion === undefined || seen.trouble) return unknown;
  return { ...unknown, trouble: { since: tick, first: [...evaluation.findings] } };
}

const NOT_UP = `${LETTERS.DEGRADED}${LETTERS.DOWN}`;
const NOT_DOWN = `${LETTERS.UP}${LETTERS.DEGRADED}`;

/**
 * For the worse by `downAfter`, counted since the last change for the better; for the better by `upAfter`,
 * counted since the last change for the worse. So no check is counted for both, and the two cannot chase each
 * other.
 */
function nextLevel(
  level: Level | undefined,
  recent: string,
  { sinceWorse, sinceBetter }: { sinceWorse: number; sinceBetter: number },
  { downAfter, upAfter }: TransitionPolicy,
): Level | undefined {
  const failing = [...recent.slice(recent.length - sinceBetter)];
  const passing = [...recent.slice(recent.length - sinceWorse)];
  const are = (letters: readonly string[], wanted: string) =>
    letters.map((letter) => wanted.includes(letter));
  const rank = level === undefined ? -1 : RANK[level];
  if (rank < RANK.DOWN && isReached(downAfter, are(failing, "D"))) return "DOWN";
  if (rank < RANK.DEGRADED && isReached(downAfter, are(failing, NOT_UP))) return "DEGRADED";
  if (rank !== RANK.UP && isReached(upAfter, are(passing, "U"))) return "UP";
  if (rank === RANK.DOWN && isReached(upAfter, are(passing, NOT_DOWN))) return "DEGRADED";
  return level;
}

/**
 * An incident is opened when the site leaves UP, and begins with the first check that was not UP; it is closed
 * when the site is UP again, and ends with the first check that was well. Failures that stay below the
 * threshold are forgotten when no threshold can see them any more.
 */
function withIncident(
  state: SiteState,
  { tick, evaluation, firstAttempt }: Outcome,
  before: SiteState,
  { downAfter }: TransitionPolicy,
): SiteState {
  const { wellSince, trouble, incident, ...rest } = state;
  const { verdict, findings } = evaluation;
  const isWell = verdict === "UP";
  const began =
    trouble ?? (isWell ? undefined : { since: tick, first: [...(firstAttempt ?? evaluation).findings] });
  const open = incident?.until === undefined ? incident : undefined;

  if (state.level === "UP" || state.level === undefined) {
    const ended = open && { ...open, until: wellSince ?? tick };
    const last = ended ?? incident;
    const isVisible = state.recent.slice(-Math.min(downAfter.of, state.sinceBetter || 1)).search(/[GD]/) >= 0;
    return { ...rest, ...(last && { incident: last }), ...(began && isVisible && { trouble: began }) };
  }
  const since = began?.since ?? tick;
  const now: Incident = {
    since: open?.since ?? since,
    worst: state.level === "DOWN" || open?.worst === "DOWN" ? "DOWN" : "DEGRADED",
    first: open?.first ?? began?.first ?? [],
    latest: isWell ? (open?.latest ?? began?.first ?? []) : [...findings],
  };
  return {
    ...rest,
    incident: now,
    ...(began && { trouble: began }),
    ...(isWell && { wellSince: before.wellSince ?? tick }),
  };
}

/** What subscribers do not know yet. */
function changeToNotify(
  state: SiteState,
  { tick, evaluation, probe }: Outcome,
  { remindAfterMs }: TransitionPolicy,
  id: string,
): Change | undefined {
  const now = stateOf(state);
  const notified = state.notified ?? { state: "UP" as const, at: 0 };
  if (now === undefined) return undefined;
  const isDue = remindAfterMs > 0 && tick - notified.at >= remindAfterMs;
  const isBad = now === "DOWN" || now === "UNKNOWN";
  const kind = now !== notified.state ? "change" : isBad && isDue ? "reminder" : undefined;
  if (!kind) return undefined;
  const { incident, lastGood } = state;
  // A recovery from UNKNOWN has nothing to do with an incident that was over before.
  const concerns = incident && (incident.until === undefined || incident.until >= notified.at);
  return {
    id,
    kind,
    from: notified.state,
    to: now,
    at: tick,
    findings: now === "UP" ? [] : [...evaluation.findings],
    ...(concerns && { incident }),
    ...(probe && { probe }),
    ...(lastGood !== undefined && { lastGood }),
  };
}

function sampleOf({ evaluation, duration, inMaintenance }: Outcome) {
  return { verdict: evaluation.verdict, inMaintenance, ...(duration !== undefined && { duration }) };
}
