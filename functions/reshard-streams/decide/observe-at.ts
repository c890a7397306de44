import { nextOccurrence, occurrenceAt } from "../../../shared/time/windows.ts";
import type { StreamPolicy } from "../config/policy.ts";
import type { Decision } from "../model/decision.ts";
import { predictedRiseAt } from "./measure/demand-profile.ts";
import { type Facts, leadMs } from "./rules/facts.ts";
import { scaleOutAbove } from "./rules/scale-out.ts";

/** The longest scan interval: what comes later is found in time by the scan before it. */
const AHEAD_MS = 60 * 60_000;

/**
 * A stream that stays as it is is observed again in time for the next rise that is predicted, and when its bounds change. Its scan
 * interval may be longer than a change takes: the scan after the rise has begun, or after a window has opened, is too late.
 */
export function observedInTime(decision: Decision, facts: Facts): Decision {
  if (decision.kind !== "hold") return decision;
  const moments = [riseAt(facts), ...boundsChangeAt(facts)].filter((at) => at !== undefined);
  return moments.length === 0 ? decision : { ...decision, observeAt: Math.min(...moments) };
}

function riseAt(facts: Facts): number | undefined {
  const { forecast, observation, policy, now, open, widest } = facts;
  const { profile } = observation;
  if (policy.forecast === "off" || !profile || !forecast?.isTrusted) return undefined;
  const above = scaleOutAbove(facts) / widest;
  return predictedRiseAt(profile, policy.forecast, { now, leadMs: leadMs(open), above });
}

/** When each window opens or closes next, ms since the epoch; those of the next hour. */
function boundsChangeAt({
  policy: { windows = [] },
  now,
}: Pick<Facts, "now"> & { readonly policy: StreamPolicy }) {
  return windows
    .map(({ during }) => occurrenceAt(during, now)?.end ?? nextOccurrence(during, now)?.start)
    .filter((at) => at !== undefined && at <= now + AHEAD_MS);
}
