import type { Target } from "../../../shared/routes/targets.ts";
import type { Claimed, Delivery, ThreadEvent } from "../model.ts";

/** So many go to a thread each; more would flood the channel, and come as one digest. */
const MOST_THREADED = 5;

/**
 * What is sent, in the order of the events. Whoever reads text gets all of a run in one message. Machines, pagers and
 * threads get each event by itself.
 */
export function deliveriesOf(target: Target, claimed: readonly Claimed[]): readonly Delivery[] {
  const events = claimed
    .flatMap((one) => one.events.map((event) => ({ event, mayBeRepeat: one.mayBeRepeat })))
    .toSorted((a, b) => inOrder(a.event, b.event));
  if (events.length === 0) return [];
  if (isDigest(target, events.length)) {
    return [
      {
        target,
        events: events.map(({ event }) => event),
        mayBeRepeat: events.some(({ mayBeRepeat }) => mayBeRepeat),
      },
    ];
  }
  return events.map(({ event, mayBeRepeat }) => ({ target, events: [event], mayBeRepeat }));
}

function isDigest({ sns, email, slack, teams }: Target, count: number): boolean {
  const threaded = slack?.topic !== undefined || teams?.topic !== undefined;
  if (threaded) return count > MOST_THREADED;
  return sns !== undefined || email !== undefined || slack !== undefined || teams !== undefined;
}

const inOrder = (a: ThreadEvent, b: ThreadEvent): number => a.at - b.at || a.sequence - b.sequence;
