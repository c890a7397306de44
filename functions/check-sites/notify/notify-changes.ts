import { asFailure } from "../../../shared/aws/failure.ts";
import { inParallel } from "../../../shared/aws/in-parallel.ts";
import { type ReflexError, RetryLater } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { isUndelivered } from "../../../shared/ledger/claim.ts";
import type { Dependencies } from "../run/dependencies.ts";
import type { PendingNotification } from "../state/outbox.ts";
import { halvesOf, type Message, messagesFor } from "./messages.ts";
import type { Occasion } from "./notification.ts";

const DAY_MS = 86_400_000;
const RELATED_READ = 10;
const SENDS_AT_ONCE = 10;

/**
 * One message for all of it, or several where SNS would not take one. What was sent leaves the outbox; what cannot
 * be sent stays in, for the next run, and holds nothing else back.
 */
export async function notifyChanges(
  pending: readonly PendingNotification[],
  run: Run,
  deps: Dependencies,
): Promise<ReflexError[]> {
  if (pending.length === 0) return [];
  return run.stage("notify", async (stage) => {
    stage.annotate("changes", pending.length);
    const occasion = {
      now: run.clock.now(),
      runId: run.id,
      traceId: run.traceId,
      sites: deps.sites.list,
      pageUrl: deps.sites.statusPage?.url,
      actions: await latestActions(pending, run, deps),
    };
    const failures: ReflexError[] = [];
    const unsent: PendingNotification[] = [];
    for (const message of messagesFor(pending, occasion)) {
      stage.annotate("resource", message.notification.resource);
      stage.annotate("notified", message.notification.headline);
      stage.annotate("severity", message.notification.severity);
      stage.metadata("notification", message.notification);
      const sent = await send(message, occasion, run, deps);
      failures.push(...sent.failures);
      unsent.push(...sent.unsent);
    }
    if (unsent.some(({ change }) => isUndelivered(change.at, occasion.now)))
      run.metrics.count("NotificationsUndelivered");
    return failures;
  });
}

interface Sent {
  readonly failures: readonly ReflexError[];
  /** What stays in the outbox for the next run. */
  readonly unsent: readonly PendingNotification[];
}

/** Sends one message. What SNS refuses is sent in halves, so that it is only the change at fault that is left. */
async function send(
  { changes, notification }: Message,
  occasion: Occasion,
  run: Run,
  deps: Dependencies,
): Promise<Sent> {
  try {
    await deps.notify([notification], run);
    const { id, resource, headline } = notification;
    run.log.info(`notified: ${headline}`, { resource, notification: id });
  } catch (error) {
    const cause = asFailure(error, "sns:Publish", notification.resource);
    const halves = cause instanceof RetryLater ? [] : halvesOf(changes, occasion);
    if (halves.length === 0) {
      const message = `${cause.message}. The changes stay in the outbox: the next run notifies them`;
      return { failures: [new RetryLater(message, { cause })], unsent: changes };
    }
    const sent = [];
    for (const half of halves) sent.push(await send(half, occasion, run, deps));
    return {
      failures: sent.flatMap(({ failures }) => failures),
      unsent: sent.flatMap(({ unsent }) => unsent),
    };
  }
  return { failures: await removeFromOutbox(changes, run, deps), unsent: [] };
}

async function removeFromOutbox(
  pending: readonly PendingNotification[],
  run: Run,
  { store }: Dependencies,
): Promise<ReflexError[]> {
  const outcomes = await inParallel(pending, SENDS_AT_ONCE, async ({ site, change }) => {
    try {
      await store.sent(site, change.id, run.signal);
      return undefined;
    } catch (error) {
      return asFailure(error, "dynamodb:UpdateItem", site === undefined ? "monitor" : `site/${site}`);
    }
  });
  return outcomes.filter((failure) => failure !== undefined);
}

/** What the ledger did lately to what the changed sites depend on. Without it the message is sent all the same. */
async function latestActions(
  pending: readonly PendingNotification[],
  run: Run,
  { sites, ledger }: Dependencies,
) {
  const changed = new Set(pending.map(({ site }) => site));
  const related = new Set(sites.list.flatMap((site) => (changed.has(site.name) ? site.related : [])));
  const since = run.clock.now() - DAY_MS;
  return inParallel([...related].slice(0, RELATED_READ), RELATED_READ, async (resource) => {
    try {
      return { resource, entries: (await ledger.history(resource, since, run.signal)).entries };
    } catch (error) {
      run.log.warn(asFailure(error, "dynamodb:Query", resource).message);
      return { resource, entries: [] };
    }
  });
}
