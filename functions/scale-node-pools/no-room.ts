import type { PoolState } from "./pool-state.ts";

/** Why a pool grows no further, as the end of a sentence. */
export function whyNoMore({ bounds, size, groups }: PoolState): string {
  if (groups.every(({ template }) => !template)) {
    return "what its nodes look like is not known: give the pool a nodeShape";
  }
  const passed = groups.flatMap(({ passedOver, busy }) => passedOver ?? busy ?? []);
  return [
    `the pool has ${size} of at most ${bounds.max} nodes and its groups have no more room`,
    ...passed,
  ].join("; ");
}
