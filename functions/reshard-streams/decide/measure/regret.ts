import type { Entry, History } from "../../../../shared/ledger/entry.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** After a first regretted scale-in the next one waits so long; after each further one within a day twice as long. */
const FIRST_WAIT_MS = 3 * HOUR_MS;

/** From the first refused record until more shards take them: late metrics, the alarm, UPDATING. */
const REFUSED_MINUTES = 4;

/**
 * Until when a scale-in waits because of those before it, ms since the epoch. A scale-in is regretted when the records
 * refused on its return cost more than its shards saved. 0 when there is none within a day.
 *
 * @param price what refusing one shard's worth of records for a minute costs, in shard-minutes
 */
export function regretsUntil({ entries }: History, price: number, now: number): number {
  const applied = entries
    .filter(({ intent, outcome }) => outcome.result === "applied" && intent.at > now - DAY_MS)
    .toSorted((a, b) => a.intent.at - b.intent.at);
  const regretted = returnsOf(applied).filter(
    ({ scaleIns, back }) => price * refusedBy(back) > savedBy(scaleIns, back),
  );
  const last = regretted.at(-1)?.back.intent.at;
  return last === undefined ? 0 : last + FIRST_WAIT_MS * 2 ** (regretted.length - 1);
}

/** A scale-out, and the scale-ins since the one before it. */
interface Return {
  readonly scaleIns: readonly Entry[];
  readonly back: Entry;
}

function returnsOf(applied: readonly Entry[]): Return[] {
  const returns: Return[] = [];
  let scaleIns: Entry[] = [];
  for (const entry of applied) {
    if (entry.intent.direction === "in") scaleIns.push(entry);
    else {
      if (scaleIns.length > 0) returns.push({ scaleIns, back: entry });
      scaleIns = [];
    }
  }
  return returns;
}

/** In shard-minutes: by the scale-ins that went below what the return needed. */
function savedBy(scaleIns: readonly Entry[], back: Entry): number {
  const needed = Math.ceil(Number(back.intent.evidence.demandShards));
  return scaleIns.reduce((sum, { intent }) => {
    const shards = Math.max(0, Math.min(intent.from, needed) - intent.to);
    return sum + (shards * (back.intent.at - intent.at)) / MINUTE_MS;
  }, 0);
}

/** In shards' worth of records for a minute: what the scale-out measured beyond what the shards took. */
function refusedBy({ intent }: Entry): number {
  const { throttled, demandShards, widestShare } = intent.evidence;
  if (!(Number(throttled) > 0)) return 0;
  return REFUSED_MINUTES * Math.max(0, Number(demandShards) - 1 / (Number(widestShare) || 1));
}
