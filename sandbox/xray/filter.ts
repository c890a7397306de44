import { AwsError } from "../wire/error.ts";

/** What a filter expression is asked about: one segment or subsegment of a trace. */
export interface FilteredPart {
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly fault?: boolean | undefined;
  readonly error?: boolean | undefined;
  readonly throttle?: boolean | undefined;
}

/** A trace with all of its parts; its length in seconds. */
export interface FilteredTrace {
  readonly parts: readonly FilteredPart[];
  readonly duration: number;
}

type Filter = (trace: FilteredTrace) => boolean;

/**
 * An X-Ray filter expression. As in AWS an annotation may stand on any part of the trace: two conditions need not hold of the
 * same one. What of the language is not simulated is refused, and never found to match.
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-console-filters.html
 */
export function parseFilter(text: string): Filter {
  const tokens = tokensOf(text);
  const parser = new Parser(text, tokens);
  const filter = parser.either();
  parser.end();
  return filter;
}

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w.]*)|(!=|<=|>=|[=<>()[\]{}:!]))/y;

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (!found) throw refused(text, `nothing is understood from "${text.slice(at)}" on`);
    tokens.push(found[0].trim());
  }
  return tokens;
}

/** The types of the services whose calls are subsegments, by the subsegment's name. */
const TYPES: Readonly<Record<string, string>> = {
  "AWS::DynamoDB::Table": "DynamoDB",
  "AWS::SNS": "SNS",
  "AWS::Kinesis": "Kinesis",
};

class Parser {
  readonly #text: string;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string, tokens: readonly string[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  either(): Filter {
    let filter = this.#both();
    while (this.#take("OR")) {
      const [left, right] = [filter, this.#both()];
      filter = (trace) => left(trace) || right(trace);
    }
    return filter;
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw this.#unexpected("the end");
  }

  #both(): Filter {
    let filter = this.#one();
    while (this.#take("AND")) {
      const [left, right] = [filter, this.#one()];
      filter = (trace) => left(trace) && right(trace);
    }
    return filter;
  }

  #one(): Filter {
    if (this.#take("!") || this.#take("NOT")) {
      const negated = this.#one();
      return (trace) => !negated(trace);
    }
    if (this.#take("(")) {
      const inner = this.either();
      this.#expect(")");
      return inner;
    }
    const word = this.#next();
    if (word === "annotation") {
      this.#expect("[");
      const key = this.#next();
      this.#expect("]");
      return this.#annotation(key);
    }
    if (word.startsWith("annotation.")) return this.#annotation(word.slice("annotation.".length));
    if (word === "duration" || word === "responsetime") {
      const compare = this.#comparison();
      return ({ duration }) => compare(duration);
    }
    if (word === "fault" || word === "error" || word === "throttle")
      return ({ parts }) => parts.some((part) => part[word]);
    if (word === "service") return this.#service();
    this.#at -= 1;
    throw this.#unexpected("annotation[…], duration, responsetime, fault, error, throttle or service(…)");
  }

  #annotation(key: string): Filter {
    const compare = this.#comparison();
    return ({ parts }) =>
      parts.some(({ annotations }) => {
        const value = annotations?.[key];
        return value !== undefined && compare(value);
      });
  }

  #service(): Filter {
    this.#expect("(");
    let name = this.#next();
    if (name === "id") {
      this.#expect("(");
      this.#expect("type");
      this.#expect(":");
      const type = String(literal(this.#next()));
      const known = TYPES[type];
      if (known === undefined) throw refused(this.#text, `no type ${type} is simulated`);
      name = JSON.stringify(known);
      this.#expect(")");
    }
    this.#expect(")");
    const wanted = literal(name);
    const inner = this.#take("{") ? this.either() : () => true;
    if (this.#tokens[this.#at] === "}") this.#at += 1;
    return ({ parts, duration }) =>
      parts.some((part) => part.name === wanted && inner({ parts: [part], duration }));
  }

  #comparison(): (value: string | number | boolean) => boolean {
    const operator = this.#next();
    const expected = literal(this.#next());
    switch (operator) {
      case "=":
        return (value) => value === expected;
      case "!=":
        return (value) => value !== expected;
      case "<":
        return (value) => value < expected;
      case "<=":
        return (value) => value <= expected;
      case ">":
        return (value) => value > expected;
      case ">=":
        return (value) => value >= expected;
      case "BEGINSWITH":
        return (value) => String(value).startsWith(String(expected));
      case "ENDSWITH":
        return (value) => String(value).endsWith(String(expected));
      case "CONTAINS":
        return (value) => String(value).includes(String(expected));
      default:
        throw refused(this.#text, `found "${operator}", expected an operator`);
    }
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw this.#unexpected(`"${token}"`);
  }

  #next(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw this.#unexpected("more");
    this.#at += 1;
    return token;
  }

  #unexpected(expected: string): AwsError {
    return refused(this.#text, `found ${this.#tokens[this.#at] ?? "the end"}, expected ${expected}`);
  }
}

function literal(token: string): string | number | boolean {
  if (token === "true" || token === "false") return token === "true";
  if (token.startsWith('"')) return String(JSON.parse(token));
  return Number(token);
}

const refused = (text: string, why: string): AwsError =>
  new AwsError("InvalidRequestException", `The filter expression ${text} is not understood: ${why}`);
