import type { Hold } from "../../model/decision.ts";
import type { Kept } from "../measure/least-kept.ts";
import { hold } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { neededByThen } from "./scale-in.ts";
import { percent, shards } from "./wording.ts";

/** No other rule applied: the shard count fits. */
export function onTarget(facts: Facts): Hold {
  const { open, policy, evidence } = facts;
  const { scaleOutMinutes } = policy;
  const lately = scaleOutMinutes === 1 ? "the last minute" : `the last ${scaleOutMinutes} minutes`;
  return hold(
    facts,
    "on-target",
    `${percent(evidence.utilisation)} of ${shards(open)} in ${lately}, ${percent(evidence.lookBackUtilisation)} at most in ${policy.lookBackMinutes}: ${keptText(facts) ?? "nothing to change"}`,
  );
}

const WHY_KEPT: Readonly<Record<Exclude<Kept["because"], "nothing">, string>> = {
  "the largest jump": "are kept for a jump like the largest of the last eight days (`keptShareOfPeak`)",
  "many jumps":
    "are kept, because jumps like those of the last four days would cost more than they do (`refusalPrice`)",
  "rises that repeat": "are kept, from which the calls of a day reach what it rises to each day",
};

/** Why the shards stay although the traffic needs fewer, if that is why. */
function keptText(facts: Facts): string | undefined {
  const { open, policy, kept } = facts;
  const needed = neededByThen(facts);
  if (kept.because === "nothing" || needed >= Math.min(open, kept.least)) return undefined;
  return `${shards(needed)} would be enough for that, but ${shards(Math.min(kept.least, policy.max))} ${WHY_KEPT[kept.because]}`;
}
