import type { Decision } from "../../model/decision.ts";
import { clamp, isAbove, shardsFor, smallestStep } from "../measure/sizing.ts";
import { merge, notifiedHold, updateTo } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { refusedLately } from "./refused-lately.ts";
import { scaleInCallCaution, scaleInCaution } from "./scale-in-caution.ts";
import { outTo } from "./scale-out.ts";
import { areOpen, refusedText } from "./wording.ts";

/** Is it within min and max? If not, bringing it back is a decision of its own. */
export function outOfBounds(facts: Facts): Decision | undefined {
  const { open, policy } = facts;
  if (open < policy.min) {
    const reason = `${areOpen(open)}, below min ${policy.min}: it is brought back within its bounds`;
    const refused = refusedLately(facts, "out");
    if (refused) return refused;
    const needed = shardsFor(facts.expected, policy.targetUtilisation);
    return outTo(facts, clamp(needed, policy.min, policy.max), "raise-to-min", reason);
  }
  if (open <= policy.max) return undefined;
  if (facts.throttled > 0) {
    const why = `${refusedText(facts)} although ${areOpen(open)}, above max ${policy.max}: it is neither lowered nor scaled out. Raise max, or reduce the traffic`;
    return notifiedHold(facts, "above-max-and-busy", why);
  }
  if (isAbove(facts.lookBack / Math.max(policy.max, smallestStep(open)), policy.scaleOutAt)) {
    return notifiedHold(
      facts,
      "above-max-and-busy",
      `${areOpen(open)}, above max ${policy.max}, and the traffic needs them: lowering them now would throttle. Raise max, or reduce the traffic`,
    );
  }
  const caution = scaleInCaution(facts);
  if (caution) return caution;
  const reason = `${areOpen(open)}, above max ${policy.max}: it is brought back within its bounds`;
  const callCaution = scaleInCallCaution(facts);
  if (!callCaution) return updateTo(facts, "lower-to-max", policy.max, reason);
  const byMerge = `${reason}, by merges, which have no daily quota`;
  const share = policy.targetUtilisation / facts.lookBack;
  return merge(facts, share, byMerge, policy.max, "lower-to-max") ?? callCaution;
}
