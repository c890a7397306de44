import { BadPattern, compilePattern, operatorsIn } from "../../shared/triggers/event-pattern.ts";
import { AwsError } from "../wire/error.ts";
import type { StreamRecord } from "./record.ts";

/** Whether Lambda brings a record to the function; what it does not bring is passed over, and the checkpoint moves. */
export type RecordFilter = (record: StreamRecord) => boolean;

/** "By default, you can define up to five different filters per event source." */
const MAX_FILTERS = 5;
/** Those that Lambda documents: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax */
const OPERATORS = new Set([
  "$or",
  "anything-but",
  "equals-ignore-case",
  "exists",
  "numeric",
  "prefix",
  "suffix",
]);
/** https://docs.aws.amazon.com/lambda/latest/api/API_Filter.html */
const MAX_PATTERN_CHARACTERS = 4_096;

/**
 * The filters of a mapping of a Kinesis stream: a record has to match one of them, any where there is none.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-filtering.html
 *
 * @throws {AwsError} InvalidParameterValueException naming the pattern that Lambda would refuse
 */
export function recordFilter(patterns: readonly string[]): RecordFilter {
  if (patterns.length > MAX_FILTERS) {
    throw refused(`At most ${MAX_FILTERS} filters may be set, found ${patterns.length}.`);
  }
  const filters = patterns.map(compileFilter);
  if (filters.length === 0) return () => true;
  return (record) => {
    const event = { partitionKey: record.partitionKey, data: dataOf(record) };
    return filters.some((matches) => matches(event));
  };
}

function compileFilter(pattern: string): (event: { readonly data: unknown }) => boolean {
  if (pattern.length > MAX_PATTERN_CHARACTERS) {
    throw refused(
      `A filter pattern has at most ${MAX_PATTERN_CHARACTERS} characters, found ${pattern.length}.`,
    );
  }
  const parsed = jsonOf(pattern);
  if (parsed === undefined) throw refused(`Invalid filter pattern definition: not JSON: ${pattern}`);
  try {
    const matches = compilePattern(parsed);
    const unknown = operatorsIn(parsed).filter((operator) => !OPERATORS.has(operator));
    if (unknown.length > 0) throw new BadPattern(`Unrecognized match type ${unknown.join(", ")}`);
    const asksForData = typeof parsed === "object" && parsed !== null && "data" in parsed;
    return (event) => !(asksForData && event.data === undefined) && matches(event);
  } catch (error) {
    if (!(error instanceof BadPattern)) throw error;
    throw refused(`Invalid filter pattern definition: ${error.message}`);
  }
}

/** `undefined` for what is no JSON, which matches no pattern on `data`: a record that is zipped or aggregated, for example. */
function dataOf({ data }: StreamRecord): unknown {
  return jsonOf(Buffer.from(data, "base64").toString());
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const refused = (message: string): AwsError => new AwsError("InvalidParameterValueException", message);
