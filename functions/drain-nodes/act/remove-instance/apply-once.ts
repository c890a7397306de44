import { randomUUID } from "node:crypto";
import { messageOf } from "../../../../shared/errors/message-of.ts";
import { RetryLater } from "../../../../shared/lambda/errors.ts";
import type { Run } from "../../../../shared/lambda/run.ts";
import type { History, Intent } from "../../../../shared/ledger/entry.ts";
import type { Lease } from "../../../../shared/ledger/head.ts";
import type { Ledger } from "../../../../shared/ledger/ledger.ts";

/** A change that must not be made twice for the same instance. */
export interface Change extends Pick<Intent, "action" | "direction" | "reasons"> {
  /** What one run at a time may change. */
  readonly resource: string;
  readonly instanceId: string;
}

/** The change, by what AWS shows after the ledger was read: another run's change is in one of the two. */
export interface PlannedChange extends Pick<Intent, "from" | "to"> {
  /** Whether the change of a run that died shows at AWS, so that it is not made again. */
  isApplied(inDoubt: Intent): boolean;
  /** The last look before the intent is written. Throws when the change must not be made (any more). */
  check?(): void;
  call(): Promise<void>;
}

/** AWS may show an instance as it was before the call for this long. */
const SETTLES_MS = 10 * 60_000;

/**
 * Makes a change exactly once, whatever runs at the same time or dies in between: lease and intent, the call,
 * the outcome. Answers the change that was made, which is an earlier run's when that one had made it already.
 *
 * @param plan reads AWS; it is called after the ledger was read
 * @throws RetryLater when another run is making it, or when no answer came
 */
export async function applyOnce(
  { resource, instanceId, ...change }: Change,
  plan: () => Promise<PlannedChange>,
  run: Run,
  ledger: Ledger,
): Promise<Pick<Intent, "from" | "to">> {
  const now = run.clock.now();
  const read = await ledger.history(resource, now - SETTLES_MS, run.signal);
  const { pending, leasedUntil = 0 } = read;
  if (pending && leasedUntil > now) {
    throw new RetryLater(`another run is changing ${resource}: the next run looks again`, { resource });
  }
  const { from, to, isApplied, check, call } = await plan();
  const result = pending && isApplied(pending) ? "applied" : "lost";
  const detail = "its run left no outcome";
  const { history } = pending
    ? await ledger.recover(read, { result, at: now, detail }, run.signal)
    : { history: read };
  const made = madeBefore(history, change.action, instanceId);
  if (made) return made;
  check?.();

  const intent: Intent = {
    ...change,
    from,
    to,
    id: randomUUID(),
    at: now,
    automation: run.automation,
    evidence: { instanceId },
    trigger: "node drained",
    ...(run.traceId !== undefined && { traceId: run.traceId }),
  };
  const lease = await ledger.begin(history, intent, intent.id, run.signal);
  await callUnder(lease, call, run, ledger);
  return intent;
}

/** The change that an earlier run has made already. */
const madeBefore = ({ entries }: History, action: string, instanceId: string): Intent | undefined =>
  entries.find(
    ({ intent, outcome }) =>
      intent.action === action && intent.evidence.instanceId === instanceId && outcome.result === "applied",
  )?.intent;

/** Makes the call and writes its outcome; none where nobody knows it: the next run looks at AWS. */
async function callUnder(lease: Lease, call: PlannedChange["call"], run: Run, ledger: Ledger): Promise<void> {
  try {
    await call();
  } catch (error) {
    const detail = messageOf(error);
    if (wasRefused(error))
      await ledger.finish(lease, { result: "refused", at: run.clock.now(), detail }, run.signal);
    throw error;
  }
  await ledger.finish(lease, { result: "applied", at: run.clock.now() }, run.signal);
}

/** True when AWS answered that it did not do it; without an answer, or with a 5xx, nobody knows. */
function wasRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  if (typeof cause !== "object" || cause === null || !("$metadata" in cause)) return false;
  const metadata = cause.$metadata;
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return false;
  return typeof metadata.httpStatusCode === "number" && metadata.httpStatusCode < 500;
}
