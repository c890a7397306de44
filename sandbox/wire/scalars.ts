import * as z from "zod/mini";

/**
 * Scalars as the protocols send them: JSON and CBOR have numbers and booleans, Query (and CloudFormation
 * templates) send the same fields as text.
 */

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;
const noNumber = { error: "expected a number" };

/** A double. */
export const number = z.pipe(
  z.union([z.number(noNumber), z.string().check(z.regex(NUMBER, noNumber))], noNumber),
  z.transform((value: number | string) => Number(value)),
);

/** A whole number. */
export const integer = z.pipe(number, z.int({ error: "expected a whole number" }));

/** Any of them, as text. */
export const scalar = z.pipe(
  z.union([z.string(), z.number(), z.boolean()]),
  z.transform((value: string | number | boolean) => String(value)),
);

export const boolean = z.pipe(
  z.union([z.boolean(), z.enum(["true", "false"])], { error: "expected true or false" }),
  z.transform((value: boolean | "true" | "false") => value === true || value === "true"),
);

/** A time in ms since the epoch, from epoch seconds (JSON), a date (CBOR) or ISO 8601 text (Query). */
export const timestamp = z.pipe(
  z.pipe(
    z.union([z.number(), z.date(), z.string().check(z.minLength(1))], { error: "expected a time" }),
    z.transform((value: number | Date | string) => toMilliseconds(value)),
  ),
  z.number({ error: "expected a time: ISO 8601 or seconds since the epoch" }),
);

function toMilliseconds(value: number | Date | string): number {
  if (typeof value === "number") return value * 1000;
  if (value instanceof Date) return value.getTime();
  const seconds = Number(value);
  return Number.isNaN(seconds) ? Date.parse(value) : seconds * 1000;
}

/** A list; Query sends an empty one as empty text. */
export function list<Item extends z.core.$ZodType>(item: Item) {
  return z.pipe(
    z.transform((value: unknown) => (value === "" ? [] : value)),
    z.array(item),
  );
}
