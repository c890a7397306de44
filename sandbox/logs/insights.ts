import { AwsError } from "../wire/error.ts";
import type { Fields } from "./event.ts";
import { comparison, type Dialect, order, readExpression, TokenReader, unquoted } from "./expression.ts";
import { aggregate, type Statistic, statisticOf } from "./insights-stats.ts";

type Rows = readonly Fields[];

/** What a query shows of each row; undefined: a query that names no fields shows these two. */
const DEFAULT_COLUMNS = ["@timestamp", "@message"];
/** What AWS gives at most. */
const MOST_ROWS = 10_000;
const CODE = "MalformedQueryException";
const TOKEN =
  /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|\/(?:[^/\\]|\\.)+\/|=~|!=|<=|>=|[=<>(),[\]*]|-?\d+(?:\.\d+)?(?![\w.])|[@\w.-]+/;

/** A query that was understood. */
export interface Query {
  /** One row a result, its fields in the order in which the query has them. */
  run(rows: Rows): readonly (readonly (readonly [field: string, value: string])[])[];
}

/**
 * A query of CloudWatch Logs Insights: fields, display, filter, stats, sort, limit and dedup. Commands and functions that the
 * sandbox does not have are refused, and never ignored.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 *
 * @throws {AwsError} MalformedQueryException
 */
export function parseQuery(text: string): Query {
  const commands = splitAtPipes(text).map(readCommand);
  const columns = commands.findLast((one) => one.columns)?.columns ?? DEFAULT_COLUMNS;
  const limit = commands.findLast((one) => one.limit)?.limit ?? MOST_ROWS;
  return {
    run: (rows) =>
      commands
        .reduce((left, { step }) => step?.(left) ?? left, rows)
        .slice(0, limit)
        .map((row) => columns.flatMap((name) => pairOf(row, name))),
  };
}

/** What one command of a query does with the rows, and with what is shown of them. */
interface Command {
  readonly step?: (rows: Rows) => Rows;
  readonly columns?: readonly string[];
  readonly limit?: number;
}

const COMMANDS: Readonly<Record<string, (reader: TokenReader) => Command>> = {
  fields: (reader) => ({ columns: list(reader) }),
  display: (reader) => ({ columns: list(reader) }),
  filter: (reader) => {
    const holds = readExpression(reader, FILTER);
    return { step: (rows) => rows.filter(holds) };
  },
  stats: (reader) => {
    const { statistics, by } = readStats(reader);
    const columns = [...by, ...statistics.map(({ as }) => as)];
    return { columns, step: (rows) => aggregate(rows, statistics, by) };
  },
  sort: (reader) => ({ step: sorted(reader) }),
  dedup: (reader) => {
    const keys = list(reader);
    const firsts = (rows: Rows) => [...Map.groupBy(rows, (row) => keyOf(row, keys)).values()];
    return { step: (rows) => firsts(rows).flatMap(([first]) => first ?? []) };
  },
  limit: (reader) => {
    const limit = Number(reader.next("a number"));
    if (Number.isInteger(limit) && limit > 0) return { limit };
    throw reader.refused("limit takes a whole number above 0");
  },
};

function readCommand(text: string): Command {
  const reader = new TokenReader(text, TOKEN, CODE);
  const name = reader.next("a command").toLowerCase();
  const read = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!read) {
    throw reader.refused(`the sandbox has no command ${name}; it has: ${Object.keys(COMMANDS).join(", ")}`);
  }
  const command = read(reader);
  reader.end();
  return command;
}

const pairOf = (row: Fields, name: string): [string, string][] => {
  const value = row.get(name);
  return value === undefined ? [] : [[name, value]];
};

