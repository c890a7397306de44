import type { SiteState, StateName } from "./state.ts";
import { stateOf } from "./state-of.ts";

/**
 * Flap damping, as Nagios and Gatus have it: a site that changes its state again and again is notified as flapping
 * once. Its changes are notified again when it has held one state for a while.
 */

const MINUTE_MS = 60_000;
/** So many changes within so long are flapping. */
const CHANGES = 5;
const WINDOW_MS = 60 * MINUTE_MS;

/** For how long it must hold a state. Shorter for what a person has to see. */
const SETTLED_MS: Readonly<Record<StateName, number>> = {
  DOWN: 10 * MINUTE_MS,
  UNKNOWN: 10 * MINUTE_MS,
  DEGRADED: 30 * MINUTE_MS,
  UP: 30 * MINUTE_MS,
};

/** Whether a change of this state is held back now, because the site flaps. Times are ms since the epoch. */
export function isHeldBack(state: SiteState, tick: number): boolean {
  const now = stateOf(state);
  return state.flappingSince !== undefined && now !== undefined && tick - state.since < SETTLED_MS[now];
}

/** What one more notified change makes of the site. @param before when it changed before, ms since the epoch */
export function flapAfter(
  before: readonly number[],
  tick: number,
): { readonly isFlapping: boolean; readonly changedAt: number[] } {
  const recent = [...before.filter((at) => tick - at < WINDOW_MS), tick].slice(-CHANGES);
  return { isFlapping: recent.length >= CHANGES, changedAt: recent };
}
