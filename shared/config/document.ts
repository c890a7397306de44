import { isAlias, isMap, isNode, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { Misconfigured } from "../lambda/errors.ts";
import { keyWithoutSecrets, withoutSecrets } from "../secrets/clear-secrets.ts";

/** Where a key or a value stands in its file; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A config file as plain data, and the place of everything in it. */
export interface ConfigDocument {
  readonly value: unknown;
  /** The place of the value at `path`, or of the nearest thing above it that stands in the file. */
  positionOf(path: readonly PropertyKey[]): Position;
}

/** A config of thousands of streams and sites is well below this. */
const MAX_BYTES = 4 * 1024 * 1024;
/** What aliases may open the file to, in keys and values: ten of ten of ten … is refused early. */
const MAX_VALUES = 200_000;
const MAX_DEPTH = 50;

/**
 * Reads YAML 1.2. Keys are text exactly as written (stream `007` stays `007`), `<<` merges, aliases are opened
 * within a budget.
 *
 * @param name as messages name the file, for example `config/dev.yml`
 * @throws {Misconfigured} with file, line and column, when the text is no YAML, too large or opens to too much
 */
export function readDocument(text: string, name: string): ConfigDocument {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    throw new Misconfigured(`${name}: is larger than ${MAX_BYTES} bytes, expected a config file`);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const [error] = document.errors;
  if (error) {
    const { line, column } = positionAt(error.pos[0]);
    throw new Misconfigured(`${name}:${line}:${column}: ${explained(error.message, text, error.pos[0])}`);
  }
  const reader = new Reader(name, positionAt);
  const value = document.contents === null ? {} : (reader.read(document.contents, [], 0) ?? {});
  return { value, positionOf: (path) => reader.positionOf(path) };
}

/** The message of the YAML reader, or what is really the matter where people often meet it. */
function explained(message: string, text: string, at: number): string {
  const start = text.lastIndexOf("\n", at - 1) + 1;
  const line = text.slice(start, text.indexOf("\n", at) === -1 ? undefined : text.indexOf("\n", at));
  const pattern = /^\s*(?:- )?(\*[^\s:]*|[^\s"':#]*\*):/.exec(line);
  if (pattern?.[1]?.startsWith("*")) return `a name that begins with * must be in quotes: "${pattern[1]}"`;
  if (/must be unique/.test(message))
    return `found the key ${keyWithoutSecrets(line.trim().split(":")[0] ?? "")} twice, expected it once`;
  if (/^\s*\t/.test(line)) return "a line is indented with a tab, expected spaces";
  if (/multiple documents/.test(message)) return "found a second document (---), expected one";
  return `is not YAML: ${withoutSource(message)}`;
}

/** The YAML reader's sentence without the piece of the file that some quote at their end: it may be a credential. */
function withoutSource(message: string): string {
  return message
    .replace(/(?<=\w):\s.*$/s, "")
    .replace(/(?<=escape sequence) .*$/s, "")
    .replace(/[\s.]*$/, "");
}

/** Turns nodes into plain data and remembers where each stands. */
class Reader {
  readonly #name: string;
  readonly #positionAt: (offset: number) => Position;
  /** What stands behind each anchor so far. Walking the document for each alias would take seconds. */
  readonly #anchors = new Map<string, Node>();
  readonly #offsets = new Map<string, number>();
  #values = 0;

  constructor(name: string, positionAt: (offset: number) => Position) {
    this.#name = name;
    this.#positionAt = positionAt;
  }

  positionOf(path: readonly PropertyKey[]): Position {
    for (let length = path.length; length >= 0; length--) {
      const offset = this.#offsets.get(keyOf(path.slice(0, length)));
      if (offset !== undefined) return this.#positionAt(offset);
    }
    return { line: 1, column: 1 };
  }

  read(node: unknown, path: readonly string[], depth: number): unknown {
    if (!isNode(node)) return null;
    const offset = offsetOf(node);
    if (!this.#offsets.has(keyOf(path))) this.#offsets.set(keyOf(path), offset);
    this.#spend(offset, depth);
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target === undefined)
        throw this.#wrong(
          offset,
          `found *${withoutSecrets(node.source, path).value}, expected the name of an anchor above`,
        );
      return this.read(target, path, depth + 1);
    }
    if ("anchor" in node && typeof node.anchor === "string") this.#anchors.set(node.anchor, node);
    if (isSeq(node)) {
      return node.items.map((item, index) => this.read(item, [...path, String(index)], depth + 1));
    }
    if (isMap(node)) return this.#map(node.items, path, depth);
    return isScalar(node) ? node.value : undefined;
  }

  #map(pairs: readonly unknown[], path: readonly string[], depth: number): Record<string, unknown> {
    const merged: Record<string, unknown> = {};
    const own = new Map<string, unknown>();
    for (const pair of pairs) {
      if (!isPair(pair)) continue;
      const name = this.#keyName(pair.key);
      if (name === "<<") {
        for (const each of [this.read(pair.value, path, depth + 1)].flat()) Object.assign(merged, each);
        continue;
      }
      const place = [...path, name];
      this.#offsets.set(keyOf(place), offsetOf(pair.key));
      own.set(name, this.read(pair.value, place, depth + 1));
    }
    return { ...merged, ...Object.fromEntries(own) };
  }

  /** A key as it is written: `007` and `yes` are names, not a number and a boolean. */
  #keyName(key: unknown): string {
    if (isScalar(key)) return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
    throw this.#wrong(offsetOf(key), "found a list or a map as a key, expected a name");
  }

  #spend(offset: number, depth: number): void {
    this.#values += 1;
    if (this.#values <= MAX_VALUES && depth <= MAX_DEPTH) return;
    throw this.#wrong(
      offset,
      `opens to more than ${MAX_VALUES} values or ${MAX_DEPTH} levels, expected a config file`,
    );
  }

  #wrong(offset: number, what: string): Misconfigured {
    const { line, column } = this.#positionAt(offset);
    return new Misconfigured(`${this.#name}:${line}:${column}: ${what}`);
  }
}

const offsetOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0);

const keyOf = (path: readonly PropertyKey[]): string => path.map(String).join("\u0000");
