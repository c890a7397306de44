import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { StreamPolicy } from "../config/policy.ts";
import { compareDecimals, numberFault, parseDecimal } from "../decode/decimal.ts";
import type { Origin } from "../decode/decode.ts";
import { decimalText, isoToMilliseconds } from "../decode/event-time.ts";
import type { JsonObject } from "../decode/json.ts";
import { valueAt } from "../decode/path.ts";
import { Unfit } from "./unfit.ts";

/** The version as DynamoDB stores and compares it: a number, or for sequence numbers a text that sorts alike. */
export type Version = AttributeValue.NMember | AttributeValue.SMember;

/**
 * The event's version.
 * @throws Unfit if it has none that DynamoDB could hold.
 */
export function versionOf(
  event: JsonObject,
  origin: Origin,
  { from, format }: NonNullable<StreamPolicy["version"]>,
): Version {
  if (from === "$sequence") return { S: sortableSequence(origin) };
  const value = valueAt(event, from);
  const text =
    format === "number"
      ? decimalText(value)
      : typeof value === "string"
        ? isoToMilliseconds(value)
        : undefined;
  const decimal = text === undefined ? undefined : parseDecimal(text);
  if (text === undefined || decimal === undefined || numberFault(decimal) !== undefined) {
    throw new Unfit("no-version", `no version (${format}) at ${from.join(".")}`);
  }
  return { N: text };
}

/** Negative if `a` is the older; `undefined` if one cannot be compared with the other. */
export function compareVersions(a: Version, b: AttributeValue | undefined): number | undefined {
  if (b === undefined) return undefined;
  if (a.S !== undefined && b.S !== undefined) return a.S < b.S ? -1 : a.S > b.S ? 1 : 0;
  const first = a.N === undefined ? undefined : parseDecimal(a.N);
  const second = b.N === undefined ? undefined : parseDecimal(b.N);
  return first && second && compareDecimals(first, second);
}

/**
 * A sequence number has up to 129 digits, a DynamoDB number 38. With their count before the digits, the texts
 * sort as the numbers do; the sub-record's number follows in the same way.
 */
function sortableSequence({ sequenceNumber, subSequenceNumber }: Origin): string {
  const sub = String(subSequenceNumber);
  return `${String(sequenceNumber.length).padStart(3, "0")}:${sequenceNumber}:${String(sub.length).padStart(2, "0")}:${sub}`;
}
