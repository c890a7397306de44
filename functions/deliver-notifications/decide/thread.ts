import type { Claimed, TargetState, ThreadEvent, ThreadState } from "../model.ts";

/**
 * How long an event waits for those before it to come at all, from when it was first seen to wait: after an outage of this
 * function all that comes is old. A message that a run died over comes again after its
 * visibility timeout, six minutes; one that does not come within an hour was sent before there was this function.
 */
const GAP_MS = 60 * 60_000;
/** What could not be delivered for so long is in the dead-letter queue, and holds up what comes after it no longer. */
const GIVEN_UP_AFTER_MS = 24 * 60 * 60_000;

const NOT_CLAIMED = { claimedUntil: 0, claimed: 0 };
const NEW_TARGET: TargetState = { due: [], delivered: 0, inDoubt: 0, ...NOT_CLAIMED };

/** Times in ms since the epoch. */
export interface Claim {
  readonly now: number;
  /** Until when this run can be delivering: after that it is dead, and another may. */
  readonly until: number;
}

export interface ThreadPlan {
  readonly after: ThreadState;
  /** For this run to deliver, once `after` is written. */
  readonly claimed: readonly Claimed[];
  /** Events of this run that have to wait: for what comes before them, or for another run. */
  readonly waiting: readonly ThreadEvent[];
}

/**
 * What a run may deliver of a thread. Pure. An event goes to the targets its routes name and to all that got something of
 * the thread before, so that an end reaches whoever heard of the beginning; to each target in order.
 *
 * @param events those that the run was given, in order
 * @param targetsOf the keys of the targets that an event's routes name
 */
export function planThread(
  before: ThreadState,
  events: readonly ThreadEvent[],
  targetsOf: (event: ThreadEvent) => readonly string[],
  claim: Claim,
): ThreadPlan {
  const routed = events.reduce((state, event) => routeEvent(state, event, targetsOf, claim.now), before);
  const waiting = new Set(events.filter(({ sequence }) => sequence > routed.routed));
  const claimed: Claimed[] = [];
  const targets = Object.entries(routed.targets).map(([target, state]) => {
    const open = withoutGivenUp(state, events, claim.now);
    const mine = events.filter(({ sequence }) => open.due.some((one) => one.sequence === sequence));
    const ready = claim.now < open.claimedUntil ? [] : fromTheFirst(open, mine);
    for (const event of mine) if (!ready.includes(event)) waiting.add(event);
    const last = ready.at(-1);
    if (!last) return [target, open] as const;
    const [first = last] = ready;
    const inDoubt = Math.max(open.inDoubt, open.claimed);
    claimed.push({ target, events: ready, mayBeRepeat: inDoubt >= first.sequence });
    return [target, { ...open, claimedUntil: claim.until, claimed: last.sequence, inDoubt }] as const;
  });
  return {
    after: { ...routed, targets: Object.fromEntries(targets) },
    claimed,
    waiting: events.filter((event) => waiting.has(event)),
  };
}

function routeEvent(
  state: ThreadState,
  event: ThreadEvent,
  targetsOf: (event: ThreadEvent) => readonly string[],
  now: number,
): ThreadState {
  const { sequence, at } = event;
  if (sequence <= state.routed) return state;
  const gapSince = state.gapSince ?? now;
  if (sequence > state.routed + 1 && now - gapSince <= GAP_MS) return { ...state, gapSince };
  const keys = new Set([...Object.keys(state.targets), ...targetsOf(event)]);
  const targets = [...keys].map((key) => {
    const known = state.targets[key] ?? NEW_TARGET;
    return [key, { ...known, due: [...known.due, { sequence, at }] }];
  });
  return { routed: sequence, targets: Object.fromEntries(targets) };
}

/** Those that another run has in hand, or has brought into the dead-letter queue, stand no longer in the way. */
function withoutGivenUp(state: TargetState, events: readonly ThreadEvent[], now: number): TargetState {
  const due = state.due.filter(
    ({ sequence, at }) =>
      now - at <= GIVEN_UP_AFTER_MS || events.some((event) => event.sequence === sequence),
  );
  return { ...state, due };
}

/** The events of this run that nothing before them holds up. */
function fromTheFirst({ due }: TargetState, mine: readonly ThreadEvent[]): readonly ThreadEvent[] {
  const firstOfOthers = due.find(({ sequence }) => !mine.some((event) => event.sequence === sequence));
  return mine.filter(({ sequence }) => sequence < (firstOfOthers?.sequence ?? Number.POSITIVE_INFINITY));
}

/** The thread once a target has got everything up to `sequence`. */
export const afterDelivery = (state: ThreadState, target: string, sequence: number): ThreadState =>
  withTarget(state, target, (known) => ({
    ...known,
    due: known.due.filter((one) => one.sequence > sequence),
    delivered: Math.max(known.delivered, sequence),
    // What this run claimed beyond it is still in its hands.
    ...(sequence >= known.claimed && NOT_CLAIMED),
  }));

/** The thread once it is known that a delivery failed: another run may try at once. */
export const afterFailure = (state: ThreadState, target: string): ThreadState =>
  withTarget(state, target, (known) => ({ ...known, ...NOT_CLAIMED }));

function withTarget(
  state: ThreadState,
  target: string,
  change: (known: TargetState) => TargetState,
): ThreadState {
  const known = state.targets[target];
  return known ? { ...state, targets: { ...state.targets, [target]: change(known) } } : state;
}
