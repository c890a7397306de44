import type { Clock } from "../time/clock.ts";

/** Keeps the calls of one run below a part of AWS's limits, which everybody in the account shares. */
export interface CallRates {
  /** Resolves when such a call may be made: in the order they were asked for. */
  take(call: string): Promise<void>;
}

/** A bucket holds the tokens of one second. */
const BURST_MS = 1000;

/**
 * One token bucket for each call.
 *
 * @param perSecond by the call's name; one without an entry has no limit
 * @param wait resolves after so many ms; a clock that stands still, as the sandbox's, makes no one wait
 */
export function createCallRates(
  perSecond: Readonly<Record<string, number>>,
  clock: Clock,
  wait: (ms: number) => Promise<unknown>,
): CallRates {
  const nextAt = new Map<string, number>();
  return {
    async take(call) {
      const rate = perSecond[call];
      if (rate === undefined) return;
      const now = clock.now();
      const spacing = 1000 / rate;
      const at = Math.max(nextAt.get(call) ?? 0, now - BURST_MS + spacing);
      nextAt.set(call, at + spacing);
      if (at > now) await wait(at - now);
    },
  };
}
