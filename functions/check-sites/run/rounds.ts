import type { Run } from "../../../shared/lambda/run.ts";
import type { Site } from "../config/site.ts";
import type { Dependencies } from "./dependencies.ts";

/** One round of an invocation: the sites whose turn it is, so many milliseconds after the tick. */
export interface Round {
  readonly offsetMs: number;
  readonly sites: readonly Site[];
}

const MINUTE_MS = 60_000;
/** A round after this would have no time left for its probes. */
const LAST_OFFSET_MS = 40_000;
/** A tick may come some seconds early or late. */
const SLACK_MS = 30_000;

/** The rounds of a minute: all sites in the first; those with an interval below a minute again. */
export function roundsOf(sites: readonly Site[]): readonly [Round, ...Round[]] {
  const often = sites.filter(({ intervalMs }) => intervalMs < MINUTE_MS);
  const offsets = new Set(often.flatMap(({ intervalMs }) => multiplesOf(intervalMs)));
  const later = [...offsets].toSorted((a, b) => a - b);
  return [
    { offsetMs: 0, sites },
    ...later.map((offsetMs) => ({
      offsetMs,
      sites: often.filter(({ intervalMs }) => offsetMs % intervalMs === 0),
    })),
  ];
}

function multiplesOf(intervalMs: number): number[] {
  return Array.from(
    { length: Math.floor(LAST_OFFSET_MS / intervalMs) },
    (_, index) => (index + 1) * intervalMs,
  );
}

/** Whether a site's interval is over; a site that was never probed is due. */
export function isDue({ intervalMs }: Site, probedAt: number | undefined, tick: number): boolean {
  return probedAt === undefined || intervalMs <= MINUTE_MS || tick - probedAt >= intervalMs - SLACK_MS;
}

/** Real milliseconds that a round needs for itself. */
const NEEDED_MS = 12_000;

/** Waits until it is a round's turn; false where the invocation has no time left for it. */
export async function nextRound(
  { offsetMs }: Round,
  beganAt: number,
  run: Run,
  { pause }: Pick<Dependencies, "pause">,
): Promise<boolean> {
  const waitMs = Math.max(0, beganAt + offsetMs - run.clock.now());
  if (run.remainingMs() - waitMs < NEEDED_MS) return false;
  return pause(run.clock, waitMs, run.signal);
}
