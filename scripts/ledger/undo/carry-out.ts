import type { PlanUndo, UndoPlan, UndoRefusal } from "../../../shared/automation/undo.ts";
import { messageOf } from "../../../shared/errors/message-of.ts";
import type { Intent, Outcome } from "../../../shared/ledger/entry.ts";
import { createLedger, type Lease, type Ledger } from "../../../shared/ledger/ledger.ts";
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
  readonly why: string;
  /** How long the resource is paused. */
  readonly pauseMs: number;
  readonly aws: { readonly region: string };
  readonly clock: Clock;
}

/** What was done, a line each. */
export interface Undone {
  readonly lines: readonly string[];
}

/** Plans, pauses, takes the lease, makes the call, writes the outcome. */
export async function carryOut(
  { resource, entry }: FoundChange,
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
  const plan = await planUndo({ resource, entry, history, clock, aws });
  if ("refused" in plan) return plan;

  await pauseLonger(resource, { why, pauseMs }, table, operator);
  const intent = intentOf(plan, entry.intent, { ...operator, now: clock.now() }, why);
  const lease = await begun(() => ledger.begin(history, intent, operator.id));
  if ("refused" in lease) return lease;
  const notification = notificationOf(resource, plan, intent, operator);
  const refused = await callAndFinish(plan, lease, ledger, notification, clock);
  const resume = `reflex resume ${resource} --stage ${stage}`;
  if (refused !== undefined) return { refused: `${refused}. ${resource} is paused: ${resume}` };
  return {
    lines: [
      `Undone: ${plan.what}`,
      ...plan.notes.map((note) => `  ${note}`),
      `${resource} is paused, or it would be changed again. End that: ${resume}`,
    ],
  };
}

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
  { why, pauseMs }: Pick<UndoOptions, "why" | "pauseMs">,
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

function intentOf({ change }: UndoPlan, undone: Intent, { arn, id, now }: Operator, why: string): Intent {
  return {
    ...change,
    id,
    at: now,
    automation: undone.automation,
    evidence: { ...change.evidence, [UNDOES]: undone.id },
    reasons: [
      `${why}: undoes ${undone.action} ${undone.from} -> ${undone.to} of ${timeText(undone.at)}`,
      ...undone.reasons.slice(0, 1).map((reason) => `which was made because ${reason}`),
    ],
    trigger: `reflex undo by ${personOf(arn)}`,
  };
}

/** @returns why it was not done; undefined when it was */
async function callAndFinish(
  plan: UndoPlan,
  lease: Lease,
  ledger: Ledger,
  notification: Notification,
  clock: Clock,
): Promise<string | undefined> {
  try {
    await plan.call();
  } catch (error) {
    const detail = messageOf(error);
    const outcome: Outcome = { result: "refused", at: clock.now(), detail };
    // Without an answer nobody knows: the automation's next run reads from the resource what came of it.
    if (wasRefused(error)) await ledger.finish(lease, outcome);
    return detail;
  }
  const outgoing = { notification, claimedUntil: 0 };
  await ledger.finish(lease, { result: "applied", at: clock.now() }, undefined, outgoing);
  return undefined;
}

const wasRefused = (error: unknown): boolean =>
  typeof error === "object" &&
  error !== null &&
  (("$fault" in error && error.$fault === "client") || "status" in error);

function notificationOf(
  resource: string,
  { what, change, notes }: UndoPlan,
  { id, at, reasons, trigger, automation }: Intent,
  { stage }: Operator,
): Notification {
  return {
    id,
    at: new Date(at).toISOString(),
    automation,
    resource,
    severity: "warning",
    state: "action",
    headline: `${resource}: ${what} (${trigger})`,
    work: [{ name: "Trigger", value: trigger }],
    resourceMetrics: [],
    events: [],
    done: { what, from: change.from, to: change.to },
    reasons: [...reasons, ...notes],
    undo: `reflex resume ${resource} --stage ${stage}: the next look decides again`,
  };
}
