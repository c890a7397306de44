import { jsonOf } from "./event.ts";
import {
  comparison,
  type Dialect,
  type Predicate,
  readExpression,
  TokenReader,
  unquoted,
} from "./expression.ts";

/** As the API's error for a pattern it does not understand. */
const CODE = "InvalidParameterException";

const TOKEN = /"(?:[^"\\]|\\.)*"|\$[\w.[\]-]*|&&|\|\||!=|<=|>=|[=<>()!]|[\w.*:/-]+/;

const JSON_PATTERN: Dialect<unknown> = {
  token: TOKEN,
  or: "||",
  and: "&&",
  // There is none: a condition is negated by its operator.
  not: "!",
  condition(reader) {
    const selector = reader.next("a field, for example $.level");
    if (!selector.startsWith("$."))
      throw reader.refused(`expected a field such as $.level, found ${selector}`);
    const path = selector.slice(2).split(".");
    if (reader.take("NOT")) {
      reader.expect("EXISTS");
      return (line) => at(line, path) === undefined;
    }
    if (reader.take("IS")) {
      const word = reader.next("NULL, TRUE or FALSE").toLowerCase();
      if (!["null", "true", "false"].includes(word))
        throw reader.refused(`expected NULL, TRUE or FALSE, found ${word}`);
      return (line) => String(at(line, path)) === word;
    }
    const operator = reader.next("an operator");
    const compare = comparison(operator);
    if (!compare) throw reader.refused(`expected an operator, found ${operator}`);
    const token = reader.next("a value");
    const text = token.startsWith('"') ? unquoted(token) : token;
    const value = (line: unknown) => at(line, path);
    if (!text.includes("*")) return (line) => isScalar(value(line)) && compare(String(value(line)), text);
    const wild = new RegExp(`^${text.split("*").map(escaped).join(".*")}$`);
    return (line) => isScalar(value(line)) && wild.test(String(value(line))) === (operator === "=");
  },
};

/**
 * A filter pattern: for JSON lines in braces, or words that a line has to have, with `-` in front those it must not. What else
 * the language has (`?`, regular expressions, columns) is refused.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 *
 * @throws {AwsError} InvalidParameterException
 */
export function parsePattern(pattern: string): Predicate<string> {
  const text = pattern.trim();
  if (!text.startsWith("{")) return words(text);
  const reader = new TokenReader(text.replace(/^\{|\}$/g, ""), TOKEN, CODE);
  const matches = readExpression(reader, JSON_PATTERN);
  reader.end();
  return (message) => {
    const line = jsonOf(message);
    return line !== undefined && matches(line);
  };
}

function words(text: string): Predicate<string> {
  const reader = new TokenReader(text, /-?"(?:[^"\\]|\\.)*"|-?[\w.:/]+/, CODE);
  const terms: { readonly wanted: boolean; readonly term: string }[] = [];
  while (reader.peek() !== undefined) {
    const token = reader.next("a word");
    const term = token.replace(/^-/, "");
    terms.push({ wanted: term === token, term: term.startsWith('"') ? unquoted(term) : term });
  }
  return (message) => terms.every(({ wanted, term }) => message.includes(term) === wanted);
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

const isScalar = (value: unknown): boolean => ["string", "number", "boolean"].includes(typeof value);

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}
