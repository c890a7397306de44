import type { Decision } from "../../model/decision.ts";
import { modeCosts } from "../measure/cost.ts";
import { CALL_RATE, DAILY_QUOTA } from "../measure/quota.ts";
import { clamp, shardsFor } from "../measure/sizing.ts";
import { hold } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { shards, time, usd } from "./wording.ts";

const MINUTE = 60_000;

/** A change AWS refused is tried again after this long, not every minute. */
const AFTER_REFUSAL = 15 * MINUTE;

/** Refusals with a rule of their own: the quota is counted, a call rate is over at the next minute. */
const NOT_HELD_FOR: ReadonlySet<string | undefined> = new Set([DAILY_QUOTA, CALL_RATE]);

/** The stream and its ledger are read side by side, and no reshard is over so soon: AWS takes some thirty seconds. */
const JUST_NOW = 5_000;

/** Can it be changed at all? */
export function notChangeable(look: Facts): Decision | undefined {
  const { seen, history, now, policy } = look;
  if (seen.status !== "ACTIVE") {
    return hold(look, "updating", `the stream is ${seen.status}: it is changed again once it is ACTIVE`, {
      requeue: true,
    });
  }
  const justChanged = history.entries.find(
    ({ outcome }) => outcome.result === "applied" && outcome.at > now - JUST_NOW,
  );
  if (justChanged) {
    const why = `another run has just changed it to ${shards(justChanged.intent.to)}, and this look may be older than that`;
    return hold(look, "updating", why, { requeue: true });
  }
  if (seen.mode === "ON_DEMAND") {
    const needed = clamp(
      shardsFor(look.lookBack, look.capacity, policy.targetUtilisation),
      policy.min,
      policy.max,
    );
    const costs = modeCosts(seen.minutes, policy.lookBackMinutes, needed);
    return hold(
      look,
      "on-demand",
      `the stream is on-demand: AWS sizes it, and refuses UpdateShardCount. At this traffic it costs about ${usd(costs.onDemand)} a month; ` +
        `provisioned with ${shards(needed)} it would be ${usd(costs.provisioned)}`,
    );
  }
  const refused = history.entries.find(
    ({ outcome }) =>
      outcome.result === "refused" && !NOT_HELD_FOR.has(outcome.code) && outcome.at > now - AFTER_REFUSAL,
  );
  if (refused) {
    const { intent, outcome } = refused;
    return hold(
      look,
      "refused-lately",
      `AWS refused ${intent.action} ${intent.from} -> ${intent.to} at ${time(outcome.at)} (${outcome.detail ?? "no reason given"}): ` +
        `it is tried again after ${time(outcome.at + AFTER_REFUSAL)}`,
      { tell: true },
    );
  }
  return undefined;
}
