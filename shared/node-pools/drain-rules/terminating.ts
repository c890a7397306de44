import type { DrainRule } from "./rule.ts";

/** It has been told to terminate, by us or by somebody else. */
export const terminating: DrainRule = ({ deletedAt }) =>
  deletedAt === undefined ? undefined : { kind: "wait" };
