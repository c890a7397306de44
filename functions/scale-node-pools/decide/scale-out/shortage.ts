import { list, timeOf } from "../../model/wording.ts";
import type { GroupState, PoolState } from "../pool/pool-state.ts";

/**
 * Why a pool grows no further, as the end of a sentence.
 *
 * @param added nodes that are to be launched, beside those of the state
 */
export function whyNoMoreNodes({ bounds, size, groups }: PoolState, added: number): string {
  if (groups.every(({ template }) => !template)) {
    return "what its nodes look like is not known: give the pool a nodeShape";
  }
  const waiting = groups.flatMap(({ backoff, busy }) => (backoff ?? busy)?.text ?? []);
  const unknown = groups.filter(({ template }) => !template).map(({ group }) => group.name);
  return [
    `the pool has ${size + added} of at most ${bounds.max} nodes and its groups have no more capacity`,
    ...waiting,
    ...(unknown.length > 0
      ? [`what nodes of ${list(unknown)} look like is not known: give the pool a nodeShape`]
      : []),
  ].join("; ");
}

/**
 * The same in short, for the subject of a mail: `AWS has no m5.large in us-east-1a, us-east-1b (next try 12:14 UTC)`.
 *
 * @param added nodes that are to be launched, beside those of the state
 */
export function shortageInShort({ bounds, size, groups }: PoolState, added: number): string {
  const failed = groups.filter(({ backoff }) => backoff?.code === "launch-failed");
  if (failed.length > 0) {
    const full = groups.filter(({ group, limits, backoff }) => !backoff && group.desired >= limits.max);
    return `${launchesNothing(failed)}${full.map(atMaximum).join("")}`;
  }
  if (groups.every(({ template }) => !template)) return "what its nodes look like is not known";
  return size + added >= bounds.max
    ? `it has ${size + added} of at most ${bounds.max} nodes`
    : "its groups have no more capacity";
}

const atMaximum = ({ group, limits }: GroupState): string =>
  `, and ${group.name} is at its maximum of ${limits.max}`;

function launchesNothing(groups: readonly GroupState[]): string {
  const types = new Set(groups.flatMap(({ status }) => status?.missingType ?? []));
  const what = types.size > 0 ? `AWS has no ${list([...types])}` : "AWS launches no nodes";
  const where = list([...new Set(groups.flatMap(({ group }) => group.zones))].toSorted());
  const next = Math.min(...groups.flatMap(({ backoffUntil }) => backoffUntil ?? []));
  return `${what} in ${where} (next try ${timeOf(next)})`;
}