/** A filter's expression may have a pipe in quotes or between slashes. */
function splitAtPipes(text: string): readonly string[] {
  const parts = text.match(/(?:"(?:[^"\\]|\\.)*"|\/(?:[^/\\\n]|\\.)+\/|[^|])+/g) ?? [];
  const written = parts.map((part) => part.replace(/^\s*#.*$/gm, "").trim()).filter((part) => part !== "");
  if (written.length === 0) throw new AwsError(CODE, "the query is empty");
  return written;
}

const named = (token: string): string => (token.startsWith("`") ? token.slice(1, -1) : token);

function list(reader: TokenReader): readonly string[] {
  const names = [named(reader.next("a field"))];
  while (reader.take(",")) names.push(named(reader.next("a field")));
  return names;
}

const keyOf = (row: Fields, keys: readonly string[]): string =>
  JSON.stringify(keys.map((key) => row.get(key)));

function sorted(reader: TokenReader): (rows: Rows) => Rows {
  const field = named(reader.next("a field"));
  const direction = reader.take("asc") ? 1 : -1;
  if (direction === -1) reader.take("desc");
  return (rows) => rows.toSorted((a, b) => direction * order(a.get(field) ?? "", b.get(field) ?? ""));
}

function readStats(reader: TokenReader): {
  readonly statistics: readonly Statistic[];
  readonly by: readonly string[];
} {
  const statistics: Statistic[] = [];
  do {
    const name = reader.next("a function").toLowerCase();
    reader.expect("(");
    const field = reader.peek() === ")" ? "*" : named(reader.next("a field"));
    reader.expect(")");
    const as = reader.take("as") ? named(reader.next("a name")) : `${name}(${field})`;
    const statistic = statisticOf(name, field, as);
    if (!statistic) throw reader.refused(`the sandbox has no function ${name} for stats`);
    statistics.push(statistic);
  } while (reader.take(","));
  return { statistics, by: reader.take("by") ? list(reader) : [] };
}

const FILTER: Dialect<Fields> = {
  token: TOKEN,
  or: "or",
  and: "and",
  not: "not",
  condition(reader) {
    const word = reader.next("a field");
    if (word.toLowerCase() === "ispresent" && reader.peek() === "(") {
      reader.expect("(");
      const field = named(reader.next("a field"));
      reader.expect(")");
      return (row) => row.has(field);
    }
    const field = named(word);
    if (reader.take("not")) {
      const like = matcher(reader);
      return (row) => !like(row.get(field) ?? "");
    }
    if (reader.peek()?.toLowerCase() === "like" || reader.peek() === "=~") {
      const like = matcher(reader);
      return (row) => like(row.get(field) ?? "");
    }
    if (reader.take("in")) {
      const values = readList(reader);
      return (row) => values.includes(row.get(field) ?? "");
    }
    const operator = reader.next("an operator");
    const compare = comparison(operator);
    if (!compare) throw reader.refused(`expected an operator, found ${operator}`);
    const value = literal(reader);
    return (row) => {
      const found = row.get(field);
      return found !== undefined && compare(found, value);
    };
  },
};

/** `like "text"`, `like /expression/` and `=~ /expression/`. */
function matcher(reader: TokenReader): (value: string) => boolean {
  if (!reader.take("=~")) reader.expect("like");
  const token = reader.next("a text or an expression between slashes");
  if (!token.startsWith("/")) {
    const part = unquoted(token);
    return (value) => value.includes(part);
  }
  const expression = new RegExp(token.slice(1, -1));
  return (value) => expression.test(value);
}

function readList(reader: TokenReader): readonly string[] {
  reader.expect("[");
  const values = [literal(reader)];
  while (reader.take(",")) values.push(literal(reader));
  reader.expect("]");
  return values;
}

/** A text in quotes or a number; a bare word would be another field, which the sandbox does not compare with. */
function literal(reader: TokenReader): string {
  const token = reader.next("a value");
  if (/^["']/.test(token)) return unquoted(token);
  if (/^-?\d/.test(token)) return token;
  throw reader.refused(`expected a text in quotes or a number, found ${token}`);
}
