import * as z from "zod/mini";
import { type Path, parsePath } from "../decode/path.ts";

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
  maximumRetryAttempts: z._default(z.int().check(z.minimum(0), z.maximum(10_000)), 100),
  maximumRecordAgeInSeconds: z._default(z.int().check(z.minimum(60), z.maximum(604_800)), 21_600),
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

export const ingestSchema = z
  .strictObject({
    tables: z._default(z.record(tableName, table), {}),
    streams: z._default(z.record(streamName, stream), {}),
  })
  .check((context) => {
    const { tables, streams } = context.value;
    for (const [name, policy] of Object.entries(streams)) {
      for (const problem of problemsOf(policy, tables)) {
        context.issues.push({
          code: "custom",
          message: problem.expected,
          path: ["streams", name, ...problem.at],
          input: context.value,
        });
      }
    }
  });

export type IngestConfig = z.output<typeof ingestSchema>;
type TableConfig = z.output<typeof table>;
type StreamConfig = z.output<typeof stream>;
export type Mapping = z.output<typeof mapping>;
export type Mode = StreamConfig["mode"];

/** A key attribute and where its value comes from. */
export interface KeyPart {
  readonly attribute: string;
  readonly type: "S" | "N";
  readonly from: Path | "$id";
}

/** What `plan` needs to turn an event of one stream into an item. */
export interface StreamPolicy {
  readonly table: string;
  readonly mode: Mode;
  /** The table's key: the partition key first. */
  readonly key: readonly [KeyPart, ...KeyPart[]];
  /** The event's id; absent in `latest`, where the key says which event is about what. */
  readonly id: Path | undefined;
  readonly withoutId: "position" | "quarantine";
  /** Chosen fields by their attribute; absent: the whole event. */
  readonly fields: readonly { readonly attribute: string; readonly from: Path }[] | undefined;
  readonly timeToLive:
    | {
        readonly attribute: string;
        readonly from: Path;
        readonly format: "iso" | "seconds" | "milliseconds";
        readonly seconds: number;
      }
    | undefined;
  /** Only in `latest`. */
  readonly version:
    | { readonly attribute: string; readonly from: Path | "$sequence"; readonly format: "number" | "iso" }
    | undefined;
}

/** The policy of `stream`, or `undefined` if the config has none for it. */
export function policyFor(config: IngestConfig, stream: string): StreamPolicy | undefined {
  if (!Object.hasOwn(config.streams, stream)) return undefined;
  const policy = config.streams[stream];
  const tableConfig = policy && config.tables[policy.table];
  if (policy === undefined || tableConfig === undefined) return undefined;
  const sources = keySources(policy, tableConfig);
  return {
    table: policy.table,
    mode: policy.mode,
    key: keyParts(tableConfig, sources),
    id: policy.mode === "latest" ? undefined : parsePath(policy.id),
    withoutId: policy.mode === "latest" ? "quarantine" : policy.withoutId,
    fields:
      policy.fields &&
      Object.entries(policy.fields).map(([attribute, from]) => ({ attribute, from: parsePath(from) })),
    timeToLive: policy.timeToLive && {
      attribute: tableConfig.timeToLive,
      from: parsePath(policy.timeToLive.from),
      format: policy.timeToLive.format,
      seconds: Math.round(policy.timeToLive.days * 86_400),
    },
    version:
      policy.mode === "latest"
        ? {
            attribute: policy.version.attribute,
            from: policy.version.from === "$sequence" ? "$sequence" : parsePath(policy.version.from),
            format: policy.version.format,
          }
        : undefined,
  };
}

interface KeyAttribute {
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

function keyParts(
  tableConfig: TableConfig,
  sources: Readonly<Record<string, string>>,
): readonly [KeyPart, ...KeyPart[]] {
  const partOf = ({ name, type }: KeyAttribute): KeyPart => ({
    attribute: name,
    type: type === "number" ? "N" : "S",
    from: sources[name] === "$id" ? "$id" : parsePath(sources[name] ?? name),
  });
  const [partition, ...sort] = keyAttributes(tableConfig);
  return [partOf(partition), ...sort.map(partOf)];
}

/** Where each key attribute comes from. By default a log's partition key is the event's id. */
function keySources(policy: StreamConfig, tableConfig: TableConfig): Readonly<Record<string, string>> {
  if (policy.key !== undefined) return policy.key;
  const [partition] = keyAttributes(tableConfig);
  return partition === undefined ? {} : { [partition.name]: "$id" };
}

interface Fault {
  /** Below `streams.<name>`. */
  readonly at: readonly string[];
  readonly expected: string;
}

/** What no single key can show to be wrong: the stream's policy against its table's key, and its own names. */
function problemsOf(policy: StreamConfig, tables: Readonly<Record<string, TableConfig>>): Fault[] {
  const tableConfig = Object.hasOwn(tables, policy.table) ? tables[policy.table] : undefined;
  if (tableConfig === undefined) {
    const known = Object.keys(tables).join(" or ") || "a table, but ingest.tables has none";
    return [{ at: ["table"], expected: `a table of ingest.tables: ${known}` }];
  }
  const faults: Fault[] = [];
  const key = keyAttributes(tableConfig).map(({ name }) => name);
  const sources = keySources(policy, tableConfig);

  for (const attribute of Object.keys(sources)) {
    if (key.includes(attribute)) continue;
    const expected = `a key attribute of ${policy.table}: ${key.join(" or ")}`;
    faults.push({ at: ["key", attribute], expected });
  }
  for (const attribute of key) {
    if (Object.hasOwn(sources, attribute)) continue;
    const expected = `where the key attribute ${attribute} of ${policy.table} comes from`;
    faults.push({ at: ["key", attribute], expected });
  }
  if (policy.mode !== "latest" && !Object.values(sources).includes("$id")) {
    const expected =
      "$id as one of the key's sources: without it, events with different ids overwrite each other";
    faults.push({ at: ["key"], expected });
  }

  const written = new Set(key);
  if (policy.timeToLive !== undefined) written.add(tableConfig.timeToLive);
  if (policy.mode === "latest") {
    if (written.has(policy.version.attribute)) {
      const expected = "an attribute that is neither a key nor the time to live";
      faults.push({ at: ["version", "attribute"], expected });
    }
    written.add(policy.version.attribute);
    if (policy.version.from === "$sequence" && policy.version.format === "iso") {
      faults.push({ at: ["version", "format"], expected: "no format for $sequence" });
    }
  }
  for (const attribute of Object.keys(policy.fields ?? {})) {
    if (!written.has(attribute)) continue;
    const expected = `another name: the attribute ${attribute} is written as key, version or time to live`;
    faults.push({ at: ["fields", attribute], expected });
  }
  return faults;
}
