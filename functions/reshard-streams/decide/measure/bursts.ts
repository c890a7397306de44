import type { Entry, History } from "../../../../shared/ledger/entry.ts";
import type { Burst, DemandProfile } from "../../model/demand-profile.ts";

const DAY_MS = 24 * 3_600_000;

/** As long as the profile. */
const KEPT_MS = 8 * DAY_MS;

/** Below this share of all offered records, refusals are tolerated: producers offer them again. */
export const TOLERATED_SHARE = 0.005;

/**
 * The scale-outs of the last eight days because of bursts, newest first: the ledger has those of a day, the profile keeps them.
 *
 * @param now ms since the epoch
 */
export function burstsLately(
  profile: Pick<DemandProfile, "bursts"> | undefined,
  { entries }: Pick<History, "entries">,
  now: number,
): readonly Burst[] {
  const known = [...entries.flatMap(burstIn), ...(profile?.bursts ?? [])];
  const byTime = new Map(known.map((burst) => [burst.at, burst]));
  return [...byTime.values()].filter(({ at }) => at > now - KEPT_MS).sort((a, b) => b.at - a.at);
}

function burstIn({ intent, outcome }: Entry): Burst[] {
  const { at, from, to, direction, evidence } = intent;
  const isBurst =
    direction === "out" &&
    outcome.result === "applied" &&
    Number(evidence.throttledShare) > TOLERATED_SHARE &&
    !(Number(evidence.utilisation) > 1);
  if (!isBurst) return [];
  const share = Number(evidence.throttledPeakShare ?? evidence.throttledShare);
  return [{ at, from, to, demand: Number(evidence.demandShards), share }];
}
