import type { History } from "../../../shared/ledger/entry.ts";
import type { Observation } from "../model/observation.ts";

/**
 * The history of this stream alone. A stream that was deleted and created again under its name has the shards, the quota and the
 * consumers of a new one: what was done to the old one, and what AWS refused of it, says nothing of it. Its traffic does, so
 * the profile stays.
 */
export function ownHistory(history: History, { createdAt }: Pick<Observation, "createdAt">): History {
  const { lastScaleOut, lastScaleIn, incidents, entries, ...others } = history;
  const isOwn = (at = Number.NEGATIVE_INFINITY) => at >= createdAt;
  const own = {
    ...others,
    entries: entries.filter(({ intent }) => isOwn(intent.at)),
    ...(isOwn(lastScaleOut) && { lastScaleOut }),
    ...(isOwn(lastScaleIn) && { lastScaleIn }),
  };
  if (!incidents) return own;
  const standing = Object.entries(incidents.incidents).filter(([, { since }]) => isOwn(since));
  return { ...own, incidents: { ...incidents, incidents: Object.fromEntries(standing) } };
}
