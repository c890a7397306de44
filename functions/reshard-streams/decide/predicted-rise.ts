import type { Decision } from "../model/decision.ts";
import { predictedRiseAt } from "./measure/demand-profile.ts";
import { type Facts, leadMs } from "./rules/facts.ts";
import { scaleOutAbove } from "./rules/scale-out.ts";

/**
 * A stream that stays as it is is observed again in time for the next rise that is predicted. Its scan interval may be longer
 * than a change takes: the scan after the rise has begun is too late.
 */
export function inTimeForRise(decision: Decision, facts: Facts): Decision {
  const { forecast, observation, policy, now, open, widest } = facts;
  const { profile } = observation;
  if (decision.kind !== "hold" || policy.forecast === "off" || !profile || !forecast?.isTrusted)
    return decision;
  const above = scaleOutAbove(facts) / widest;
  const observeAt = predictedRiseAt(profile, policy.forecast, { now, leadMs: leadMs(open), above });
  return observeAt === undefined ? decision : { ...decision, observeAt };
}
