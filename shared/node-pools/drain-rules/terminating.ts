import type { DrainRule } from "./rule.ts";

/** Its deletion has been requested, by us or by somebody else. */
export const terminating: DrainRule = ({ deletedAt }) =>
  deletedAt === undefined ? undefined : { kind: "wait" };
