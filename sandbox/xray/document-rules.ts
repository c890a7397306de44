import * as z from "zod/mini";

/**
 * The rules for segment documents, as X-Ray documents them. X-Ray itself takes some documents that break one and
 * loses a part of them, or drops the document in silence; here every breach is named.
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
 */

/** X-Ray takes documents of up to 64 KB. */
export const LARGEST_BYTES = 64 * 1024;

/** "Unicode letters, numbers, and whitespace, and the following symbols"; up to 200 characters. */
const name = z.string().check(z.regex(/^[\p{L}\p{N}\s_.:/%&#=+\\\-@]{1,200}$/u));
const id = z.string().check(z.regex(/^[0-9a-f]{16}$/));
const traceId = z.string().check(z.regex(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/));

/** Seconds since the epoch, with a fraction: milliseconds would be in the year 50,000 and more. */
const time = z.number().check(z.minimum(1_000_000_000), z.maximum(10_000_000_000));

const whole = z.number().check(z.int(), z.nonnegative());
const flag = z.optional(z.boolean());
const text = z.optional(z.string());

/** "Keys must be alphanumeric ... You can use underscore." Values: "up to 1,000 Unicode characters". */
const annotations = z.record(
  z.string().check(z.regex(/^[A-Za-z0-9_]{1,500}$/)),
  z.union([z.string().check(z.maxLength(1000)), z.number(), z.boolean()]),
);
const MOST_ANNOTATIONS = 50;

const frame = z.strictObject({ path: text, line: z.optional(whole), label: text });

const exception = z.strictObject({
  id,
  message: text,
  type: text,
  remote: flag,
  truncated: z.optional(whole),
  skipped: z.optional(whole),
  cause: z.optional(id),
  stack: z.optional(z.array(frame)),
});

const http = z.strictObject({
  request: z.optional(
    z.strictObject({
      method: text,
      url: text,
      user_agent: text,
      client_ip: text,
      x_forwarded_for: flag,
      traced: flag,
    }),
  ),
  response: z.optional(z.strictObject({ status: z.optional(whole), content_length: z.optional(whole) })),
});

/** Those of calls, and what Lambda writes on its own segments. `retries` is the SDKs' own. */
const aws = z.strictObject({
  account_id: text,
  region: text,
  operation: text,
  request_id: text,
  queue_url: text,
  table_name: text,
  retries: z.optional(whole),
  function_arn: text,
});

const common = {
  id,
  name,
  start_time: time,
  end_time: z.optional(time),
  in_progress: flag,
  annotations: z.optional(annotations),
  metadata: z.optional(z.record(z.string(), z.unknown())),
  http: z.optional(http),
  aws: z.optional(aws),
  error: flag,
  fault: flag,
  throttle: flag,
  cause: z.optional(
    z.union([
      id,
      z.strictObject({
        working_directory: text,
        paths: z.optional(z.array(z.string())),
        exceptions: z.optional(z.array(exception)),
      }),
    ]),
  ),
};

/** What is nested is looked at one by one. */
const subsegments = z.optional(z.array(z.unknown()));

const inner = {
  ...common,
  subsegments,
  namespace: z.optional(z.enum(["aws", "remote"])),
  precursor_ids: z.optional(z.array(id)),
};

const nested = z.strictObject({ ...inner, type: z.optional(z.literal("subsegment")) });

/** A subsegment that is sent on its own says whose it is. */
const subsegment = z.strictObject({
  ...inner,
  type: z.literal("subsegment"),
  trace_id: traceId,
  parent_id: id,
});

const segment = z.strictObject({
  ...common,
  subsegments,
  trace_id: traceId,
  parent_id: z.optional(id),
  origin: text,
  user: text,
  service: z.optional(z.strictObject({ version: text })),
});

/** The rules a document breaks, each with its place; none for a good one. */
export function breachesOf(document: string): string[] {
  const bytes = Buffer.byteLength(document);
  const tooLarge = bytes > LARGEST_BYTES ? [`it has ${bytes} bytes, X-Ray takes ${LARGEST_BYTES}`] : [];
  const json = asObject(document);
  if (!json) return [...tooLarge, "it is no JSON object"];
  return [...tooLarge, ...breachesIn(json, "type" in json ? subsegment : segment, [])];
}

function breachesIn(
  given: Readonly<Record<string, unknown>>,
  schema: z.ZodMiniType,
  place: readonly (string | number)[],
): string[] {
  const parsed = schema.safeParse(given);
  const fields = parsed.success
    ? []
    : parsed.error.issues.map((issue) => {
        const unknown = issue.code === "unrecognized_keys" ? ` ${issue.keys.join(", ")}` : "";
        return `${at([...place, ...issue.path])}: ${issue.code}${unknown}`;
      });
  const within = Array.isArray(given.subsegments) ? given.subsegments : [];
  return [
    ...fields,
    ...betweenFields(given).map((breach) => `${at(place)}: ${breach}`),
    ...within.flatMap((child: unknown, index) =>
      typeof child === "object" && child !== null
        ? breachesIn({ ...child }, nested, [...place, "subsegments", index])
        : [],
    ),
  ];
}

function betweenFields({
  end_time: end,
  start_time: start,
  in_progress: running,
  annotations: marks,
}: Readonly<Record<string, unknown>>): string[] {
  const isOpen = running === true;
  const endsBefore = typeof end === "number" && typeof start === "number" && end < start;
  return [
    ...(isOpen === (end !== undefined) ? ["it needs either end_time or in_progress"] : []),
    ...(endsBefore ? ["it ends before it starts"] : []),
    ...(Object.keys(marks ?? {}).length > MOST_ANNOTATIONS
      ? [`more than ${MOST_ANNOTATIONS} annotations`]
      : []),
  ];
}

function at(place: readonly PropertyKey[]): string {
  return place.map(String).join(".") || "the document";
}

function asObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null && !Array.isArray(json) ? { ...json } : undefined;
  } catch {
    return undefined;
  }
}
