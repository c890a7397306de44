import type { Hold } from "../../model/decision.ts";
import { hold } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { percent, shards } from "./wording.ts";

/** No other rule applied: the shard count fits. */
export function onTarget(facts: Facts): Hold {
  const { open, policy, evidence } = facts;
  return hold(
    facts,
    "on-target",
    `${percent(evidence.utilisation)} of ${shards(open)} in the last ${policy.scaleOutMinutes} minutes, ${percent(evidence.lookBackUtilisation)} at most in ${policy.lookBackMinutes}: nothing to change`,
  );
}
