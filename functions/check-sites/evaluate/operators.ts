import {
  Expected,
  readAddressSet,
  readDuration,
  readNumber,
  readNumberSet,
  readScalar,
  readScalarSet,
  readText,
} from "./literals.ts";
import { readPattern } from "./pattern.ts";
import type { ValueType } from "./subjects.ts";

/**
 * Whether a value that was received is as it should be; undefined when the operator says nothing about such a
 * value (`<` about a text): then the condition fails, with `not` and without.
 */
export type Test = (value: unknown) => boolean | undefined;

export interface Operator {
  /** For each type of subject it goes with: how its operand is read. */
  readonly read: Partial<Readonly<Record<ValueType, (operand: string) => Test>>>;
  /** What was expected, for a person: `under 1 s`, `to contain "ok"`. */
  readonly expected: (operand: string) => string;
}

/** The operators, as they are written. Those with a word are also there with `not` before it. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  "==": {
    read: {
      number: (operand) => same(readOneNumber(operand)),
      duration: (operand) => same(readDuration(operand)),
      text: (operand) => same(readText(operand)),
      json: (operand) => same(readScalar(operand)),
    },
    expected: (operand) => operand,
  },
  "!=": {
    read: {
      number: (operand) => not(same(readOneNumber(operand))),
      duration: (operand) => not(same(readDuration(operand))),
      text: (operand) => not(same(readText(operand))),
      json: (operand) => not(same(readScalar(operand))),
    },
    expected: (operand) => `anything but ${operand}`,
  },
  "<=": ordered("at most", (value, limit) => value <= limit),
  ">=": ordered("at least", (value, limit) => value >= limit),
  "<": ordered("under", (value, limit) => value < limit),
  ">": ordered("more than", (value, limit) => value > limit),
  ...withNot("in", {
    read: {
      number: (operand) => onNumbers(readNumberSet(operand)),
      address: (operand) => onTexts(readAddressSet(operand)),
      text: (operand) => readScalarSet(operand),
      json: (operand) => readScalarSet(operand),
    },
    expected: (operand) => (/^["tfn]/.test(operand) ? `one of ${operand}` : operand),
    expectedNot: (operand) => `none of ${operand}`,
  }),
  ...withNot("contains", {
    read: {
      text: (operand) => containing(readText(operand)),
      json: (operand) => containing(readScalar(operand)),
    },
    expected: (operand) => `to contain ${operand}`,
    expectedNot: (operand) => `not to contain ${operand}`,
  }),
  ...withNot("matches", {
    read: {
      text: (operand) => matching(operand),
      json: (operand) => matching(operand),
    },
    expected: (operand) => `to match ${operand}`,
    expectedNot: (operand) => `not to match ${operand}`,
  }),
};

function readOneNumber(operand: string): number {
  if (/^\d+\s*(-|,|or\b|\|)/.test(operand)) {
    throw new Expected("one number, or several behind `in`: in 200-299, 301");
  }
  return readNumber(operand);
}

function same(expected: unknown): Test {
  return (value) => value === expected;
}

function ordered(words: string, compare: (value: number, limit: number) => boolean): Operator {
  const than = (limit: number) => onNumbers((value) => compare(value, limit));
  return {
    read: {
      number: (operand) => than(readNumber(operand)),
      duration: (operand) => than(readDuration(operand)),
      json: (operand) => than(readNumber(operand)),
    },
    expected: (operand) => `${words} ${operand}`,
  };
}

/** A text that has `part` in it, or a list that has it as an entry. */
function containing(part: unknown): Test {
  return (value) => {
    if (Array.isArray(value)) return value.includes(part);
    return typeof value === "string" && typeof part === "string" ? value.includes(part) : undefined;
  };
}

function matching(operand: string): Test {
  const pattern = readPattern(operand);
  return onTexts((value) => pattern.test(value));
}

function onNumbers(test: (value: number) => boolean): Test {
  return (value) => (typeof value === "number" ? test(value) : undefined);
}

function onTexts(test: (value: string) => boolean): Test {
  return (value) => (typeof value === "string" ? test(value) : undefined);
}

function not(test: Test): Test {
  return (value) => {
    const outcome = test(value);
    return outcome === undefined ? undefined : !outcome;
  };
}

/** The operator, and the same with `not` before it. */
function withNot(
  name: string,
  { read, expected, expectedNot }: Operator & { readonly expectedNot: Operator["expected"] },
): Record<string, Operator> {
  const negated = Object.fromEntries(
    Object.entries(read).map(([type, reader]) => [type, (operand: string) => not(reader(operand))]),
  );
  return { [`not ${name}`]: { read: negated, expected: expectedNot }, [name]: { read, expected } };
}
