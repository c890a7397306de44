import { isOpen, nextOccurrence } from "../../../../shared/time/windows.ts";
import type { StreamPolicy } from "../../config/policy.ts";

/** The policy with the bounds of the window that is open now, if one is; `now` in ms since the epoch. */
export function policyAt(policy: StreamPolicy, now: number): StreamPolicy {
  const open = policy.windows?.find(({ during }) => isOpen(during, now));
  if (!open) return policy;
  return { ...policy, min: open.min ?? policy.min, max: open.max ?? policy.max };
}

/** What is taken away now and has to be back within so long is not worth it. */
const SOON_MS = 3_600_000;

/**
 * The largest `min` of now and of the windows that open within an hour: fewer shards would be brought back then, by calls.
 *
 * @param policy as it is at `now`, ms since the epoch
 */
export function minSoon(policy: Pick<StreamPolicy, "min" | "windows">, now: number): number {
  const { windows = [], min } = policy;
  const opening = windows.flatMap((window) => {
    const start = nextOccurrence(window.during, now)?.start;
    if (start === undefined || start > now + SOON_MS) return [];
    return windows.find(({ during }) => isOpen(during, start)) === window ? [window.min ?? min] : [];
  });
  return Math.max(min, ...opening);
}
