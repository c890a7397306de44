import type { Hold } from "../../model/decision.ts";
import { hold } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { percent, shards } from "./wording.ts";

/** No other rule applied: the shard count fits. */
export function onTarget(facts: Facts): Hold {
  const { open, policy, evidence } = facts;
  const { scaleOutMinutes } = policy;
  const lately = scaleOutMinutes === 1 ? "the last minute" : `the last ${scaleOutMinutes} minutes`;
  return hold(
    facts,
    "on-target",
    `${percent(evidence.utilisation)} of ${shards(open)} in ${lately}, ${percent(evidence.lookBackUtilisation)} at most in ${policy.lookBackMinutes}: nothing to change`,
  );
}
