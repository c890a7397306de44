import type { Logger } from "@aws-lambda-powertools/logger";
import type { Clock } from "../time/clock.ts";
import type { Annotate } from "../tracing/annotations.ts";
import type { Stage } from "../tracing/subsegment.ts";
import type { RunMetrics } from "./metrics.ts";

/** One invocation, as an automation sees it: everything that is not its own business is in here. */
export interface Run {
  readonly automation: string;
  /** Lambda's request id. The same for Lambda's own retries of one event. */
  readonly id: string;
  readonly traceId: string | undefined;
  /** The function's ARN; undefined in `serverless invoke local`. */
  readonly functionArn: string | undefined;
  readonly clock: Clock;
  /** Fires shortly before Lambda's time-out: give it to every AWS call as `abortSignal`. */
  readonly signal: AbortSignal;
  /** Milliseconds until Lambda's time-out, in real time. */
  remainingMs(): number;
  readonly log: Logger;
  readonly metrics: RunMetrics;
  /** Puts an annotation on the subsegment around the whole run. */
  readonly annotate: Annotate;
  /** Runs one part of the work in an X-Ray subsegment of its own, annotated with the automation. */
  stage<T>(name: string, body: (stage: Stage) => Promise<T>): Promise<T>;
  /** Notes how far the run got; the error of an early end says it. */
  progress(text: string): void;
}
