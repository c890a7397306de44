/**
 * Errors, by what to do about them. The message says the consequence: what was not done, and what happens next.
 * Log filters and the dimension `Class` of the metric `Errors` use the name, so each class writes its name out:
 * the bundler shortens the names of classes.
 */

/** What an error is about, for logs, traces and notifications. */
export interface ErrorContext {
  /** The resource in the ledger's form, for example `stream/orders`. */
  readonly resource?: string;
  /** The AWS call that failed, for example `kinesis:UpdateShardCount`. */
  readonly call?: string;
  readonly cause?: unknown;
  /** The name of the AWS answer behind it, where that answer is expected: a trace then shows no fault. */
  readonly answer?: string | undefined;
}

/** The base of the three classes below; never thrown itself. */
export abstract class ReflexError extends Error {
  readonly resource: string | undefined;
  readonly call: string | undefined;
  readonly answer: string | undefined;

  constructor(message: string, context: ErrorContext = {}) {
    super(message, { cause: context.cause });
    this.resource = context.resource;
    this.call = context.call;
    this.answer = context.answer;
  }
}

/** Passes by itself (a throttle, a stream that is UPDATING, another run's lease): the next run tries again. */
export class RetryLater extends ReflexError {
  override readonly name = "RetryLater";
}

/** A rule, a quota or a permission is in the way: nothing changes until a person changes it. */
export class Blocked extends ReflexError {
  override readonly name = "Blocked";
}

/** The input is wrong (config, event, a name that does not exist): a person has to correct it. */
export class Misconfigured extends ReflexError {
  override readonly name = "Misconfigured";
}

/** The class an error is counted and logged under; an error of any other class is `Unexpected`. */
export function classOf(error: unknown): "RetryLater" | "Blocked" | "Misconfigured" | "Unexpected" {
  if (error instanceof RetryLater) return "RetryLater";
  if (error instanceof Blocked) return "Blocked";
  if (error instanceof Misconfigured) return "Misconfigured";
  return "Unexpected";
}

/** The messages of the failures that the next run retries by itself; the result of the run lists them. */
export function retryMessages(failures: readonly ReflexError[]): string[] {
  return failures.filter((failure) => failure instanceof RetryLater).map(({ message }) => message);
}

/** The messages of those that no retry ends: the result of a run that goes on without these resources lists them. */
export function permanentMessages(failures: readonly ReflexError[]): string[] {
  return failures.filter((failure) => !(failure instanceof RetryLater)).map(({ message }) => message);
}

/** Throws the failures that no retry ends, as one error: Lambda then counts the run as failed. */
export function throwPermanent(failures: readonly ReflexError[]): void {
  const [first, ...others] = failures.filter((failure) => !(failure instanceof RetryLater));
  if (first) throw mergeFailures([first, ...others]);
}

/**
 * Several failures of one invocation as one, of the class that most needs a person: `Misconfigured`, then
 * `Blocked`, then `RetryLater`.
 */
export function mergeFailures(failures: readonly [ReflexError, ...ReflexError[]]): ReflexError {
  const [first, ...others] = failures;
  if (others.length === 0) return first;
  const Class =
    [Misconfigured, Blocked].find((each) => failures.some((one) => one instanceof each)) ?? RetryLater;
  return new Class(failures.map(({ message }) => message).join("\n"), { cause: failures });
}
