import * as z from "zod/mini";

/**
 * The section `ingest` of `config/<stage>.yml`: the tables this service owns, and for each stream how its
 * events become items of one of them. Every key, its default and its meaning: README.md.
 */

/** A DynamoDB attribute's name, as far as it may be a key or one of ours. */
const attributeName = z.string().check(
  z.minLength(1),
  z.maxLength(255),
  z.refine((name) => name !== "__proto__", "a name other than __proto__"),
);

const STEP = "[^.$]+";
const path = z
  .string()
  .check(z.regex(new RegExp(`^${STEP}(\\.${STEP})*$`), "a path in the event, such as sender.login"));

const keyAttribute = z.union([
  attributeName,
  z.strictObject({ name: attributeName, type: z._default(z.enum(["string", "number"]), "string") }),
]);

const table = z.strictObject({
  partitionKey: keyAttribute,
  sortKey: z.optional(keyAttribute),
  timeToLive: z._default(attributeName, "expiresAt"),
  deletionProtection: z._default(z.boolean(), false),
});

/** How Lambda reads the stream; AWS's own names and limits. The defaults are this project's. */
const mapping = z.strictObject({
  startingPosition: z._default(z.enum(["TRIM_HORIZON", "LATEST"]), "TRIM_HORIZON"),
  batchSize: z._default(z.int().check(z.minimum(1), z.maximum(10_000)), 1000),
  maximumBatchingWindowInSeconds: z._default(z.int().check(z.minimum(0), z.maximum(300)), 1),
  parallelizationFactor: z._default(z.int().check(z.minimum(1), z.maximum(10)), 1),
  /** -1: until the record's age ends it, so that the time to repair something is the age alone. */
  maximumRetryAttempts: z._default(z.int().check(z.minimum(-1), z.maximum(10_000)), -1),
  maximumRecordAgeInSeconds: z._default(
    z.union([z.literal(-1), z.int().check(z.minimum(60), z.maximum(604_800))]),
    21_600,
  ),
});

const timeToLive = z.strictObject({
  from: path,
  format: z._default(z.enum(["iso", "seconds", "milliseconds"]), "iso"),
  days: z.number().check(z.positive()),
});

const version = z.strictObject({
  from: z.union([z.literal("$sequence"), path]),
  format: z._default(z.enum(["number", "iso"]), "number"),
  attribute: z._default(attributeName, "_version"),
});

const common = {
  table: z.string(),
  fields: z.optional(z.record(attributeName, path)),
  timeToLive: z.optional(timeToLive),
  mapping: z._default(mapping, mapping.parse({})),
};

const log = {
  ...common,
  id: path,
  withoutId: z._default(z.enum(["position", "quarantine"]), "position"),
  key: z.optional(z.record(attributeName, z.union([z.literal("$id"), path]))),
};

const stream = z.discriminatedUnion(
  "mode",
  [
    z.strictObject({ mode: z.literal("append"), ...log }),
    z.strictObject({ mode: z.literal("append-once"), ...log }),
    z.strictObject({ mode: z.literal("latest"), ...common, key: z.record(attributeName, path), version }),
  ],
  { error: '"append", "append-once" or "latest"' },
);

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html */
const tableName = z
  .string()
  .check(z.regex(/^[a-zA-Z0-9_.-]{3,255}$/, "3 to 255 letters, digits, dots, hyphens and underscores"));
/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html */
const streamName = z
  .string()
  .check(z.regex(/^[a-zA-Z0-9_.-]{1,128}$/, "1 to 128 letters, digits, dots, hyphens and underscores"));

/** The section by itself; what no single key can show to be wrong is in problems.ts. */
export const ingestShape = z.strictObject({
  tables: z._default(z.record(tableName, table), {}),
  streams: z._default(z.record(streamName, stream), {}),
});

export type IngestConfig = z.output<typeof ingestShape>;
export type TableConfig = z.output<typeof table>;
export type StreamConfig = z.output<typeof stream>;
export type Mapping = z.output<typeof mapping>;
export type Mode = StreamConfig["mode"];

export interface KeyAttribute {
  readonly name: string;
  readonly type: "string" | "number";
}

/** The table's key attributes, the partition key first. */
export function keyAttributes({
  partitionKey,
  sortKey,
}: TableConfig): readonly [KeyAttribute, ...KeyAttribute[]] {
  const partition = keyAttributeOf(partitionKey);
  return sortKey === undefined ? [partition] : [partition, keyAttributeOf(sortKey)];
}

function keyAttributeOf(config: z.output<typeof keyAttribute>): KeyAttribute {
  return typeof config === "string" ? { name: config, type: "string" } : config;
}

/** Where each key attribute comes from. By default a log's partition key is the event's id. */
export function keySources(policy: StreamConfig, tableConfig: TableConfig): Readonly<Record<string, string>> {
  if (policy.key !== undefined) return policy.key;
  const [partition] = keyAttributes(tableConfig);
  return partition === undefined ? {} : { [partition.name]: "$id" };
}
