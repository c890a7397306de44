import type { Decision, Hold } from "../../model/decision.ts";
import { modeCosts } from "../measure/cost.ts";
import { shardsFor } from "../measure/sizing.ts";
import { hold } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { shards, usd } from "./wording.ts";

/** The stream and its ledger are read in parallel, and AWS takes some thirty seconds for a reshard. */
const JUST_CHANGED_MS = 5_000;

/** Can it be changed at all? */
export function notChangeable(facts: Facts): Decision | undefined {
  const { observation, history, now } = facts;
  if (observation.status !== "ACTIVE") {
    return hold(
      facts,
      "updating",
      `the stream is ${observation.status}: it is changed again once it is ACTIVE`,
      {
        requeue: true,
      },
    );
  }
  const justChanged = history.entries.find(
    ({ outcome }) => outcome.result === "applied" && outcome.at > now - JUST_CHANGED_MS,
  );
  if (justChanged) {
    const why = `another run has just changed it to ${shards(justChanged.intent.to)}, and this observation may be older than that`;
    return hold(facts, "updating", why, { requeue: true });
  }
  return observation.mode === "ON_DEMAND" ? onDemand(facts) : undefined;
}

function onDemand(facts: Facts): Hold {
  const { observation, policy, lookBack } = facts;
  const needed = Math.max(shardsFor(lookBack, policy.targetUtilisation), policy.min);
  const costs = modeCosts(observation.minutes, policy.lookBackMinutes, needed);
  const beyondMax = needed > policy.max ? `, more than max ${policy.max}` : "";
  return hold(
    facts,
    "on-demand",
    `the stream is on-demand: AWS sizes it, and refuses UpdateShardCount. At this traffic it costs about ${usd(costs.onDemand)} a month; ` +
      `provisioned with ${shards(needed)}${beyondMax} it would be ${usd(costs.provisioned)}`,
  );
}
