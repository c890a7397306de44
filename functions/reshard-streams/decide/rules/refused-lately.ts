import type { Entry } from "../../../../shared/ledger/entry.ts";
import type { Hold, Reshard } from "../../model/decision.ts";
import { CALL_RATE, DAILY_QUOTA } from "../measure/quota.ts";
import { notifiedHold } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { time } from "./wording.ts";

const MINUTE_MS = 60_000;

/** A change that AWS refused is retried after this long, not every minute. */
const RETRY_REFUSED_AFTER_MS = 15 * MINUTE_MS;

/** The outcome code of a refusal because the account has no more shards. */
export const ACCOUNT_LIMIT = "account";

/** Refusals with a rule of their own: the quota is counted, a call rate has passed by the next minute. */
const RETRIED_AT_ONCE: ReadonlySet<string | undefined> = new Set([DAILY_QUOTA, CALL_RATE]);

/** AWS's words: "Current shard count for the account: 498. Limit: 500." */
const ACCOUNT_ROOM = /current shard count[^:]*:\s*(\d+)\D+limit:\s*(\d+)/i;

/** Why a change in this direction has to wait: AWS refused one. A refused scale-in never holds back a scale-out. */
export function refusedLately(facts: Facts, direction: Reshard["direction"]): Hold | undefined {
  const refused = lastRefusal(facts, direction);
  if (!refused) return undefined;
  if (direction === "out" && roomInAccount(refused, facts) > 0) return undefined;
  const { intent, outcome } = refused;
  return notifiedHold(
    facts,
    "refused-lately",
    `AWS refused ${intent.action} ${intent.from} -> ${intent.to} at ${time(outcome.at)} (${outcome.detail ?? "no reason given"}): ` +
      `Reflex tries again after ${time(outcome.at + RETRY_REFUSED_AFTER_MS)}`,
  );
}

/** The largest count that the account has shards for, as far as a refusal showed; the goal itself without one. */
export function withinAccount(facts: Facts, goal: number): number {
  const refused = lastRefusal(facts, "out");
  if (refused?.outcome.code !== ACCOUNT_LIMIT) return goal;
  return Math.min(goal, facts.open + roomInAccount(refused, facts));
}

/** The last scale-out was refused because the account has no more shards. */
export const isAccountFull = (facts: Facts): boolean =>
  lastRefusal(facts, "out")?.outcome.code === ACCOUNT_LIMIT;

function lastRefusal({ history, now }: Facts, direction: Reshard["direction"]): Entry | undefined {
  return history.entries.find(
    ({ intent, outcome }) =>
      outcome.result === "refused" &&
      intent.direction === direction &&
      !RETRIED_AT_ONCE.has(outcome.code) &&
      outcome.at > now - RETRY_REFUSED_AFTER_MS,
  );
}

/** Shards that the account has left: as AWS said, or half of what it refused, so that the next tries come closer. */
function roomInAccount({ intent, outcome }: Entry, { open }: Facts): number {
  if (outcome.code !== ACCOUNT_LIMIT) return 0;
  const [, current, limit] = ACCOUNT_ROOM.exec(outcome.detail ?? "") ?? [];
  const room =
    current !== undefined && limit !== undefined
      ? Math.min(Number(limit) - Number(current), intent.to - intent.from - 1)
      : Math.floor((intent.to - intent.from) / 2);
  // What was opened since has used some of it.
  return Math.max(0, intent.from + room - open);
}
