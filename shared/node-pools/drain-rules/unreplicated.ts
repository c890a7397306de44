import type { DrainRule } from "./verdict.ts";

/** No controller would make it anew: evicted, it is lost. */
export const unreplicated: DrainRule = ({ controller }, { evictUnreplicated }) =>
  controller || evictUnreplicated
    ? undefined
    : { kind: "block", why: "no controller would make it anew (evictUnreplicated: true evicts it)" };
