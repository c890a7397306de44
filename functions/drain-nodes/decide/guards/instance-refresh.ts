import type { Guard } from "./admission.ts";

/** An instance refresh replaces instances one by one and counts on their number. */
export const instanceRefresh: Guard = (_, { name, refreshing }) =>
  refreshing ? `group ${name} is in an instance refresh` : undefined;
