import { inParallel } from "../../../shared/aws/in-parallel.ts";
import { type ReflexError, RetryLater } from "../../../shared/lambda/errors.ts";
import { recordFailure } from "../../../shared/lambda/record-failure.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { POST_TIMEOUT_MS } from "../../../shared/net/http-post.ts";
import { targetsFor } from "../../../shared/routes/route.ts";
import type { Target } from "../../../shared/routes/targets.ts";
import { uniqueTargets } from "../../../shared/routes/unique-targets.ts";
import type { Credentials } from "../../../shared/secrets/credentials.ts";
import { deliveriesOf } from "../decide/deliveries.ts";
import { afterDelivery, afterFailure, planThread } from "../decide/thread.ts";
import type { Claimed, Delivery, ThreadEvent } from "../model.ts";
import { withLinks } from "../notify/links.ts";
import { withApprovalLink } from "./approval-links.ts";
import type { Dependencies } from "./dependencies.ts";
import { threadEventsOf } from "./thread-events.ts";

const AT_ONCE = 5;
/** Kept back to note what became of the last delivery. */
const KEEP_MS = 3000;
/** A call that is in flight when its run dies ends later than that. */
const CLAIM_MARGIN_MS = 2000;

/**
 * Delivers everything that one message of the queue stands for, to every target that is due. What was delivered is noted
 * at once, so that the message can come again for the rest.
 *
 * @returns why something of it is left
 */
export async function deliverMessage(
  body: string,
  credentials: Credentials,
  run: Run,
  deps: Dependencies,
): Promise<readonly ReflexError[]> {
  const read = await threadEventsOf(body, run, deps);
  const events = await inParallel(read, AT_ONCE, async (event) => {
    const linked = withLinks(event.notification, deps.config, deps.placeOf(run));
    return { ...event, notification: await withApprovalLink(linked, credentials, run, deps) };
  });
  const threads = [...Map.groupBy(events, ({ thread }) => thread).values()];
  const plans = await inParallel(threads, AT_ONCE, (thread) => claim(thread, run, deps));
  const byTarget = Map.groupBy(
    plans.flatMap(({ claimed }) => claimed),
    ({ target }) => target,
  );
  const failures = await inParallel([...byTarget], AT_ONCE, ([key, claimed]) =>
    deliverTo(key, claimed, credentials, run, deps),
  );
  const waiting = plans.flatMap((plan) => plan.waiting);
  return [...failures.flat(), ...(waiting.length > 0 ? [hasToWait(waiting)] : [])];
}

/** Decides where the events of a thread go, and takes for this run what nothing holds up. */
function claim(
  events: readonly ThreadEvent[],
  run: Run,
  { threads, config }: Dependencies,
): Promise<{ readonly claimed: readonly Claimed[]; readonly waiting: readonly ThreadEvent[] }> {
  const sorted = events.toSorted((a, b) => a.sequence - b.sequence);
  const [{ thread } = { thread: "" }] = sorted;
  const now = run.clock.now();
  const until = now + Math.max(0, run.remainingMs()) + CLAIM_MARGIN_MS;
  const keysOf = ({ notification }: ThreadEvent) => targetsFor(notification, config).map(({ key }) => key);
  return threads.update(
    thread,
    (before) => {
      const { after, ...result } = planThread(before, sorted, keysOf, { now, until });
      return { after, result };
    },
    now,
    run.signal,
  );
}

/** Everything for one target, one after the other; after a failure the rest is left for the next time. */
async function deliverTo(
  key: string,
  claimed: readonly Claimed[],
  credentials: Credentials,
  run: Run,
  deps: Dependencies,
): Promise<readonly ReflexError[]> {
  const target = uniqueTargets(deps.config.routes).find((one) => one.key === key);
  if (!target) return forget(key, claimed, run, deps);
  const deliveries = deliveriesOf(target, claimed);
  for (const [at, delivery] of deliveries.entries()) {
    const failure = await deliver(target, delivery, credentials, run, deps);
    if (!failure) continue;
    await release(key, deliveries.slice(at), run, deps);
    return [failure];
  }
  return [];
}

async function deliver(
  target: Target,
  delivery: Delivery,
  credentials: Credentials,
  run: Run,
  deps: Dependencies,
): Promise<ReflexError | undefined> {
  if (run.remainingMs() < POST_TIMEOUT_MS + KEEP_MS) {
    return new RetryLater(`${target.key}: no time is left in this run; the next one goes on`);
  }
  const resource = delivery.events[0]?.notification.resource ?? "";
  try {
    await deps.send(delivery, credentials, run);
    for (const event of delivery.events) {
      await note(event.thread, (state) => afterDelivery(state, target.key, event.sequence), run, deps);
      const { id, headline } = event.notification;
      run.log.info(`delivered: ${headline}`, { resource, notification: id, target: target.key });
    }
    return undefined;
  } catch (error) {
    return recordFailure(error, { call: "deliver", resource: target.key }, run).failure;
  }
}

/** Gives back what was claimed and not delivered. Where that fails, the claim runs out by itself. */
async function release(key: string, left: readonly Delivery[], run: Run, deps: Dependencies): Promise<void> {
  const threads = new Set(left.flatMap(({ events }) => events.map(({ thread }) => thread)));
  await inParallel([...threads], AT_ONCE, async (thread) => {
    try {
      await note(thread, (state) => afterFailure(state, key), run, deps);
    } catch (error) {
      recordFailure(error, { call: "deliver", resource: thread }, run);
    }
  });
}

/** A target that the config no longer has gets nothing more. */
async function forget(
  key: string,
  claimed: readonly Claimed[],
  run: Run,
  deps: Dependencies,
): Promise<readonly ReflexError[]> {
  for (const { thread, sequence } of claimed.flatMap(({ events }) => events)) {
    run.log.warn(`${key} is in no route any more: it gets no further message about ${thread}`, {
      resource: thread,
    });
    await note(thread, (state) => afterDelivery(state, key, sequence), run, deps);
  }
  return [];
}

const note = (
  thread: string,
  change: (state: Parameters<typeof afterFailure>[0]) => ReturnType<typeof afterFailure>,
  run: Run,
  { threads }: Dependencies,
): Promise<undefined> =>
  threads.update(
    thread,
    (before) => ({ after: change(before), result: undefined }),
    run.clock.now(),
    run.signal,
  );

function hasToWait(waiting: readonly ThreadEvent[]): ReflexError {
  const [first] = waiting;
  return new RetryLater(
    `${waiting.length} notifications wait for what comes before them, the first is ${first?.notification.id}`,
    { resource: first?.notification.resource ?? "" },
  );
}
