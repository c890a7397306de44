import { closeAsFailed } from "./failures.ts";
import {
  close,
  closeAllIn,
  openSubsegment,
  runIn,
  type Stage,
  type Subsegment,
  stageOf,
} from "./subsegment.ts";

const UNTRACED: Stage = { annotate: () => {}, metadata: () => {} };

/** The invocation a trace is of. */
export interface TracedRun {
  readonly automation: string;
  readonly requestId: string;
  /** Fires when the run is ended before it is done. */
  readonly signal: AbortSignal;
  /** Why it was ended, once it was. */
  readonly endedEarly: () => Error;
}

/**
 * Runs a whole invocation in the subsegment `run`, so that each has one, also one with nothing to do. What has not
 * ended when it does (a call nobody waits for any more, a run that is ended before Lambda's time-out) is shown as
 * `abandoned`: left open it would never be sent, and what is in it would hang in the air.
 */
export async function inRun<T>(run: TracedRun, body: (stage: Stage) => Promise<T>): Promise<T> {
  const subsegment = openSubsegment("run");
  if (!subsegment) return body(UNTRACED);
  const { annotate } = stageOf(subsegment);
  annotate("automation", run.automation);
  annotate("stage", "run");
  annotate("requestId", run.requestId);
  const endEarly = () => {
    closeAllIn(subsegment);
    closeAsFailed(subsegment, run.endedEarly());
  };
  run.signal.addEventListener("abort", endEarly);
  return closing(subsegment, body).finally(() => run.signal.removeEventListener("abort", endEarly));
}

/**
 * Runs `body` in a subsegment, which is closed whatever happens. An error of `body` is shown as its fault, but
 * for one that comes of an expected answer: that is an annotation, as at the call itself.
 */
export async function inStage<T>(name: string, body: (stage: Stage) => Promise<T>): Promise<T> {
  const subsegment = openSubsegment(name);
  if (!subsegment) return body(UNTRACED);
  stageOf(subsegment).annotate("stage", name);
  return closing(subsegment, body);
}

function closing<T>(subsegment: Subsegment, body: (stage: Stage) => Promise<T>): Promise<T> {
  return runIn(subsegment, async () => {
    try {
      const result = await body(stageOf(subsegment));
      closeAllIn(subsegment);
      close(subsegment);
      return result;
    } catch (error) {
      closeAllIn(subsegment);
      closeAsFailed(subsegment, error);
      throw error;
    }
  });
}
