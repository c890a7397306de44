import type { History } from "../../../shared/ledger/entry.ts";
import type { StreamPolicy } from "../config/policy.ts";
import type { Decision } from "../model/decision.ts";
import type { Observation } from "../model/observation.ts";
import { distributeEvenly } from "./levers/distribution.ts";
import { refusalsOnDemand } from "./levers/refusals-on-demand.ts";
import { adviceOn, switchMode } from "./levers/stream-mode.ts";
import { onDemand, raiseWarmThroughput, releaseWarmThroughput } from "./levers/warm-throughput.ts";
import { policyAt } from "./measure/policy-at.ts";
import { observedInTime } from "./observe-at.ts";
import { ownHistory } from "./own-history.ts";
import { outOfBounds } from "./rules/bounds.ts";
import { notChangeable } from "./rules/changeable.ts";
import { consumersFellBehind, consumersTooSlow, stoppedFindings } from "./rules/consumers.ts";
import { type Facts, factsOf } from "./rules/facts.ts";
import { hotShard } from "./rules/hot-shard.ts";
import { onTarget } from "./rules/on-target.ts";
import { refusals } from "./rules/refusals.ts";
import { scaleIn } from "./rules/scale-in.ts";
import { scaleOut } from "./rules/scale-out.ts";

type Rule = (facts: Facts) => Decision | undefined;

/**
 * In this order; the first rule that has an answer decides. Can it be changed at all; is it within its bounds; is
 * one shard hot; does it need more shards; are fewer enough. Only the last is ever postponed for caution.
 */
const PROVISIONED: readonly Rule[] = [
  notChangeable,
  outOfBounds,
  hotShard,
  scaleOut,
  consumersFellBehind,
  consumersTooSlow,
  refusals,
  switchMode,
  scaleIn,
  onTarget,
];

/** AWS sets the shards of an on-demand stream; what it takes at once, and how records are spread, may be set. */
const ON_DEMAND: readonly Rule[] = [
  notChangeable,
  distributeEvenly,
  raiseWarmThroughput,
  refusalsOnDemand,
  switchMode,
  releaseWarmThroughput,
  onDemand,
];

/** What to do about one stream now. Pure: the same observation, policy, history and moment give the same decision. */
export function decide(
  observation: Observation,
  policy: StreamPolicy,
  history: History,
  now: number,
): Decision {
  const facts = factsOf(observation, policyAt(policy, now), ownHistory(history, observation), now);
  for (const rule of observation.mode === "ON_DEMAND" ? ON_DEMAND : PROVISIONED) {
    const decision = rule(facts);
    if (decision) return observedInTime(withFindings(withAdvice(decision, facts), facts), facts);
  }
  throw new Error("the last rule always decides");
}

/** A cheaper way to run the stream is said beside whatever was decided, except the switch to it. */
function withAdvice(decision: Decision, facts: Facts): Decision {
  const advice = decision.kind === "UpdateStreamMode" ? undefined : adviceOn(facts);
  return advice ? { ...decision, advice } : decision;
}

function withFindings(decision: Decision, facts: Facts): Decision {
  const findings = stoppedFindings(facts);
  return findings.length > 0 ? { ...decision, findings } : decision;
}
