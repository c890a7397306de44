import type { Action } from "../model/decision.ts";

/** From what to what, for people: `2 -> 4 shards`. */
export function changeText(action: Action): string {
  switch (action.kind) {
    case "UpdateStreamWarmThroughput":
      return `${action.from} -> ${action.to} MiB/s of warm throughput`;
    case "UpdateStreamRecordDistributionStrategy":
      return `the distribution of records to ${action.strategy}`;
    case "UpdateStreamMode":
      return `the capacity mode to ${action.mode}`;
    default:
      return `${action.from} -> ${action.to} shards`;
  }
}
