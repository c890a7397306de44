import { type DrainRule, skip } from "./rule.ts";

/** It has run to its end: nothing of it is left to move. */
export const finished: DrainRule = ({ phase }) =>
  phase === "Succeeded" || phase === "Failed" ? skip("finished", `has ${phase.toLowerCase()}`) : undefined;
