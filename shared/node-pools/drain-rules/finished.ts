import type { DrainRule } from "./verdict.ts";

/** It has run to its end: nothing of it is left to move. */
export const finished: DrainRule = ({ phase }) =>
  phase === "Succeeded" || phase === "Failed"
    ? { kind: "leave", why: `has ${phase.toLowerCase()}` }
    : undefined;
