import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalNumber,
  compareDecimals,
  type Decimal,
  numberBytes,
  numberFault,
  parseDecimal,
} from "../../../../functions/ingest-events/decode/decimal.ts";

const parsed = (text: string): Decimal => {
  const decimal = parseDecimal(text);
  if (decimal === undefined) throw new Error(`${text} is no decimal`);
  return decimal;
};

/** Whole numbers of up to 60 digits with a power of ten, and their texts. */
const decimal = fc.tuple(
  fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n }),
  fc.integer({ min: -40, max: 40 }),
);
const textOf = ([whole, power]: [bigint, number]) => `${whole}e${power}`;
/** Scaled so that the smallest power is a whole number: exact. */
const scaled = ([whole, power]: [bigint, number]) => whole * 10n ** BigInt(power + 40);

describe("decimal numbers", () => {
  it.each([
    ["0", "0"],
    ["-0", "0"],
    ["0.000", "0"],
    ["1.50", "15E-1"],
    ["15e-1", "15E-1"],
    ["+1.5", "15E-1"],
    ["-1200", "-12E2"],
    ["0.0012", "12E-4"],
    ["1E+3", "1E3"],
    ["1000000000000000000000", "1E21"],
  ])("reads %s as %s", (text, canonical) => expect(canonicalNumber(text)).toBe(canonical));

  it.each(["", "-", ".", "e5", "1e", "1_000", "0x10", "Infinity", "NaN", " 1"])(
    "takes %j as no number",
    (text) => expect(parseDecimal(text)).toBeUndefined(),
  );

  it("compares as exact arithmetic does", () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const expected = scaled(a) < scaled(b) ? -1 : scaled(a) > scaled(b) ? 1 : 0;
        expect(Math.sign(compareDecimals(parsed(textOf(a)), parsed(textOf(b))))).toBe(expected);
      }),
    );
  });

  it("has one canonical text for equal numbers and different ones for others", () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        expect(canonicalNumber(textOf(a)) === canonicalNumber(textOf(b))).toBe(scaled(a) === scaled(b));
      }),
    );
  });

  it.each([
    ["9".repeat(38), undefined],
    ["9".repeat(39), "a number of 39 digits, DynamoDB takes 38"],
    [`${"9".repeat(38)}000`, undefined],
    ["9.9e125", undefined],
    ["1e126", "a number of the order of 1E126, DynamoDB takes 1E-130 to 1E125"],
    ["1e-130", undefined],
    ["1e-131", "a number of the order of 1E-131, DynamoDB takes 1E-130 to 1E125"],
    ["0e999", undefined],
  ])("knows whether DynamoDB takes %s", (text, fault) => expect(numberFault(parsed(text))).toBe(fault));

  it.each([
    ["0", 2],
    ["12", 3],
    ["-12", 4],
    ["9".repeat(38), 21],
  ])("counts %s as %i bytes", (text, bytes) => expect(numberBytes(parsed(text))).toBe(bytes));
});
