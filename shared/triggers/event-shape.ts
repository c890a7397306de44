import type * as z from "zod/mini";
import { Misconfigured } from "../lambda/errors.ts";

/** An event that is an object, before anything is known of its shape. */
export type UnknownEvent = Readonly<Record<string, unknown>>;

/** What the first form that knows the event makes of it; undefined when it is no object, or none knows it. */
export function decodeByForm<T>(
  event: unknown,
  forms: readonly ((event: UnknownEvent) => T | undefined)[],
): T | undefined {
  const seen: UnknownEvent = typeof event === "object" ? { ...event } : {};
  for (const form of forms) {
    const decoded = form(seen);
    if (decoded !== undefined) return decoded;
  }
  return undefined;
}

/** What an event looks like, for an error message: never its values, which may be secret. */
export function describeEvent(event: unknown): string {
  if (event === null || typeof event !== "object") return `a ${event === null ? "null" : typeof event}`;
  if (Array.isArray(event)) return `a list of ${event.length}`;
  const seen: UnknownEvent = { ...event };
  const parts = [`keys: ${Object.keys(seen).join(", ") || "none"}`];
  for (const key of ["source", "detail-type", "Type"]) {
    if (typeof seen[key] === "string") parts.push(`${key} "${seen[key]}"`);
  }
  const sender = senderOf(seen.Records);
  if (sender) parts.push(`records from "${sender}"`);
  return parts.join("; ");
}

/** `aws:s3`, `aws:kinesis`: which service an event with records came from. */
export function senderOf(records: unknown): string | undefined {
  const first: unknown = Array.isArray(records) ? records[0] : undefined;
  const { eventSource, EventSource = eventSource }: UnknownEvent =
    typeof first === "object" ? { ...first } : {};
  return typeof EventSource === "string" ? EventSource : undefined;
}

/** Parses `value` by `schema`; the error names the shape and each place that is wrong. */
export function parseAs<S extends z.ZodMiniType>(schema: S, value: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map(
    (issue) => `${issue.path.join(".") || "the whole"}: ${issue.message}`,
  );
  throw new Misconfigured(
    `${what} is not of the documented form (${places.join("; ")}): nothing was looked at`,
  );
}

/** Milliseconds since the epoch from AWS's times; `2022-07-14T19:06:51.921+0000` lacks the colon of ISO 8601. */
export function parseTime(text: string, what: string): number {
  const ms = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  if (Number.isNaN(ms)) throw new Misconfigured(`${what} has the time "${text}", which is no ISO 8601 time`);
  return ms;
}
