import type { PoolState } from "../pool/pool-state.ts";

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
  return [
    `the pool has ${size + added} of at most ${bounds.max} nodes and its groups have no more capacity`,
    ...waiting,
  ].join("; ");
}
