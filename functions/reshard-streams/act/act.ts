import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { Approval } from "../../../shared/approvals/request.ts";
import type { History, Intent } from "../../../shared/ledger/entry.ts";
import type { Ledger } from "../../../shared/ledger/ledger.ts";
import type { ClaimedItem } from "../../../shared/ledger/outbox.ts";
import type { OutboxEntry } from "../../../shared/ledger/outbox-item.ts";
import type { Action } from "../model/decision.ts";
import { callKinesis, type Target } from "./calls.ts";
import { classifyError } from "./classify-error.ts";

export interface Actor {
  readonly kinesis: KinesisClient;
  readonly ledger: Ledger;
  /** ms since the epoch, for the outcome. */
  readonly now: () => number;
  /** Unique to this run: whose lease it is. */
  readonly holder: string;
  readonly signal: AbortSignal;
  /** What people are notified of when it is done: it is written with the outcome. */
  readonly outgoing: OutboxEntry;
}

/** What the intent says beside the decision. */
export interface Occasion {
  readonly id: string;
  readonly now: number;
  readonly trigger: string;
  readonly traceId?: string | undefined;
  /** Who approved it, where the mode is `ask`. */
  readonly approval?: Approval | undefined;
}

/**
 * Carries out one decision: lease and intent, the call, the outcome. The run may be killed after any of them: the
 * next run finds the intent, reads the outcome off the stream, and goes on from there.
 *
 * Throws `RetryLater` when another run acts or acted, or when it is not known whether AWS did it; `Blocked`
 * when AWS refused. Then nothing was changed, and the ledger says why.
 *
 * @returns the notification, for this run to send
 */
export async function act(
  target: Target,
  decision: Action,
  history: History,
  occasion: Occasion,
  { kinesis, ledger, now, holder, signal, outgoing }: Actor,
): Promise<ClaimedItem | undefined> {
  const lease = await ledger.begin(history, intentOf(decision, occasion), holder, signal);
  try {
    await callKinesis(target, decision, kinesis, signal);
  } catch (error) {
    const { failure, outcome } = classifyError(error, target.stream, decision, now());
    if (outcome) await ledger.finish(lease, outcome, signal);
    throw failure;
  }
  return ledger.finish(lease, { result: "applied", at: now() }, signal, outgoing);
}

function intentOf(decision: Action, { id, now, trigger, traceId, approval }: Occasion): Intent {
  const { kind, direction, from, to, reasons, evidence } = decision;
  return {
    id,
    at: now,
    automation: "reshard-streams",
    action: `kinesis:${kind}`,
    direction,
    from,
    to,
    reasons: [...reasons],
    evidence,
    trigger,
    ...(traceId !== undefined && { traceId }),
    ...(approval && { approval }),
  };
}
