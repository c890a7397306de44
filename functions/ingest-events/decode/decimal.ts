/**
 * Decimal numbers as DynamoDB holds them: up to 38 significant digits, between 1E-130 and
 * 9.99…E+125. A JSON number may have more of either, and a JavaScript number fewer digits (17), so a
 * number is carried as its decimal text.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-data-types-number
 */

export const MAX_DIGITS = 38;
export const MIN_EXPONENT = -130;
export const MAX_EXPONENT = 125;

/** `sign * 0.d1d2d3… * 10^(exponent + 1)`: `digits` has neither leading nor trailing zeros; zero has none at all. */
export interface Decimal {
  readonly sign: 1 | -1;
  readonly digits: string;
  /** The power of ten of the first digit: 0 for 5, 2 for 512, -1 for 0.5. */
  readonly exponent: number;
}

/** A JSON number whose text a JavaScript number would change, kept as it was written. */
export class ExactNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** Reads a decimal text (JSON's grammar, or what DynamoDB answers). `undefined` if it is no number. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, minus, whole = "", fraction = "", power = "0"] = match;
  const all = whole + fraction;
  if (all === "") return undefined;
  const first = all.search(/[1-9]/);
  if (first === -1) return { sign: 1, digits: "", exponent: 0 };
  return {
    sign: minus === "-" ? -1 : 1,
    digits: withoutTrailingZeros(all.slice(first)),
    exponent: whole.length - 1 - first + Number(power),
  };
}

/** One text for one number, whichever way it was written: `1.50`, `15e-1` and `1.5` are all `15E-1`. */
export function canonicalNumber(text: string): string {
  const decimal = parseDecimal(text);
  if (decimal === undefined) return text;
  if (decimal.digits === "") return "0";
  const power = decimal.exponent - decimal.digits.length + 1;
  return `${decimal.sign === -1 ? "-" : ""}${decimal.digits}E${power}`;
}

/** Negative if `a` is less than `b`, positive if it is more, 0 if they are the same number. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.digits === "" || b.digits === "") return signOf(a) - signOf(b);
  if (a.sign !== b.sign) return a.sign - b.sign;
  if (a.exponent !== b.exponent) return a.sign * (a.exponent - b.exponent);
  if (a.digits === b.digits) return 0;
  return a.digits < b.digits ? -a.sign : a.sign;
}

/** Why DynamoDB would refuse the number, or `undefined` if it takes it. */
export function numberFault(decimal: Decimal): string | undefined {
  if (decimal.digits.length > MAX_DIGITS) {
    return `a number of ${decimal.digits.length} digits, DynamoDB takes ${MAX_DIGITS}`;
  }
  if (decimal.digits !== "" && (decimal.exponent > MAX_EXPONENT || decimal.exponent < MIN_EXPONENT)) {
    return `a number of the order of 1E${decimal.exponent}, DynamoDB takes 1E${MIN_EXPONENT} to 1E${MAX_EXPONENT}`;
  }
  return undefined;
}

/** Stored bytes: one a pair of digits, one more for the exponent, one more for a minus. Rounded up. */
export function numberBytes(decimal: Decimal): number {
  return Math.ceil((decimal.digits.length + 1) / 2) + 1 + (decimal.sign === -1 ? 1 : 0);
}

function signOf(decimal: Decimal): number {
  return decimal.digits === "" ? 0 : decimal.sign;
}

function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === 48) end -= 1;
  return digits.slice(0, end);
}
