import { type ReflexError, RetryLater } from "../lambda/errors.ts";
import type { Condition } from "./incident.ts";

/** What passes by itself is nobody's business for so long: a throttle, another run's lease; an hour of 500s is. */
const PASSES_WITHIN_MS = 15 * 60_000;
/** What a second run finds again, a minute later, lasts. */
const FOUND_AGAIN_MS = 60_000;

/** That a resource could not be looked at or changed, as a condition: an incident of its own beside what else is wrong. */
export function failureCondition(failure: ReflexError): Condition {
  const { name, call = "", cause, message } = failure;
  return {
    key: "failure",
    code: name,
    cause: `${call}/${cause instanceof Error ? cause.name : ""}`,
    text: message,
    severity: "error",
    onlyAfterMs: failure instanceof RetryLater ? PASSES_WITHIN_MS : FOUND_AGAIN_MS,
  };
}
