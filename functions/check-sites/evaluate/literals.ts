import ipaddr from "ipaddr.js";
import { contains, parseRange, unwrap } from "../../../shared/net/address-range.ts";

/**
 * The values a condition compares with. Each reader takes the whole text behind the operator and throws an
 * `Expected` when it is something else.
 */
export class Expected extends Error {}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000 };

export function readNumber(text: string): number {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new Expected("a number");
}

/** `800 ms`, `1.5 s`, `2 min`, in milliseconds. */
export function readDuration(text: string): number {
  const { amount, unit = "" } = /^(?<amount>\d+(\.\d+)?)\s*(?<unit>ms|s|min)$/.exec(text)?.groups ?? {};
  const factor = UNITS[unit];
  if (amount !== undefined && factor !== undefined) return Number(amount) * factor;
  throw new Expected("a time such as 800 ms, 2 s or 1 min");
}

export function readText(text: string): string {
  const value = readScalar(text);
  if (typeof value === "string") return value;
  throw new Expected('a text in double quotes, such as "ok"');
}

/** A text in double quotes, a number, true, false or null: as JSON writes them. */
export function readScalar(text: string): string | number | boolean | null {
  try {
    const value: unknown = JSON.parse(text);
    if (
      value === null ||
      typeof value === "string" ||
      typeof value === "number" ||
      typeof value === "boolean"
    ) {
      return value;
    }
  } catch {
    // Not JSON: said below.
  }
  throw new Expected("a text in double quotes, a number, true, false or null");
}

/** `200-299, 301`: single numbers and ranges with both ends in them. */
export function readNumberSet(text: string): (value: number) => boolean {
  const ranges = text.split(",").map((part) => {
    const { from, to } = /^(?<from>\d+(\.\d+)?)(\s*-\s*(?<to>\d+(\.\d+)?))?$/.exec(part.trim())?.groups ?? {};
    if (from === undefined || Number(to) < Number(from)) {
      throw new Expected("numbers and ranges such as 200-299, 301");
    }
    return [Number(from), Number(to ?? from)] as const;
  });
  return (value) => ranges.some(([from, to]) => from <= value && value <= to);
}

/** `10.0.0.0/8, 2001:db8::/32`. */
export function readAddressSet(text: string): (address: string) => boolean {
  const ranges = text.split(",").map((part) => {
    try {
      return parseRange(part.trim());
    } catch {
      throw new Expected("address ranges such as 10.0.0.0/8, 2001:db8::/32");
    }
  });
  return (address) => {
    const parsed = unwrap(ipaddr.parse(address));
    return ranges.some((range) => contains(range, parsed));
  };
}

/** `"a", "b", 3`. */
export function readScalarSet(text: string): (value: unknown) => boolean {
  try {
    const values: unknown = JSON.parse(`[${text}]`);
    if (Array.isArray(values) && values.length > 0) {
      const set = new Set(values.map((value) => readScalar(JSON.stringify(value))));
      return (value) => set.has(value as string);
    }
  } catch {
    // Not a list: said below.
  }
  throw new Expected('a list such as "a", "b"');
}
