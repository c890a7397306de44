import * as z from "zod/mini";
import { BadPattern, compilePattern } from "../../../shared/triggers/event-pattern.ts";
import { constant, path, source } from "./source.ts";

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

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html */
const pattern = z.record(z.string(), z.unknown()).check((context) => {
  try {
    compilePattern(context.value);
  } catch (error) {
    if (!(error instanceof BadPattern)) throw error;
    context.issues.push({
      code: "custom",
      message: `an event pattern: ${error.message}`,
      input: context.value,
    });
  }
});

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html */
const indexName = z
  .string()
  .check(z.regex(/^[a-zA-Z0-9_.-]{3,255}$/, "3 to 255 letters, digits, dots, hyphens and underscores"));

const keyAttribute = z.union([
  attributeName,
  z.strictObject({ name: attributeName, type: z._default(z.enum(["string", "number", "binary"]), "string") }),
]);

const arn = z.string().check(z.regex(/^arn:[^:]+:[a-z0-9-]+:[^:]*:[0-9]*:.+$/, "an ARN"));
const roleArn = z
  .string()
  .check(
    z.regex(/^arn:[^:]+:iam::[0-9]{12}:role\/.+$/, "the ARN of a role: arn:aws:iam::<account>:role/<name>"),
  );
const units = z.int().check(z.minimum(1));

const projection = z._default(
  z.union([z.enum(["ALL", "KEYS_ONLY"]), z.array(attributeName).check(z.minLength(1))]),
  "ALL",
);

