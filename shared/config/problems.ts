import type * as z from "zod/mini";
import { keyWithoutSecrets, withoutSecrets } from "../secrets/clear-secrets.ts";
import type { ConfigFile } from "./file.ts";
import { knownKeys } from "./known-keys.ts";
import { proposal } from "./nearest.ts";

type Issue = z.core.$ZodIssue;

/** What a section was read from, for messages. */
export interface SectionSource {
  readonly raw: unknown;
  readonly section: string;
  readonly schema: z.core.$ZodType;
  readonly placeOf: ConfigFile["placeOf"];
}

/**
 * Every issue as `place: path: found …, expected …`, with the value found at that path. What looks like a credential is
 * not quoted, and no sentence of a schema repeats it.
 */
export function problemsOf(error: z.core.$ZodError, source: SectionSource): string[] {
  return error.issues.flatMap((issue) => problem(issue, source));
}

function problem(issue: Issue, { raw, section, schema, placeOf }: SectionSource): string[] {
  const path = [section, ...issue.path];
  const where = path.map((key) => keyWithoutSecrets(String(key))).join(".");
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(schema, issue.path);
    return issue.keys.map(
      (key) =>
        `${placeOf([...path, key])}: ${where}.${keyWithoutSecrets(key)}: is no key here, ${proposal(key, known)}`,
    );
  }
  const place = placeOf(path);
  // A key that another tool has: the schema says what stands for it here.
  if (issue.code === "custom" && issue.params?.isUnknownKey) {
    return [`${place}: ${where}: is no key here, ${issue.message}`];
  }
  if (issue.code === "invalid_key") {
    const [first] = issue.issues;
    return [`${place}: ${where}: the name is not allowed, expected ${first ? expected(first) : "another"}`];
  }
  const found = valueAt(raw, issue.path);
  if (found === undefined) return [`${place}: ${where}: is missing, expected ${expected(issue)}`];
  if (found === null) return [`${place}: ${where}: is empty, expected ${expected(issue)}`];
  const quotable = withoutSecrets(found, path);
  return [`${place}: ${where}: found ${shown(quotable.value)}, expected ${quotable.hideIn(expected(issue))}`];
}

/** A type as the writer of a config calls it. */
const TYPES: Readonly<Record<string, string>> = {
  int: "a whole number",
  object: "keys with values",
  record: "keys with values",
  array: "a list",
  string: "a text",
  boolean: "true or false",
};

function expected(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      if (issue.message !== "Invalid input") return issue.message;
      return TYPES[issue.expected] ?? withArticle(issue.expected);
    case "invalid_value":
      return issue.values.map((value) => JSON.stringify(value)).join(" or ");
    case "too_small":
      return `${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}${unit(issue.origin)}`;
    case "too_big":
      return `${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}${unit(issue.origin)}`;
    case "invalid_format":
      return issue.message === "Invalid input" ? formatOf(issue) : issue.message;
    case "invalid_union":
      return issue.message === "Invalid input" ? unionExpected(issue) : issue.message;
    default:
      return issue.message;
  }
}

function formatOf(issue: Extract<Issue, { code: "invalid_format" }>): string {
  if (issue.format === "email") return "a mail address";
  return issue.format === "regex" ? `what matches ${issue.pattern}` : `the format ${issue.format}`;
}

function unionExpected(issue: Extract<Issue, { code: "invalid_union" }>): string {
  const alternatives = issue.errors.flatMap((issues) => {
    const [first] = issues;
    return first
      ? [first.path.length > 0 ? `${first.path.map(String).join(".")}: ${expected(first)}` : expected(first)]
      : [];
  });
  return [...new Set(alternatives)].join(" or ") || issue.message;
}

function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
}

function unit(origin: string): string {
  if (origin === "string") return " characters";
  if (origin === "array") return " entries";
  return "";
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let value = raw;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** A value as it stands in the file, short enough for one line. */
function shown(value: unknown): string {
  // JSON has no .inf and no .nan.
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
