import { ExactNumber } from "./decimal.ts";
import type { JsonValue } from "./json.ts";

/** Where a value stands in an event: `["sender", "login"]`. A whole number picks from a list. */
export type Path = readonly string[];

/** `sender.login` as its steps; `\.` is a dot in a name. */
export function parsePath(text: string): Path {
  return (text.match(/(?:[^.\\]|\\.)+/g) ?? []).map((step) => step.replace(/\\(.)/g, "$1"));
}

/** The value at `path`, or `undefined` if the event has none there. Looks at the event's own members only. */
export function valueAt(event: JsonValue, path: Path): JsonValue | undefined {
  let value: JsonValue | undefined = event;
  for (const step of path) {
    if (typeof value !== "object" || value === null || value instanceof ExactNumber) return undefined;
    if (Array.isArray(value)) value = LIST_INDEX.test(step) ? value[Number(step)] : undefined;
    else value = Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value;
}

const LIST_INDEX = /^[0-9]+$/;
