import type { DrainRule } from "./verdict.ts";

/** It has been told to end, by us or by somebody else. */
export const terminating: DrainRule = ({ deletedAt }) =>
  deletedAt === undefined ? undefined : { kind: "going" };
