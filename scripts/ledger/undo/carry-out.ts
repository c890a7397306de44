import {
  NotUndone,
  type PlanUndo,
  type UndoPlan,
  type UndoRefusal,
} from "../../../shared/automation/undo.ts";
import { messageOf } from "../../../shared/errors/message-of.ts";
import type { Intent, Outcome } from "../../../shared/ledger/entry.ts";
import type { Lease } from "../../../shared/ledger/head.ts";
import { createLedger, type Ledger } from "../../../shared/ledger/ledger.ts";
import { personOf, standingPauses } from "../../../shared/ledger/pauses.ts";
import type { Notification } from "../../../shared/notify/notification.ts";
import type { Clock } from "../../../shared/time/clock.ts";
import { type Operator, recordOfPause } from "../pause/record.ts";
import { type LedgerTable, readPauses, writePause } from "../pause/store.ts";
import { timeText } from "../wording.ts";
import { type FoundChange, UNDOES } from "./find-change.ts";

const DAY_MS = 24 * 3_600_000;
/** A call of a command takes seconds; a command that died is recovered after this by the automation's next run. */
const LEASE_MS = 90_000;

export interface UndoOptions {
  /** In the person's own words, where they gave some. */
  readonly why?: string;
  /** How long the resource is paused. */
  readonly pauseMs: number;
  readonly aws: { readonly region: string };
  readonly clock: Clock;
}

/** What was done, a line each; `failed` what of it was not. */
export interface Undone {
  readonly lines: readonly string[];
  readonly failed: readonly string[];
}

/** Plans, pauses, takes the lease, makes the call, writes the outcome. */
export async function carryOut(
  { resource, entry, later }: FoundChange,
  planUndo: PlanUndo,
  table: LedgerTable,
  operator: Operator,
  { why, pauseMs, aws, clock }: UndoOptions,
): Promise<Undone | UndoRefusal> {
  const { now, stage } = operator;
  const ledger = createLedger(table.client, {
    table: table.table,
    leaseMs: LEASE_MS,
    keepMs: 90 * DAY_MS,
    pauses: "ignored",
  });
  const history = await ledger.history(resource, now - DAY_MS);
  if (history.pending) {
    return {
      refused: `a run is at work on ${resource} (${history.pending.action}), or died: look again in two minutes`,
    };
  }
  const plan = await planUndo({ resource, entry, later, history, clock, aws });
  if ("refused" in plan) return plan;

  const { action, from, to } = entry.intent;
  await pauseLonger(resource, { why: why ?? `undo of ${action} ${from} -> ${to}`, pauseMs }, table, operator);
  const resume = `reflex resume ${resource} --stage ${stage}`;
  const butPaused = ({ refused }: UndoRefusal) => ({
    refused: `${refused}. ${resource} is paused: ${resume}`,
  });
  const intent = intentOf(plan, entry.intent, { ...operator, now: clock.now() }, why);
  const lease = await begun(() => ledger.begin(history, intent, operator.id));
  if ("refused" in lease) return butPaused(lease);
  const notification = (failed: readonly string[]) =>
    notificationOf({ resource, failed }, plan, intent, operator);
  const failed = await callAndFinish(plan, lease, ledger, notification, clock);
  if ("refused" in failed) return butPaused(failed);
  return { lines: undoneLines(resource, plan, resume), failed };
}

const undoneLines = (resource: string, { what, notes }: UndoPlan, resume: string): readonly string[] => [
  `Undone: ${what}`,
  ...notes.map((note) => `  ${note}`),
  `${resource} is paused, or it would be changed again. End that: ${resume}`,
];

/** The lease, or what AWS said: there is no next run that would try a command again. */
async function begun<Lease extends object>(begin: () => Promise<Lease>): Promise<Lease | UndoRefusal> {
  try {
    return await begin();
  } catch (error) {
    const said = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return { refused: `${messageOf(said)}. Nothing was changed` };
  }
}

/** A pause that lasts longer already stays as it is. */
async function pauseLonger(
  resource: string,
  { why, pauseMs }: Required<Pick<UndoOptions, "why" | "pauseMs">>,
  table: LedgerTable,
  operator: Operator,
): Promise<void> {
  const { arn, now, id } = operator;
  const until = now + pauseMs;
  const standing = standingPauses(await readPauses(table), now).find(({ scope }) => scope === resource);
  if (standing && standing.until >= until) return;
  const pause = { at: now, until, by: arn, why };
  await writePause(
    resource,
    pause,
    recordOfPause(resource, pause, { ...operator, id: `${id}-pause` }),
    table,
  );
}

function intentOf({ change }: UndoPlan, undone: Intent, { arn, id, now }: Operator, why?: string): Intent {
  const {
    action,
    from,
    to,
    at,
    reasons: [because],
  } = undone;
  return {
    ...change,
    id,
    at: now,
    automation: undone.automation,
    evidence: { ...change.evidence, [UNDOES]: undone.id },
    reasons: [
      ...(why === undefined ? [] : [why]),
      `takes back ${action} ${from} -> ${to} of ${timeText(at)}${because === undefined ? "" : `, made because ${because}`}`,
    ],
    trigger: `reflex undo by ${personOf(arn)}`,
  };
}

/** @returns what could not be done of it; why nothing was done where nothing was */
async function callAndFinish(
  plan: UndoPlan,
  lease: Lease,
  ledger: Ledger,
  notificationFor: (failed: readonly string[]) => Notification,
  clock: Clock,
): Promise<readonly string[] | UndoRefusal> {
  let failed: readonly string[];
  try {
    failed = await plan.call();
  } catch (error) {
    const refused = messageOf(error);
    const outcome: Outcome = { result: "refused", at: clock.now(), detail: refused };
    // Without an answer nobody knows: the automation's next run reads from the resource what came of it.
    if (wasRefused(error)) await ledger.finish(lease, outcome);
    return { refused };
  }
  const detail = failed.length > 0 ? { detail: `not done: ${failed.join("; ")}` } : {};
  const outgoing = { notification: notificationFor(failed), claimedUntil: 0 };
  await ledger.finish(lease, { result: "applied", at: clock.now(), ...detail }, undefined, outgoing);
  return failed;
}

/** AWS and Kubernetes answer with 4xx where they changed nothing. */
const wasRefused = (error: unknown): boolean =>
  error instanceof NotUndone ||
  (typeof error === "object" &&
    error !== null &&
    (("$fault" in error && error.$fault === "client") ||
      ("status" in error && Number(error.status) >= 400 && Number(error.status) < 500)));

function notificationOf(
  { resource, failed }: { readonly resource: string; readonly failed: readonly string[] },
  { what, change, notes }: UndoPlan,
  { id, at, reasons, trigger, automation }: Intent,
  { stage, arn }: Operator,
): Notification {
  return {
    id,
    at: new Date(at).toISOString(),
    automation,
    resource,
    severity: "warning",
    state: "action",
    headline: `${resource.slice(resource.indexOf("/") + 1)}: undone${failed.length > 0 ? " in part" : ""} by ${personOf(arn)}: ${what}`,
    work: [{ name: "Not managed", value: "it is paused and stays as it is, whatever it needs" }],
    resourceMetrics: [{ name: "Triggered by", value: trigger }],
    events: [],
    // What a part of it came to has no size that the plan could know.
    done: failed.length > 0 ? { what: `in part: ${what}` } : { what, from: change.from, to: change.to },
    reasons: [...reasons, ...notes, ...failed.map((each) => `not done: ${each}`)],
    undo: `reflex resume ${resource} --stage ${stage}: the next look decides again`,
  };
}
