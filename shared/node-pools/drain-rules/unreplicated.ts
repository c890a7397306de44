import { block, type DrainRule } from "./rule.ts";

/** No controller would recreate it: evicted, it is lost. */
export const unreplicated: DrainRule = ({ controller }, { evictUnreplicated }) =>
  controller || evictUnreplicated
    ? undefined
    : block("unreplicated", "no controller would recreate it (evictUnreplicated: true evicts it)");
