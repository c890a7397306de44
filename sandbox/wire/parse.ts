import * as z from "zod/mini";
import { AwsError } from "./error.ts";

/**
 * Parses an operation's input or a resource's properties.
 *
 * @throws {AwsError} with `code`, naming every place that is wrong, what was found and what was expected
 */
export function parse<Schema extends z.core.$ZodType>(
  schema: Schema,
  input: unknown,
  code = "ValidationError",
): z.core.output<Schema> {
  const result = z.safeParse(schema, input);
  if (result.success) return result.data;
  throw new AwsError(code, result.error.issues.map((issue) => describe(issue, input)).join("; "));
}

function describe(issue: z.core.$ZodIssue, input: unknown): string {
  const path = issue.path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  const found = JSON.stringify(at(input, issue.path)) ?? "nothing";
  return `${path.replace(/^\./, "") || "the input"}: found ${found.slice(0, 200)}, ${expectation(issue)}`;
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return `expected ${issue.expected}`;
  if (issue.code === "invalid_value") return `expected one of ${issue.values.join(", ")}`;
  if (issue.code === "too_small") return `expected ${issue.minimum} or more${unitOf(issue.origin)}`;
  if (issue.code === "too_big") return `expected ${issue.maximum} or less${unitOf(issue.origin)}`;
  return issue.message;
}

function unitOf(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" ? " entries" : "";
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
