import {
  readAddressSet,
  readDuration,
  readNumber,
  readNumberSet,
  readPattern,
  readScalar,
  readScalarSet,
  readText,
} from "./literals.ts";
import type { ValueType } from "./subjects.ts";

/**
 * Whether a value that was received is as it should be; undefined when the operator says nothing about such a
 * value (`<` about a text): then the condition fails, with `not` and without.
 */
export type Test = (value: unknown) => boolean | undefined;

/** For each type of subject an operator goes with: how its operand is read. */
export type Operator = Partial<Readonly<Record<ValueType, (operand: string) => Test>>>;

/** The operators, as they are written. Those with a word are also there with `not` before it. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  "==": {
    number: (operand) => same(readNumber(operand)),
    duration: (operand) => same(readDuration(operand)),
    text: (operand) => same(readText(operand)),
    json: (operand) => same(readScalar(operand)),
  },
  "!=": {
    number: (operand) => not(same(readNumber(operand))),
    duration: (operand) => not(same(readDuration(operand))),
    text: (operand) => not(same(readText(operand))),
    json: (operand) => not(same(readScalar(operand))),
  },
  "<=": ordered((value, limit) => value <= limit),
  ">=": ordered((value, limit) => value >= limit),
  "<": ordered((value, limit) => value < limit),
  ">": ordered((value, limit) => value > limit),
  ...withNot("in", {
    number: (operand) => onNumbers(readNumberSet(operand)),
    address: (operand) => onTexts(readAddressSet(operand)),
    text: (operand) => readScalarSet(operand),
    json: (operand) => readScalarSet(operand),
  }),
  ...withNot("contains", {
    text: (operand) => containing(readText(operand)),
    json: (operand) => containing(readScalar(operand)),
  }),
  ...withNot("matches", {
    text: (operand) => matching(operand),
    json: (operand) => matching(operand),
  }),
};

function same(expected: unknown): Test {
  return (value) => value === expected;
}

function ordered(compare: (value: number, limit: number) => boolean): Operator {
  const than = (limit: number) => onNumbers((value) => compare(value, limit));
  return {
    number: (operand) => than(readNumber(operand)),
    duration: (operand) => than(readDuration(operand)),
    json: (operand) => than(readNumber(operand)),
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

function withNot(name: string, operator: Operator): Record<string, Operator> {
  const negated = Object.fromEntries(
    Object.entries(operator).map(([type, read]) => [type, (operand: string) => not(read(operand))]),
  );
  return { [`not ${name}`]: negated, [name]: operator };
}
