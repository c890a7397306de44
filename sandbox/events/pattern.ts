import { BadPattern, compilePattern, type Matches } from "../../shared/triggers/event-pattern.ts";
import { AwsError } from "../wire/error.ts";

/**
 * Compiles a pattern of EventBridge, or a filter policy of SNS.
 *
 * @param code the AWS error of a pattern that cannot be used
 * @throws {AwsError} naming the place and what cannot be matched
 */
export function patternOf(pattern: unknown, code = "InvalidEventPatternException"): Matches {
  try {
    return compilePattern(pattern);
  } catch (error) {
    if (!(error instanceof BadPattern)) throw error;
    throw new AwsError(code, `Event pattern is not valid: ${error.message}`);
  }
}
