import { Logger } from "@aws-lambda-powertools/logger";
import type { Run } from "../../../shared/lambda/run.ts";

export interface RunStandIn extends Run {
  /** Counts by metric, over all dimensions. */
  readonly counts: Map<string, number>;
  /** Annotations by stage, of the last run of each. */
  readonly stages: Map<string, Record<string, unknown>>;
}

/** One for all: to make a logger takes as long as a small batch. */
const SILENT = new Logger({ logLevel: "SILENT" });

/** A run outside Lambda: its metrics and annotations can be looked at, and its log says nothing. */
export function runStandIn(now = () => 1_700_000_000_000, remainingMs = () => 60_000): RunStandIn {
  const counts = new Map<string, number>();
  const stages = new Map<string, Record<string, unknown>>();
  return {
    automation: "ingest-events",
    id: "request-1",
    functionArn: "arn:aws:lambda:us-east-1:000000000000:function:ingest-events",
    traceId: "1-0-0",
    clock: { now },
    signal: new AbortController().signal,
    remainingMs,
    log: SILENT,
    metrics: {
      count: (name, value = 1) => void counts.set(name, (counts.get(name) ?? 0) + value),
      record: (name, _unit, value) => void counts.set(name, value),
      note: () => {},
      flush: () => {},
    },
    annotate: () => {},
    stage: (name, body) => {
      const annotations: Record<string, unknown> = {};
      stages.set(name, annotations);
      return body({
        annotate: (key, value) => {
          annotations[key] = value;
        },
        metadata: () => {},
      });
    },
    progress: () => {},
    counts,
    stages,
  };
}
