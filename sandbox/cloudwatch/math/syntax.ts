import { AwsError } from "../../wire/error.ts";

/** A parsed metric-math expression. */
export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "id"; readonly id: string }
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: "negate"; readonly operand: Expression }
  | {
      readonly kind: "binary";
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    };

/** Binary operators by how tightly they bind, loosest first; all are left-associative. */
const PRECEDENCE: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["==", "!="],
  ["<", "<=", ">", ">="],
  ["+", "-"],
  ["*", "/"],
  ["^"],
];

/** CloudWatch also takes the words. */
const WORDS: Readonly<Record<string, string>> = { AND: "&&", OR: "||" };

const TOKEN =
  /\s*(?:(?<number>\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)|(?<name>[A-Za-z_]\w*)|(?<text>"[^"]*"|'[^']*')|(?<sign>\|\||&&|==|!=|<=|>=|[-+*/^<>()[\],]))/y;

interface Token {
  readonly kind: "number" | "name" | "text" | "sign" | "end";
  readonly text: string;
  readonly position: number;
}

/** @throws {AwsError} ValidationError that names the expression, the place and what stands there */
export function parseExpression(source: string): Expression {
  const tokens = tokenize(source);
  let place = 0;

  const expression = binary(0);
  if (peek().kind !== "end") throw unexpected(peek(), "an operator or the end");
  return expression;

  function binary(level: number): Expression {
    const operators = PRECEDENCE[level];
    if (!operators) return unary();
    let left = binary(level + 1);
    for (let operator = operatorOf(peek()); operators.includes(operator); operator = operatorOf(peek())) {
      place += 1;
      left = { kind: "binary", operator, left, right: binary(level + 1) };
    }
    return left;
  }

  function unary(): Expression {
    if (!skip("-")) return primary();
    return { kind: "negate", operand: unary() };
  }

  function primary(): Expression {
    const token = peek();
    place += 1;
    if (token.kind === "number") return { kind: "number", value: Number(token.text) };
    if (token.kind === "text") return { kind: "text", value: token.text.slice(1, -1) };
    if (token.kind === "name") return skip("(") ? call(token.text) : { kind: "id", id: token.text };
    if (token.text === "[") return { kind: "list", items: items("]") };
    if (token.text !== "(") throw unexpected(token, "a number, an id, a function, [ or (");
    const inner = binary(0);
    expect(")");
    return inner;
  }

  function call(name: string): Expression {
    return { kind: "call", name: name.toUpperCase(), args: items(")") };
  }

  function items(end: string): Expression[] {
    if (skip(end)) return [];
    const found = [binary(0)];
    while (skip(",")) found.push(binary(0));
    expect(end);
    return found;
  }

  function peek(): Token {
    return tokens[place] ?? { kind: "end", text: "", position: source.length };
  }

  function skip(sign: string): boolean {
    const found = peek().kind === "sign" && peek().text === sign;
    if (found) place += 1;
    return found;
  }

  function expect(sign: string): void {
    if (!skip(sign)) throw unexpected(peek(), `"${sign}"`);
  }

  function unexpected(token: Token, expected: string): AwsError {
    const found = token.kind === "end" ? "its end" : `"${token.text}"`;
    return invalid(source, `at ${token.position + 1}: found ${found}, expected ${expected}`);
  }
}

function operatorOf(token: Token): string {
  return token.kind === "name" ? (WORDS[token.text.toUpperCase()] ?? "") : token.text;
}

function tokenize(source: string): Token[] {
  if (/^\s*SELECT\s/i.test(source)) throw invalid(source, "Metrics Insights queries are not simulated");
  const tokens: Token[] = [];
  const end = source.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const position = TOKEN.lastIndex;
    const groups = TOKEN.exec(source)?.groups;
    if (!groups)
      throw invalid(source, `at ${position + 1}: cannot read "${source.slice(position, position + 20)}"`);
    const [kind, text = ""] = Object.entries(groups).find(([, matched]) => matched !== undefined) ?? [];
    tokens.push({ kind: tokenKind(kind), text, position: TOKEN.lastIndex - text.length });
  }
  return tokens;
}

function tokenKind(group: string | undefined): Token["kind"] {
  return group === "number" || group === "name" || group === "text" ? group : "sign";
}

/** The error for an expression that cannot be used. */
export function invalid(source: string, why: string): AwsError {
  return new AwsError("ValidationError", `The expression "${source}": ${why}.`);
}
