import { Logger } from "@aws-lambda-powertools/logger";
import middy, { type MiddlewareObj } from "@middy/core";
import type { Context } from "aws-lambda";
import { type Clock, systemClock } from "../time/clock.ts";
import { inRun, inStage } from "../tracing/stages.ts";
import { currentTraceId } from "../tracing/trace-id.ts";
import { classOf, RetryLater } from "./errors.ts";
import { createRunMetrics } from "./metrics.ts";
import type { Run } from "./run.ts";

export interface StackOptions {
  /** The clock every run is handed. Tests hand in their own. */
  readonly clock?: Clock;
  /**
   * Milliseconds before Lambda's time-out at which the work is ended. A real time-out leaves no log, no
   * metric and no trace; this much is kept back to write them.
   */
  readonly endEarlyMs?: number;
}

/**
 * The stack all functions share. Around `handle` it gives: JSON logs with the request and trace id, EMF
 * metrics, X-Ray stages, and an end before Lambda's time-out that says how far the run got.
 *
 * An error of `handle` is logged with its class, counted in `Errors` by class, and thrown on, so that Lambda
 * counts it too.
 */
export function reflex<R>(
  automation: string,
  handle: (event: unknown, run: Run) => Promise<R>,
  { clock = systemClock, endEarlyMs = 1500 }: StackOptions = {},
) {
  const log = new Logger({ serviceName: automation });
  const metrics = createRunMetrics(automation);
  let reached = "nothing was begun";
  const endedEarly = () =>
    new RetryLater(`ended ${endEarlyMs} ms before the Lambda time-out: ${reached}; the next run goes on`);

  return middy<unknown, R, Error, Context>({
    timeoutEarlyInMillis: endEarlyMs,
    timeoutEarlyResponse: () => {
      throw endedEarly();
    },
  })
    .use([identified(log), measured(metrics), errorsByClass(log, metrics)])
    .handler((event, context, { signal }) => {
      reached = "nothing was begun";
      const requestId = context.awsRequestId;
      return inRun({ automation, requestId, signal, endedEarly }, ({ annotate }) =>
        handle(event, {
          automation,
          id: requestId,
          traceId: currentTraceId(),
          functionArn: context.invokedFunctionArn,
          clock,
          signal,
          remainingMs: () => context.getRemainingTimeInMillis(),
          log,
          metrics,
          annotate,
          stage: (name, body) =>
            inStage(name, (stage) => {
              stage.annotate("automation", automation);
              return body(stage);
            }),
          progress: (text) => {
            reached = text;
          },
        }),
      );
    });
}

type Layer = MiddlewareObj<unknown, unknown, Error, Context>;

/** Every log line of the invocation carries its request id (Powertools adds the trace id by itself). */
function identified(log: Logger): Layer {
  return {
    before: ({ context }) => {
      log.addContext(context);
    },
  };
}

/** Metrics are written at the end of every invocation, also of one that failed. */
function measured(metrics: ReturnType<typeof createRunMetrics>): Layer {
  return { after: () => metrics.flush(), onError: () => metrics.flush() };
}

/** Registered last, so it hears of an error first: before `measured` writes the metrics. */
function errorsByClass(log: Logger, metrics: ReturnType<typeof createRunMetrics>): Layer {
  return {
    onError: ({ error }) => {
      if (!error) return;
      metrics.count("Errors", 1, { Class: classOf(error) });
      log.error(error.message, { class: classOf(error), error });
    },
  };
}
