import type { Decision } from "../../model/decision.ts";
import { shardsFor } from "../measure/sizing.ts";
import { hold, merge, updateTo } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { scaleInCaution } from "./scale-in-caution.ts";
import { percent, quotaSpent, shards } from "./wording.ts";

/** Are fewer shards enough? */
export function scaleIn(facts: Facts): Decision | undefined {
  const { open, policy, lookBack, capacity, quota, now, evidence } = facts;
  const needed = shardsFor(lookBack, capacity, policy.targetUtilisation);
  if (needed >= open) return undefined;
  if (open <= policy.min) {
    return policy.min === 1
      ? undefined
      : hold(
          facts,
          "at-min",
          `${shards(needed)} would do, but ${shards(open)} are open and min is ${policy.min}`,
        );
  }
  const goal = Math.max(needed, policy.min);
  const reason =
    `the last ${policy.lookBackMinutes} minutes' peak needs ${evidence.lookBackDemandShards} shards' worth, ${percent(evidence.lookBackUtilisation)} of ${shards(open)}: ` +
    `${shards(goal)} ${goal === 1 ? "stays" : "stay"} at or below ${percent(policy.targetUtilisation)}, clearly below ${percent(policy.scaleOutAt)}`;
  const caution = scaleInCaution(facts);
  if (!caution) return updateTo(facts, "scale-in", goal, reason);
  const quotaHolds = caution.verdict === "quota-reserved" || caution.verdict === "quota-spent";
  if (!quotaHolds || !policy.mergeWhenQuotaSpent) return caution;
  const instead = `${reason}; ${quotaSpent(quota, now)}, and the policy lets a pair of shards be merged instead`;
  return merge(facts, instead) ?? caution;
}
