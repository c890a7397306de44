import { AwsError } from "../wire/error.ts";

/** A write in PartiQL, as far as the sandbox reads it: with a `?` for every value. Values are places in `Parameters`. */
export type Statement =
  | { readonly kind: "insert"; readonly table: string; readonly item: ReadonlyMap<string, number> }
  | {
      readonly kind: "update";
      readonly table: string;
      readonly set: ReadonlyMap<string, number>;
      readonly remove: readonly string[];
      readonly where: readonly Comparison[];
    }
  | { readonly kind: "delete"; readonly table: string; readonly where: readonly Comparison[] };

export interface Comparison {
  readonly name: string;
  readonly operator: "=" | "<" | "<=" | ">" | ">=" | "<>";
  readonly parameter: number;
}

const TOKEN = /\s*(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|(<=|>=|<>|[{}:,=<>?])|([A-Za-z_][A-Za-z0-9_]*))/y;

/**
 * Reads one statement.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html
 * @throws {AwsError} ValidationException naming what was expected
 */
export function readStatement(text: string): Statement {
  if (text.length > 8192) throw wrong("a statement of at most 8192 characters", String(text.length));
  return new Parser(text).statement();
}

function wrong(expected: string, found: string): AwsError {
  return new AwsError(
    "ValidationException",
    `Statement wasn't well formed, can't be processed: expected ${expected}, found ${found}`,
  );
}

interface Token {
  readonly kind: "name" | "text" | "sign" | "word" | "end";
  readonly text: string;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #parameters = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  statement(): Statement {
    const word = this.#word();
    const statement =
      word === "INSERT"
        ? this.#insert()
        : word === "UPDATE"
          ? this.#update()
          : word === "DELETE"
            ? this.#delete()
            : undefined;
    if (statement === undefined) throw wrong("INSERT, UPDATE or DELETE", word);
    if (this.#peek().kind !== "end") throw wrong("the end", this.#peek().text);
    return statement;
  }

  #insert(): Statement {
    this.#take("INTO");
    const table = this.#name();
    this.#take("VALUE");
    const item = new Map<string, number>();
    this.#take("{");
    do {
      const name = this.#next();
      if (name.kind !== "text") throw wrong("an attribute in single quotes", name.text);
      this.#take(":");
      if (item.has(name.text)) throw wrong("each attribute once", name.text);
      item.set(name.text, this.#parameter());
    } while (this.#takes(","));
    this.#take("}");
    return { kind: "insert", table, item };
  }

  #update(): Statement {
    const table = this.#name();
    const set = new Map<string, number>();
    const remove: string[] = [];
    for (;;) {
      if (this.#takes("SET")) {
        const name = this.#name();
        this.#take("=");
        set.set(name, this.#parameter());
      } else if (this.#takes("REMOVE")) remove.push(this.#name());
      else break;
    }
    return { kind: "update", table, set, remove, where: this.#where() };
  }

  #delete(): Statement {
    this.#take("FROM");
    return { kind: "delete", table: this.#name(), where: this.#where() };
  }

  #where(): Comparison[] {
    this.#take("WHERE");
    const comparisons: Comparison[] = [];
    do {
      const name = this.#name();
      const { text } = this.#next();
      if (!isOperator(text)) throw wrong("a comparison", text);
      comparisons.push({ name, operator: text, parameter: this.#parameter() });
    } while (this.#takes("AND"));
    return comparisons;
  }

  #parameter(): number {
    this.#take("?");
    this.#parameters += 1;
    return this.#parameters - 1;
  }

  #name(): string {
    const token = this.#next();
    if (token.kind !== "name" && token.kind !== "word") throw wrong("a name", token.text);
    return token.text;
  }

  #word(): string {
    return this.#next().text.toUpperCase();
  }

  #take(text: string): void {
    const token = this.#next();
    if (token.text.toUpperCase() !== text) throw wrong(text, token.text);
  }

  #takes(text: string): boolean {
    const { kind, text: found } = this.#peek();
    if ((kind !== "word" && kind !== "sign") || found.toUpperCase() !== text) return false;
    this.#at += 1;
    return true;
  }

  #next(): Token {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "the end" };
  }
}

function isOperator(text: string): text is Comparison["operator"] {
  return ["=", "<", "<=", ">", ">=", "<>"].includes(text);
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const [, name, quoted, sign, word] = TOKEN.exec(text) ?? [];
    if (name !== undefined) tokens.push({ kind: "name", text: name.replaceAll('""', '"') });
    else if (quoted !== undefined) tokens.push({ kind: "text", text: quoted.replaceAll("''", "'") });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: sign });
    else if (word !== undefined) tokens.push({ kind: "word", text: word });
    else throw wrong("a statement", text.slice(at, at + 20));
  }
  return tokens;
}
