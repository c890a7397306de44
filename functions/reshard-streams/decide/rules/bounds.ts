import type { Decision } from "../../model/decision.ts";
import { clamp, isAbove, shardsFor, smallestStep } from "../measure/sizing.ts";
import { hold, updateTo } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { refusedLately, withinAccount } from "./refused-lately.ts";
import { scaleInCallCaution, scaleInCaution } from "./scale-in-caution.ts";
import { quotaSpent, shards } from "./wording.ts";

/** Is it within min and max? If not, bringing it back is a decision of its own. */
export function outOfBounds(facts: Facts): Decision | undefined {
  const { open, policy, quota, now } = facts;
  if (open < policy.min) {
    const reason = `${shards(open)} are open, below min ${policy.min}: it is brought back within its bounds`;
    const refused = refusedLately(facts, "out");
    if (refused) return refused;
    const needed = shardsFor(facts.expected, policy.targetUtilisation);
    return quota.left > 0
      ? updateTo(facts, "raise-to-min", withinAccount(facts, clamp(needed, policy.min, policy.max)), reason)
      : hold(facts, "quota-spent", `${reason}, but ${quotaSpent(quota, now)}`, { notify: true });
  }
  if (open <= policy.max) return undefined;
  if (facts.throttled > 0) {
    const why = `${facts.throttled} records are refused although ${shards(open)} are open, above max ${policy.max}: it is neither lowered nor scaled out. Raise max, or reduce the traffic`;
    return hold(facts, "above-max-and-busy", why, { notify: true });
  }
  if (isAbove(facts.lookBack / Math.max(policy.max, smallestStep(open)), policy.scaleOutAt)) {
    return hold(
      facts,
      "above-max-and-busy",
      `${shards(open)} are open, above max ${policy.max}, and the traffic needs them: lowering them now would throttle. Raise max, or reduce the traffic`,
      { notify: true },
    );
  }
  const caution = scaleInCaution(facts) ?? scaleInCallCaution(facts);
  if (caution) return caution;
  return updateTo(
    facts,
    "lower-to-max",
    policy.max,
    `${shards(open)} are open, above max ${policy.max}: it is brought back within its bounds`,
  );
}
