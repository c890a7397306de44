import type { Decision } from "../../model/decision.ts";
import { modeCosts } from "../measure/cost.ts";
import { CALL_RATE, DAILY_QUOTA } from "../measure/quota.ts";
import { clamp, shardsFor } from "../measure/sizing.ts";
import { hold } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { shards, time, usd } from "./wording.ts";

const MINUTE_MS = 60_000;

/** A change that AWS refused is retried after this long, not every minute. */
const RETRY_REFUSED_AFTER_MS = 15 * MINUTE_MS;

/** Refusals with a rule of their own: the quota is counted, a call rate has passed by the next minute. */
const RETRIED_AT_ONCE: ReadonlySet<string | undefined> = new Set([DAILY_QUOTA, CALL_RATE]);

/** The stream and its ledger are read in parallel, and AWS takes some thirty seconds for a reshard. */
const JUST_CHANGED_MS = 5_000;

/** Can it be changed at all? */
export function notChangeable(facts: Facts): Decision | undefined {
  const { observation, history, now, policy } = facts;
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
  if (observation.mode === "ON_DEMAND") {
    const needed = clamp(shardsFor(facts.lookBack, policy.targetUtilisation), policy.min, policy.max);
    const costs = modeCosts(observation.minutes, policy.lookBackMinutes, needed);
    return hold(
      facts,
      "on-demand",
      `the stream is on-demand: AWS sizes it, and refuses UpdateShardCount. At this traffic it costs about ${usd(costs.onDemand)} a month; ` +
        `provisioned with ${shards(needed)} it would be ${usd(costs.provisioned)}`,
    );
  }
  const refused = history.entries.find(
    ({ outcome }) =>
      outcome.result === "refused" &&
      !RETRIED_AT_ONCE.has(outcome.code) &&
      outcome.at > now - RETRY_REFUSED_AFTER_MS,
  );
  if (refused) {
    const { intent, outcome } = refused;
    return hold(
      facts,
      "refused-lately",
      `AWS refused ${intent.action} ${intent.from} -> ${intent.to} at ${time(outcome.at)} (${outcome.detail ?? "no reason given"}): ` +
        `Reflex tries again after ${time(outcome.at + RETRY_REFUSED_AFTER_MS)}`,
      { notify: true },
    );
  }
  return undefined;
}