const table = z.strictObject({
  partitionKey: keyAttribute,
  sortKey: z.optional(keyAttribute),
  timeToLive: z._default(attributeName, "expiresAt"),
  deletionProtection: z._default(z.boolean(), false),
  /** The table is there already: the stack only writes it. */
  existing: z._default(z.boolean(), false),
  /** Of a table in another account: the role there that may write it. */
  roleArn: z.optional(roleArn),
  globalIndexes: z.optional(
    z.record(
      indexName,
      z.strictObject({ partitionKey: keyAttribute, sortKey: z.optional(keyAttribute), projection }),
    ),
  ),
  localIndexes: z.optional(z.record(indexName, z.strictObject({ sortKey: keyAttribute, projection }))),
  stream: z.optional(z.enum(["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])),
  kmsKeyArn: z.optional(arn),
  tags: z.optional(z.record(z.string(), z.string())),
  tableClass: z.optional(z.enum(["STANDARD", "STANDARD_INFREQUENT_ACCESS"])),
  maximumReadUnits: z.optional(units),
  maximumWriteUnits: z.optional(units),
  warmThroughput: z.optional(z.strictObject({ readUnits: units, writeUnits: units })),
});

/**
 * How Lambda reads the stream; AWS's own names and limits. The defaults are this project's. Tumbling windows are left
 * out: they hand state from one invocation to the next, and landing an event needs none.
 */
const mapping = z.strictObject({
  startingPosition: z._default(
    z.union([z.enum(["TRIM_HORIZON", "LATEST"]), z.strictObject({ at: z.iso.datetime({ offset: true }) })]),
    "TRIM_HORIZON",
  ),
  batchSize: z._default(z.int().check(z.minimum(1), z.maximum(10_000)), 1000),
  maximumBatchingWindowInSeconds: z._default(z.int().check(z.minimum(0), z.maximum(300)), 1),
  parallelizationFactor: z._default(z.int().check(z.minimum(1), z.maximum(10)), 1),
  /** -1: until the record's age ends it, so that the time to repair something is the age alone. */
  maximumRetryAttempts: z._default(z.int().check(z.minimum(-1), z.maximum(10_000)), -1),
  maximumRecordAgeInSeconds: z._default(
    z.union([z.literal(-1), z.int().check(z.minimum(60), z.maximum(604_800))]),
    21_600,
  ),
  /** Reads through a consumer of its own, with a throughput of its own. */
  enhancedFanOut: z._default(z.boolean(), false),
  /** Of a stream in another account or region. */
  streamArn: z.optional(arn),
  /** Of a stream that is encrypted with a key of your own. */
  kmsKeyArn: z.optional(arn),
  /** Event patterns on the records' data: Lambda drops what matches none before it invokes the function. */
  filterPatterns: z.optional(z.array(pattern).check(z.minLength(1), z.maxLength(5))),
});

/** As Lambda is given one of `filterPatterns`. */
export const filterPattern = (data: Readonly<Record<string, unknown>>): string => JSON.stringify({ data });

const timeFormat = z.enum(["iso", "seconds", "milliseconds"]);

/** A time that is stored in another format. */
const time = z.strictObject({ from: source, format: z._default(timeFormat, "iso"), as: timeFormat });

const timeToLive = z.strictObject({
  from: source,
  format: z._default(timeFormat, "iso"),
  days: z.number().check(z.positive()),
});

const version = z.strictObject({
  /** Several are compared one after the other: the second where the first is the same, and so on. */
  from: z.union([source, z.array(source).check(z.minLength(2), z.maxLength(4))]),
  format: z._default(z.enum(["number", "iso"]), "number"),
  attribute: z._default(attributeName, "_version"),
  tieBreak: z.optional(z.enum(["sequence", "none"])),
});

/** How an event becomes an item of one table. */
const landing = {
  table: z.string(),
  fields: z.optional(z.record(attributeName, z.union([source, constant, time]))),
  required: z._default(z.array(source), []),
  timeToLive: z.optional(timeToLive),
};

const log = {
  ...landing,
  id: source,
  withoutId: z._default(z.enum(["position", "quarantine"]), "position"),
  key: z.optional(z.record(attributeName, z.union([z.literal("$id"), source]))),
};

const state = {
  ...landing,
  key: z.record(attributeName, source),
  version,
  /** Which events delete the item, and how long its tombstone is kept; 0: there is none. */
  deletes: z.optional(
    z.strictObject({ when: z.optional(pattern), keepDays: z.optional(z.number().check(z.nonnegative())) }),
  ),
};

/** How a stream is read. */
const reading = {
  format: z._default(z.enum(["json", "cloudwatch-logs", "dynamodb-stream", "debezium"]), "json"),
  explode: z.optional(z.union([z.enum(["lines", "array"]), path])),
  producerTrace: z.optional(source),
  mapping: z._default(mapping, mapping.parse({})),
};

const when = { when: z.optional(pattern) };

const route = z.discriminatedUnion(
  "mode",
  [
    z.strictObject({ mode: z.literal("append"), ...log, ...when }),
    z.strictObject({ mode: z.literal("append-once"), ...log, ...when }),
    z.strictObject({ mode: z.literal("latest"), ...state, ...when }),
    z.strictObject({ mode: z.literal("drop"), ...when }),
  ],
  { error: '"append", "append-once", "latest" or "drop"' },
);

const stream = z.discriminatedUnion(
  "mode",
  [
    z.strictObject({ mode: z.literal("append"), ...log, ...reading }),
    z.strictObject({ mode: z.literal("append-once"), ...log, ...reading }),
    z.strictObject({ mode: z.literal("latest"), ...state, ...reading }),
    z.strictObject({ mode: z.literal("route"), routes: z.array(route).check(z.minLength(1)), ...reading }),
  ],
  { error: '"append", "append-once", "latest" or "route"' },
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
type Route = z.output<typeof route>;
/** How the events of a stream, or of one of its routes, become items of one table. */
export type LandingConfig = Exclude<Route, { mode: "drop" }>;
export type Mapping = z.output<typeof mapping>;
export type Mode = LandingConfig["mode"];

export interface KeyAttribute {
  readonly name: string;
  readonly type: "string" | "number" | "binary";
}

/** The table's key attributes, the partition key first. */
export function keyAttributes({
  partitionKey,
  sortKey,
}: TableConfig): readonly [KeyAttribute, ...KeyAttribute[]] {
  const partition = keyAttributeOf(partitionKey);
  return sortKey === undefined ? [partition] : [partition, keyAttributeOf(sortKey)];
}

/** The key of an index: what it has of a partition key and a sort key. */
export function indexKeys(index: {
  readonly partitionKey?: z.output<typeof keyAttribute>;
  readonly sortKey?: z.output<typeof keyAttribute> | undefined;
}): readonly KeyAttribute[] {
  return [index.partitionKey, index.sortKey].filter((key) => key !== undefined).map(keyAttributeOf);
}

function keyAttributeOf(config: z.output<typeof keyAttribute>): KeyAttribute {
  return typeof config === "string" ? { name: config, type: "string" } : config;
}

/** The ways a stream's events become items, each with its place below the stream. */
export function landingsOf(
  stream: StreamConfig,
): readonly { readonly at: readonly string[]; readonly landing: LandingConfig }[] {
  if (stream.mode !== "route") return [{ at: [], landing: stream }];
  return stream.routes.flatMap((landing, index) =>
    landing.mode === "drop" ? [] : [{ at: ["routes", String(index)], landing }],
  );
}

/** The names of the tables that landings of this kind write, each once. */
export function tablesOf(
  { streams }: IngestConfig,
  isMeant: (landing: LandingConfig) => boolean = () => true,
): readonly string[] {
  const landings = Object.values(streams).flatMap(landingsOf);
  return [...new Set(landings.flatMap(({ landing }) => (isMeant(landing) ? [landing.table] : [])))];
}

/** Where each key attribute comes from. By default a log's partition key is the event's id. */
export function keySources(
  policy: LandingConfig,
  tableConfig: TableConfig,
): Readonly<Record<string, string>> {
  if (policy.key !== undefined) return policy.key;
  const [partition] = keyAttributes(tableConfig);
  return partition === undefined ? {} : { [partition.name]: "$id" };
}
