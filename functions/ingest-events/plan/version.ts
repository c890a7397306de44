import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { VersionPolicy } from "../config/policy.ts";
import { type Source, sourceText } from "../config/source.ts";
import { compareDecimals, type Decimal, numberFault, parseDecimal } from "../decode/decimal.ts";
import { type Origin, Unfit } from "../decode/event.ts";
import { decimalText, isoToMilliseconds } from "../decode/event-time.ts";
import type { EventValues } from "./values.ts";

/**
 * The version as DynamoDB stores and compares it: a number, or where it has several parts a text that sorts as they do
 * one after the other.
 */
export type Version = AttributeValue.NMember | AttributeValue.SMember;

/**
 * The event's version.
 * @throws Unfit if it has none that DynamoDB could hold.
 */
export function versionOf(values: EventValues, origin: Origin, policy: VersionPolicy): Version {
  const { from, format, tieBreak } = policy;
  const [only, ...others] = from;
  if (others.length === 0 && !tieBreak && only !== "$sequence") return { N: numberAt(values, only, format) };
  const parts = from.map((source) =>
    source === "$sequence"
      ? sortableSequence(origin)
      : sortableDecimal(parseDecimal(numberAt(values, source, format))),
  );
  return { S: [...parts, ...(tieBreak ? [sortableSequence(origin)] : [])].join(" ") };
}

function numberAt(values: EventValues, source: Source, format: VersionPolicy["format"]): string {
  const value = values.at(source);
  const text =
    format === "number"
      ? decimalText(value)
      : typeof value === "string"
        ? isoToMilliseconds(value)
        : undefined;
  const decimal = text === undefined ? undefined : parseDecimal(text);
  if (text === undefined || decimal === undefined || numberFault(decimal) !== undefined) {
    throw new Unfit("no-version", `no version (${format}) at ${sourceText(source)}`);
  }
  return text;
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
 * sort as the numbers do; the sub-record's number, and the event's in it, follow in the same way.
 */
function sortableSequence({ sequenceNumber, subSequenceNumber, eventNumber }: Origin): string {
  const place = `${sortable(sequenceNumber)}:${sortable(String(subSequenceNumber))}`;
  return eventNumber === undefined ? place : `${place}:${sortable(String(eventNumber))}`;
}

/** Digits, with their count before them. */
function sortable(digits: string): string {
  return `${String(digits.length).padStart(3, "0")}:${digits}`;
}

/** More than any exponent below zero (-130), and together with any above (125) still three digits. */
const EXPONENT_OFFSET = 200;

/**
 * A text that sorts as the number does. Of positive numbers the greater exponent is the greater, then the digits decide; of
 * negative ones all of it is the other way round. What follows in a version begins with a blank, which sorts before every
 * digit; `~` sorts after them.
 */
function sortableDecimal(decimal: Decimal | undefined): string {
  if (decimal === undefined || decimal.digits === "") return "1";
  const exponent = decimal.exponent + EXPONENT_OFFSET;
  if (decimal.sign === 1) return `2${String(exponent).padStart(3, "0")}${decimal.digits}`;
  const digits = decimal.digits.replace(/\d/g, (digit) => String(9 - Number(digit)));
  return `0${String(999 - exponent).padStart(3, "0")}${digits}~`;
}
