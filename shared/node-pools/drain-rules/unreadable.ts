import { block, type DrainRule } from "./rule.ts";

/** It has something that this version does not know: nobody knows what its eviction would lose. */
export const unreadable: DrainRule = ({ unreadable: why }, { evictProtected }) =>
  why === undefined || evictProtected
    ? undefined
    : block("unreadable", `cannot be read by this version (evictProtected: true evicts it): ${why}`);
