import { AwsError } from "../wire/error.ts";

/** What a log event is asked: whether it is so. */
export type Predicate<Event> = (event: Event) => boolean;

/** How a language of CloudWatch Logs writes and joins its conditions. */
export interface Dialect<Event> {
  /** A sticky expression that matches one token. */
  readonly token: RegExp;
  readonly or: string;
  readonly and: string;
  readonly not: string;
  /** Reads one condition, and leaves the reader behind it. */
  condition(reader: TokenReader): Predicate<Event>;
}

/** The tokens of an expression, from left to right. Words are compared without case. */
export class TokenReader {
  readonly #source: string;
  readonly #code: string;
  readonly #tokens: readonly string[];
  #at = 0;

  /**
   * @param code of the error that refuses what is not understood
   * @throws {AwsError}
   */
  constructor(source: string, token: RegExp, code: string) {
    this.#source = source;
    this.#code = code;
    const tokens: string[] = [];
    const sticky = new RegExp(token.source, "y");
    for (let at = 0; at < source.length; ) {
      const blank = /\s*/y;
      blank.lastIndex = at;
      at += blank.exec(source)?.[0].length ?? 0;
      if (at >= source.length) break;
      sticky.lastIndex = at;
      const [found = ""] = sticky.exec(source) ?? [];
      if (found === "") throw this.refused(`nothing is understood from "${source.slice(at)}" on`);
      tokens.push(found);
      at += found.length;
    }
    this.#tokens = tokens;
  }

  peek(ahead = 0): string | undefined {
    return this.#tokens[this.#at + ahead];
  }

  /** Goes on behind the word where it comes next. */
  take(word: string): boolean {
    if (this.peek()?.toLowerCase() !== word.toLowerCase()) return false;
    this.#at += 1;
    return true;
  }

  next(expected: string): string {
    const token = this.peek();
    if (token === undefined) throw this.refused(`expected ${expected}, found the end`);
    this.#at += 1;
    return token;
  }

  expect(word: string): void {
    if (!this.take(word)) throw this.refused(`expected ${word}, found ${this.peek() ?? "the end"}`);
  }

  end(): void {
    if (this.peek() !== undefined) throw this.refused(`expected the end, found ${this.peek()}`);
  }

  refused(why: string): AwsError {
    return new AwsError(this.#code, `${this.#source}: ${why}`);
  }
}

/** Conditions joined by the dialect's words, parentheses first, then not, and, or. */
export function readExpression<Event>(reader: TokenReader, dialect: Dialect<Event>): Predicate<Event> {
  let either = both(reader, dialect);
  while (reader.take(dialect.or)) {
    const [left, right] = [either, both(reader, dialect)];
    either = (event) => left(event) || right(event);
  }
  return either;
}

function both<Event>(reader: TokenReader, dialect: Dialect<Event>): Predicate<Event> {
  let all = one(reader, dialect);
  while (reader.take(dialect.and)) {
    const [left, right] = [all, one(reader, dialect)];
    all = (event) => left(event) && right(event);
  }
  return all;
}

function one<Event>(reader: TokenReader, dialect: Dialect<Event>): Predicate<Event> {
  if (reader.take(dialect.not)) {
    const negated = one(reader, dialect);
    return (event) => !negated(event);
  }
  if (!reader.take("(")) return dialect.condition(reader);
  const inner = readExpression(reader, dialect);
  reader.expect(")");
  return inner;
}

/** The text of a token in double quotes. */
export const unquoted = (token: string): string => token.slice(1, -1).replace(/\\(["\\])/g, "$1");

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  "=": (order) => order === 0,
  "!=": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

/** The comparison an operator stands for; two numbers are compared as numbers. */
export function comparison(operator: string): ((left: string, right: string) => boolean) | undefined {
  const holds = COMPARISONS[operator];
  return holds && ((left, right) => holds(order(left, right)));
}

/** Below, at or above zero, as `sort` wants it. */
export function order(left: string, right: string): number {
  const numeric = left.trim() !== "" && right.trim() !== "";
  const [a, b] = [Number(left), Number(right)];
  if (numeric && !Number.isNaN(a) && !Number.isNaN(b)) return a - b;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
