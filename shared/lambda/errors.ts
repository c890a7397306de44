/**
 * Errors by what to do about them. The names are written out, because the bundler shortens those of classes. The name is what a log filter and the `Errors` metric's `Class`
 * dimension see; the message says the consequence: what was not done, and what happens next.
 */

/** What an error is about, for logs, traces and notifications. */
export interface ErrorContext {
  /** The resource in the ledger's form, for example `stream/orders`. */
  readonly resource?: string;
  /** The AWS call that failed, for example `kinesis:UpdateShardCount`. */
  readonly call?: string;
  readonly cause?: unknown;
  /** The answer of the other side it is, where that is one to be expected: a trace shows no fault then. */
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

/** It will pass by itself (a throttle, UPDATING, another run holds the lease): the next run does it. */
export class RetryLater extends ReflexError {
  override readonly name = "RetryLater";
}

/** A rule, a quota or a permission stands in the way: nothing changes until a person changes it. */
export class Blocked extends ReflexError {
  override readonly name = "Blocked";
}

/** What we were given is wrong (config, event, a name that does not exist): fix the input. */
export class Misconfigured extends ReflexError {
  override readonly name = "Misconfigured";
}

/** The class an error is counted and logged under; anything that is none of ours is `Unexpected`. */
export function classOf(error: unknown): "RetryLater" | "Blocked" | "Misconfigured" | "Unexpected" {
  if (error instanceof RetryLater) return "RetryLater";
  if (error instanceof Blocked) return "Blocked";
  if (error instanceof Misconfigured) return "Misconfigured";
  return "Unexpected";
}

/** What passes by itself of a run's failures, in words: the run's result says it. */
export function retryMessages(failures: readonly ReflexError[]): string[] {
  return failures.filter((failure) => failure instanceof RetryLater).map(({ message }) => message);
}

/** Throws what does not pass by itself, as one: by it Lambda counts the run as failed. */
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
