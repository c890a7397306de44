import type { History } from "../../../shared/ledger/entry.ts";
import type { StreamPolicy } from "../config/policy.ts";
import type { Decision } from "../model/decision.ts";
import type { Observation } from "../model/observation.ts";
import { policyAt } from "./measure/policy-at.ts";
import { outOfBounds } from "./rules/bounds.ts";
import { notChangeable } from "./rules/changeable.ts";
import { consumersFellBehind } from "./rules/consumers.ts";
import { type Facts, factsOf } from "./rules/facts.ts";
import { hotShard } from "./rules/hot-shard.ts";
import { onTarget } from "./rules/on-target.ts";
import { refusals } from "./rules/refusals.ts";
import { scaleIn } from "./rules/scale-in.ts";
import { scaleOut } from "./rules/scale-out.ts";

/**
 * In this order; the first rule that has an answer decides. Can it be changed at all; is it within its bounds; is
 * one shard hot; does it need more shards; are fewer enough. Only the last is ever postponed for caution.
 */
const RULES: readonly ((facts: Facts) => Decision | undefined)[] = [
  notChangeable,
  outOfBounds,
  hotShard,
  scaleOut,
  consumersFellBehind,
  refusals,
  scaleIn,
];

/** What to do about one stream now. Pure: the same observation, policy, history and moment give the same decision. */
export function decide(
  observation: Observation,
  policy: StreamPolicy,
  history: History,
  now: number,
): Decision {
  const facts = factsOf(observation, policyAt(policy, now), history, now);
  for (const rule of RULES) {
    const decision = rule(facts);
    if (decision) return decision;
  }
  return onTarget(facts);
}
