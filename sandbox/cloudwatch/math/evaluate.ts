import { BadArgument, combine, FUNCTIONS, type Grid } from "./functions.ts";
import { readSearch, type Search } from "./search.ts";
import { type Expression, invalid, parseExpression } from "./syntax.ts";
import type { SeriesList, Value } from "./value.ts";

const truth = (holds: boolean) => (holds ? 1 : 0);

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "^": (a, b) => a ** b,
  "==": (a, b) => truth(a === b),
  "!=": (a, b) => truth(a !== b),
  "<": (a, b) => truth(a < b),
  "<=": (a, b) => truth(a <= b),
  ">": (a, b) => truth(a > b),
  ">=": (a, b) => truth(a >= b),
  "&&": (a, b) => truth(a !== 0 && b !== 0),
  "||": (a, b) => truth(a !== 0 || b !== 0),
};

/** Words that stand where an id could: FILL's second argument. */
const KEYWORDS = new Set(["REPEAT", "LINEAR"]);

/** What an expression may refer to. */
export interface Scope {
  readonly grid: Grid;
  /** The value of an id, metric or expression. */
  valueOf(id: string): Value;
  /** The metrics (not the expressions) of the request by id, for METRICS(). */
  metricIds(): readonly string[];
  /** What SEARCH finds in the account. */
  search(search: Search): SeriesList;
}

/**
 * Evaluates a metric-math expression.
 *
 * @throws {AwsError} ValidationError naming the expression and what is wrong with it
 */
export function evaluate(source: string, scope: Scope): Value {
  return compute(parseExpression(source));

  function compute(expression: Expression): Value {
    switch (expression.kind) {
      case "number":
        return { kind: "scalar", value: expression.value };
      case "text":
        return expression;
      case "id":
        return KEYWORDS.has(expression.id)
          ? { kind: "text", value: expression.id }
          : scope.valueOf(expression.id);
      case "negate":
        return attempt("-", () =>
          combine({ kind: "scalar", value: 0 }, compute(expression.operand), (a, b) => a - b),
        );
      case "list":
        return { kind: "list", items: expression.items.flatMap((item) => itemsOf(compute(item))) };
      case "binary":
        return binary(expression.operator, compute(expression.left), compute(expression.right));
      case "call":
        return expression.name === "SEARCH"
          ? scope.search(readSearch(source, expression.args))
          : call(expression.name, expression.args.map(compute));
    }
  }

  function itemsOf(value: Value) {
    if (value.kind === "text") throw invalid(source, `a list holds metrics, not the text "${value.value}"`);
    return value.kind === "list" ? value.items : [value];
  }

  function binary(operator: string, left: Value, right: Value): Value {
    const known = OPERATORS[operator];
    if (!known) throw invalid(source, `the sandbox has no operator ${operator}`);
    return attempt(operator, () => combine(left, right, known));
  }

  function call(name: string, args: readonly Value[]): Value {
    if (name === "METRICS") return metrics(args[0]);
    const known = FUNCTIONS[name];
    if (!known) throw invalid(source, unknownFunction(name));
    return attempt(name, () => known(args, scope.grid));
  }

  function metrics(filter: Value | undefined): Value {
    const part = filter?.kind === "text" ? filter.value : "";
    const ids = scope.metricIds().filter((id) => id.includes(part));
    return { kind: "list", items: ids.flatMap((id) => itemsOf(scope.valueOf(id))) };
  }

  function attempt(name: string, apply: () => Value): Value {
    try {
      return apply();
    } catch (error) {
      if (error instanceof BadArgument) throw invalid(source, `${name} ${error.message}`);
      throw error;
    }
  }
}

/**
 * Parses an expression and names the ids it refers to, and whether it searches the account's metrics.
 *
 * @throws {AwsError} ValidationError naming the expression and what is wrong with it
 */
export function referencesOf(source: string): {
  readonly ids: ReadonlySet<string>;
  readonly searches: boolean;
} {
  const ids = new Set<string>();
  let searches = false;
  visit(parseExpression(source));
  return { ids, searches };

  function visit(expression: Expression): void {
    if (expression.kind === "id" && !KEYWORDS.has(expression.id)) ids.add(expression.id);
    if (expression.kind === "negate") visit(expression.operand);
    if (expression.kind === "list") expression.items.forEach(visit);
    if (expression.kind === "binary") [expression.left, expression.right].forEach(visit);
    if (expression.kind !== "call") return;
    const { name, args } = expression;
    if (name === "SEARCH") {
      readSearch(source, args);
      searches = true;
      return;
    }
    if (name !== "METRICS" && !Object.hasOwn(FUNCTIONS, name)) throw invalid(source, unknownFunction(name));
    args.forEach(visit);
  }
}

function unknownFunction(name: string): string {
  const known = [...Object.keys(FUNCTIONS), "METRICS", "SEARCH"].sort().join(", ");
  return `the sandbox has no function ${name}; it has ${known}`;
}
