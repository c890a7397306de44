import { classOf, ReflexError } from "../lambda/errors.ts";
import { causeOf, causesOf, type ErrorOrigin } from "./cause.ts";
import { annotate, close, type Subsegment } from "./subsegment.ts";

/**
 * Names of AWS errors that are answers, not failures: a failed condition is how two runs at once find each other, and
 * a resource that is being changed is looked at again by the next run. A call that ends with one of them is shown
 * with the annotation `answer`, and neither as a fault nor as an error.
 */
const EXPECTED_ANSWERS: ReadonlySet<string> = new Set([
  "ConditionalCheckFailedException",
  "TransactionCanceledException",
  "ResourceInUseException",
  "ScalingActivityInProgress",
  "ScalingActivityInProgressFault",
  "ResourceContention",
  "ResourceContentionFault",
]);

/** A lifecycle hook that is over is an answer as well; its error has a name that says nothing. */
const HOOK_IS_OVER = /no active lifecycle action/i;

/** How the other side refused a call. */
export interface Refusal {
  /** The HTTP status; undefined where there was no answer. */
  readonly status: number | undefined;
  /** It was a throttle, whatever its status. */
  readonly throttled: boolean;
}

/** https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-errors */
export function flagRefusal(subsegment: Subsegment, { status, throttled }: Refusal): void {
  const isThrottled = throttled || status === 429;
  if (isThrottled) subsegment.addThrottleFlag();
  if (isThrottled || (status !== undefined && status >= 400 && status < 500)) subsegment.addErrorFlag();
  else subsegment.addFaultFlag();
}

/** Closes what ended with `error`: as a fault, or with the annotation `answer` where one was to be expected. */
export function closeAsFailed(subsegment: Subsegment, error: unknown, origin: ErrorOrigin = "own"): void {
  if (subsegment.isClosed()) return;
  const answer = answerBehind(error);
  if (answer === undefined) {
    subsegment.addFaultFlag();
    annotate(subsegment, "class", classOf(error));
    addCause(subsegment, error, origin);
  } else annotate(subsegment, "answer", answer);
  close(subsegment);
}

export function addCause(subsegment: Subsegment, error: unknown, origin: ErrorOrigin): void {
  subsegment.addAttribute("cause", causeOf(error, subsegment.segment.trace_id, origin));
}

/** The expected answer an error comes of, if it comes of one and of nothing else. */
function answerBehind(error: unknown): string | undefined {
  const answer = expectedAnswer(error);
  const causes = causesOf(error);
  return answer === undefined && causes.length === 1 ? answerBehind(causes[0]) : answer;
}

export function expectedAnswer(error: unknown): string | undefined {
  if (error instanceof ReflexError) return error.answer;
  if (!(error instanceof Error)) return undefined;
  return EXPECTED_ANSWERS.has(error.name) || HOOK_IS_OVER.test(error.message) ? error.name : undefined;
}
