/**
 * Event patterns as EventBridge matches them; SNS filter policies and Lambda's filters are the same language.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export type Matches = (event: unknown) => boolean;

type Condition = (value: unknown) => boolean;

/** A pattern that cannot be used; the message names the place, what was found and what was expected. */
export class BadPattern extends Error {}

/** @throws BadPattern */
export function compilePattern(pattern: unknown): Matches {
  return compileObject(pattern, "");
}

/** The operators of a pattern that compiles; one inside `anything-but` as `anything-but prefix`. */
export function operatorsIn(pattern: unknown): readonly string[] {
  if (Array.isArray(pattern)) return pattern.flatMap((item) => (isObject(item) ? operatorsOfItem(item) : []));
  if (!isObject(pattern)) return [];
  return Object.entries(pattern).flatMap(([key, inner]) =>
    key === "$or" && Array.isArray(inner) ? ["$or", ...inner.flatMap(operatorsIn)] : operatorsIn(inner),
  );
}

function operatorsOfItem(item: Record<string, unknown>): readonly string[] {
  return Object.entries(item).flatMap(([operator, operand]) =>
    operator === "anything-but" && isObject(operand)
      ? Object.keys(operand).map((inner) => `${operator} ${inner}`)
      : [operator],
  );
}

function compileObject(part: unknown, path: string): Matches {
  if (!isObject(part) || Object.keys(part).length === 0) {
    throw wrong(path || "the pattern", "expected an object that is not empty", part);
  }
  const fields = Object.entries(part).map(([key, inner]): Matches => {
    if (key === "$or") return compileOr(inner, join(path, key));
    const matches = compileField(inner, join(path, key));
    return (event) => matches(isObject(event) ? own(event, key) : undefined);
  });
  return (event) => fields.every((matches) => matches(event));
}

function compileOr(alternatives: unknown, path: string): Matches {
  if (!Array.isArray(alternatives) || alternatives.length < 2) {
    throw wrong(path, "expected a list of two patterns or more", alternatives);
  }
  const compiled = alternatives.map((alternative) => compileObject(alternative, path));
  return (event) => compiled.some((matches) => matches(event));
}

function compileField(part: unknown, path: string): Matches {
  if (!Array.isArray(part)) {
    const inside = compileObject(part, path);
    // A list of objects matches where one of them does.
    return (value) => (Array.isArray(value) ? value.some(inside) : inside(value));
  }
  if (part.length === 0) throw wrong(path, "expected a list that is not empty", part);
  const conditions = part.map((item) => compileCondition(item, path));
  return (value) => conditions.some((condition) => condition(value));
}

function compileCondition(item: unknown, path: string): Condition {
  if (Array.isArray(item)) throw wrong(path, "expected a value or an operator, no list in a list", item);
  if (!isObject(item)) return anyOf((value) => value === item);
  const [operator = "", ...others] = Object.keys(item);
  const compile = own(OPERATORS, operator);
  if (!compile || others.length > 0) {
    const known = Object.keys(OPERATORS).join(", ");
    throw wrong(path, `expected one of ${known} in each {}`, item);
  }
  const condition = compile(item[operator]);
  if (!condition) throw wrong(path, `the operator ${operator} does not take this`, item);
  return condition;
}

function wrong(place: string, why: string, found: unknown): BadPattern {
  return new BadPattern(`${place}: ${why}; found ${JSON.stringify(found)}`);
}

/** Undefined where the operand is not what the operator takes. */
type Compile = (operand: unknown) => Condition | undefined;

const OPERATORS: Readonly<Record<string, Compile>> = {
  exists: (operand) => {
    if (typeof operand !== "boolean") return undefined;
    return (value) => (value !== undefined) === operand;
  },
  prefix: text((value, part) => value.startsWith(part)),
  suffix: text((value, part) => value.endsWith(part)),
  "equals-ignore-case": text((value, other) => value.toLowerCase() === other.toLowerCase()),
  wildcard: text((value, pattern) => wildcard(pattern).test(value)),
  "anything-but": anythingBut,
  numeric,
};

/** A field that is a list matches where one of its elements does. */
function anyOf(condition: Condition): Condition {
  return (value) => (Array.isArray(value) ? value.some(condition) : condition(value));
}

function text(compare: (value: string, operand: string) => boolean): Compile {
  return (operand) => {
    if (typeof operand !== "string") return undefined;
    return anyOf((value) => typeof value === "string" && compare(value, operand));
  };
}

function wildcard(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s");
}

/** `{"anything-but": ["a"]}`, `{"anything-but": "a"}`, `{"anything-but": {"prefix": "a"}}`; the field must be there. */
function anythingBut(operand: unknown): Condition | undefined {
  const refuses = isObject(operand) ? nested(operand) : among(asList(operand));
  return refuses && ((value) => value !== undefined && !refuses(value));
}

function nested(operand: Record<string, unknown>): Condition | undefined {
  const [operator = "", ...others] = Object.keys(operand);
  if (others.length > 0 || !["prefix", "suffix", "wildcard", "equals-ignore-case"].includes(operator))
    return undefined;
  const conditions = asList(operand[operator]).map((one) => OPERATORS[operator]?.(one));
  if (conditions.length === 0 || conditions.includes(undefined)) return undefined;
  return (value) => conditions.some((condition) => condition?.(value));
}

/** Texts or numbers: EventBridge takes no list of both. */
function among(values: readonly unknown[]): Condition | undefined {
  const [type, ...others] = new Set(values.map((value) => typeof value));
  if ((type !== "string" && type !== "number") || others.length > 0) return undefined;
  return anyOf((value) => values.includes(value));
}

const asList = (operand: unknown): readonly unknown[] => (Array.isArray(operand) ? operand : [operand]);

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

/** `{"numeric": [">", 0, "<=", 5]}`: one comparison, or a lower and then a higher bound. */
function numeric(operand: unknown): Condition | undefined {
  if (!Array.isArray(operand)) return undefined;
  const [sign, bound, upperSign, upperBound] = operand;
  const holds = comparison(sign, bound);
  if (!holds || operand.length === 2) return holds;
  const holdsUpper = comparison(upperSign, upperBound);
  if (!holdsUpper || operand.length > 4) return undefined;
  const isRange = [">", ">="].includes(sign) && ["<", "<="].includes(upperSign) && bound < upperBound;
  return isRange ? anyOf((value) => holds(value) && holdsUpper(value)) : undefined;
}

function comparison(sign: unknown, bound: unknown): Condition | undefined {
  const compare = typeof sign === "string" ? own(COMPARISONS, sign) : undefined;
  if (!compare || typeof bound !== "number") return undefined;
  return anyOf((value) => typeof value === "number" && compare(value, bound));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What an object itself has, and not what every object has: a field may be named `constructor`. */
function own<T>(object: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
