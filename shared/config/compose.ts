import { dirname, isAbsolute, join } from "node:path";
import { parse } from "yaml";
import { messageOf } from "../errors/message-of.ts";
import { Misconfigured } from "../lambda/errors.ts";
import { withoutSecrets } from "../secrets/clear-secrets.ts";
import { type ConfigDocument, type Position, readDocument } from "./document.ts";

/** A config put together from a file and what it extends. */
export interface ComposedConfig {
  /** Plain data without `extends`, its variables replaced. */
  readonly value: unknown;
  /** The files it was read from, the most general one first. */
  readonly files: readonly string[];
  /** Where the value at `path`, or the nearest thing above it, stands: the last file that says something there. */
  placeOf(path: readonly PropertyKey[]): Place;
}

export interface Place extends Position {
  readonly file: string;
}

export interface ComposeInput {
  /** The text of a file; throws where there is none. */
  readonly readText: (file: string) => string;
  /** What `${env:NAME}` is read from. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface Layer {
  readonly file: string;
  readonly document: ConfigDocument;
}

type Entries = Readonly<Record<string, unknown>>;

/**
 * Reads a config file and those it names under `extends` (a path or a list of paths, relative to the file that names
 * them). Maps are merged key by key, lists and values are replaced by the more special file.
 *
 * @throws {Misconfigured} with file, line and column: no YAML, a file that cannot be read, a circle of `extends`, a
 * variable that is not set
 */
export function composeConfig(file: string, input: ComposeInput): ComposedConfig {
  const layers = layersOf(file, input, []);
  const merged = layers.map(({ document }) => document.value).reduce(merge, {});
  const placeOf = (path: readonly PropertyKey[]) => placeIn(layers, path);
  return {
    value: withVariables(merged, [], input.env, placeOf),
    files: layers.map((layer) => layer.file),
    placeOf,
  };
}

function layersOf(file: string, input: ComposeInput, within: readonly string[]): Layer[] {
  const document = readDocument(textOf(file, input, within), file);
  const { value } = document;
  if (!isMap(value) || value.extends === undefined) return [{ file, document }];
  const { line, column } = document.positionOf(["extends"]);
  const bases = [value.extends].flat();
  const unreadable = bases.find((base) => typeof base !== "string");
  if (unreadable !== undefined) {
    throw new Misconfigured(
      `${file}:${line}:${column}: extends: found ${JSON.stringify(withoutSecrets(unreadable, ["extends"]).value)}, expected the path of a file`,
    );
  }
  const layers = bases.flatMap((base) => {
    const path = isAbsolute(String(base)) ? String(base) : join(dirname(file), String(base));
    if ([...within, file].includes(path)) {
      throw new Misconfigured(`${file}:${line}:${column}: extends: ${path} extends this file already`);
    }
    return layersOf(path, input, [...within, file]);
  });
  return [...layers, { file, document }];
}

function textOf(file: string, { readText }: ComposeInput, within: readonly string[]): string {
  try {
    return readText(file);
  } catch (cause) {
    const reason = messageOf(cause);
    const named = within.at(-1);
    throw new Misconfigured(
      `${file}: cannot be read${named === undefined ? "" : `, and ${named} extends it`}: ${reason}`,
      {
        cause,
      },
    );
  }
}

function merge(base: unknown, special: unknown): unknown {
  if (!isMap(base) || !isMap(special)) return special;
  const { extends: _files, ...own } = special;
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(own)) {
    merged.set(key, merged.has(key) ? merge(merged.get(key), value) : value);
  }
  return Object.fromEntries(merged);
}

/** The most special file that says something at the path, or else at the longest part of it. */
function placeIn(layers: readonly Layer[], path: readonly PropertyKey[]): Place {
  for (let length = path.length; length > 0; length--) {
    const part = path.slice(0, length);
    const layer = layers.findLast(({ document }) => isSaid(document.value, part));
    if (layer) return { file: layer.file, ...layer.document.positionOf(part) };
  }
  return { file: layers.at(-1)?.file ?? "", line: 1, column: 1 };
}

function isSaid(value: unknown, path: readonly PropertyKey[]): boolean {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return false;
    at = Reflect.get(at, key);
  }
  return true;
}

const VARIABLE = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** A value that is a variable and nothing else is read as YAML: a number stays a number. */
function withVariables(
  value: unknown,
  path: readonly string[],
  env: ComposeInput["env"],
  placeOf: ComposedConfig["placeOf"],
): unknown {
  if (typeof value === "string") {
    const replaced = value.replace(VARIABLE, (_, name: string) => {
      const found = env[name];
      if (found !== undefined) return found;
      const { file, line, column } = placeOf(path);
      throw new Misconfigured(
        `${file}:${line}:${column}: ${path.join(".")}: the variable ${name} is not set in the environment`,
      );
    });
    return replaced !== value && value.replace(VARIABLE, "") === "" ? scalarOf(replaced) : replaced;
  }
  if (Array.isArray(value)) {
    return value.map((each, index) => withVariables(each, [...path, String(index)], env, placeOf));
  }
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, withVariables(each, [...path, key], env, placeOf)]),
  );
}

function scalarOf(text: string): unknown {
  const number = /^[-+]?\d+(\.\d+)?$/.test(text);
  // A text with a leading zero, such as an account id, is no number.
  return (number && !/^[-+]?0\d/.test(text)) || text === "true" || text === "false" ? parse(text) : text;
}

const isMap = (value: unknown): value is Entries =>
  typeof value === "object" && value !== null && !Array.isArray(value);
