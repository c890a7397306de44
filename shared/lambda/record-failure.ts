import { asFailure } from "../aws/failure.ts";
import { type ReflexError, RetryLater } from "./errors.ts";
import type { Run } from "./run.ts";

/** What one resource of a run comes to when it fails: the other resources of the run go on. */
export interface Failed {
  readonly failure: ReflexError;
}

/**
 * Records the failure of one resource: the metric `Postponed` where the next run tries again by itself,
 * `Blocked` where a person has to act, and one warning in the log.
 *
 * @param about `call` names what failed (`kinesis:UpdateShardCount`) where the error itself does not
 */
export function recordFailure(
  error: unknown,
  about: { readonly call: string; readonly resource: string },
  { log, metrics }: Pick<Run, "log" | "metrics">,
): Failed {
  const failure = asFailure(error, about.call, about.resource);
  metrics.count(failure instanceof RetryLater ? "Postponed" : "Blocked");
  log.warn(failure.message, { resource: about.resource, class: failure.name });
  return { failure };
}
