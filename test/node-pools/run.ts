import { Logger } from "@aws-lambda-powertools/logger";
import type { Run } from "../../shared/lambda/run.ts";
import type { Clock } from "../../shared/time/clock.ts";

const LOG = new Logger({ logLevel: "SILENT" });

let runs = 0;

/** A run without Lambda around it: it logs nothing, and never waits for the clock. */
export function aRun(automation: string, clock: Clock): Run {
  runs += 1;
  return {
    automation,
    id: `run-${runs}`,
    traceId: undefined,
    functionArn: undefined,
    clock,
    signal: new AbortController().signal,
    remainingMs: () => 0,
    log: LOG,
    metrics: { count: () => {}, record: () => {}, note: () => {}, flush: () => {} },
    annotate: () => {},
    stage: (_, body) => body({ annotate: () => {}, metadata: () => {} }),
    progress: () => {},
  };
}
