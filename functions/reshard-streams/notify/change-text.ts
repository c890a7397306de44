import type { Action } from "../model/decision.ts";

/** From what to what, for people: `2 -> 4 shards`. */
export function changeText(action: Action): string {
  switch (action.kind) {
    case "UpdateStreamWarmThroughput":
      return `${action.from} -> ${action.to} MiB/s of warm throughput`;
    case "UpdateStreamRecordDistributionStrategy":
      return `record distribution -> ${action.strategy}`;
    case "UpdateStreamMode":
      return `capacity mode -> ${action.mode}`;
    default:
      return `${action.from} -> ${action.to} shards`;
  }
}
