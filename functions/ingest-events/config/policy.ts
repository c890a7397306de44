import { compilePattern, type Matches } from "../../../shared/triggers/event-pattern.ts";
import type { RecordFormat } from "../decode/decode.ts";
import type { TimeFormat } from "../decode/event-time.ts";
import { parsePath } from "../decode/path.ts";
import type { TimeConversion } from "../decode/time-format.ts";
import { problemsOf } from "./problems.ts";
import { reservedAttributes } from "./reserved.ts";
import {
  type IngestConfig,
  ingestShape,
  type KeyAttribute,
  keyAttributes,
  keySources,
  type LandingConfig,
  type Mode,
  type StreamConfig,
  type TableConfig,
} from "./schema.ts";
import { isOfPlace, parseSource, type Source } from "./source.ts";

/** The section `ingest` of the config, checked as a whole. */
export const ingestSchema = ingestShape.check((context) => {
  for (const { at, expected } of problemsOf(context.value)) {
    context.issues.push({ code: "custom", message: expected, path: [...at], input: context.value });
  }
});

/** Of a key attribute: a text, a number, or bytes, which an event has in base64. */
export type KeyType = "S" | "N" | "B";

const KEY_TYPES: Readonly<Record<KeyAttribute["type"], KeyType>> = { string: "S", number: "N", binary: "B" };

/** A key attribute and where its value comes from. */
export interface KeyPart {
  readonly attribute: string;
  readonly type: KeyType;
  readonly from: Source | "$id";
}

/** Where the version of an event comes from, and how two are compared. */
export interface VersionPolicy {
  readonly attribute: string;
  /** One after the other. */
  readonly from: readonly [Source, ...Source[]];
  readonly format: "number" | "iso";
  /** Of two with one version, the one that is later in its shard is the later one. */
  readonly tieBreak: boolean;
}

/** What `plan` needs to turn an event into an item of one table. */
export interface StreamPolicy {
  readonly table: string;
  /** Of the role that may write the table, if that is in another account. */
  readonly roleArn: string | undefined;
  readonly mode: Mode;
  /** The table's key: the partition key first. */
  readonly key: readonly [KeyPart, ...KeyPart[]];
  /** The event's id; absent in `latest`, where the key says which event is about what. */
  readonly id: Source | undefined;
  readonly withoutId: "position" | "quarantine";
  /** Attributes that only the policy may write: an event with a member of that name cannot be stored whole. */
  readonly reserved: readonly string[];
  /** Attributes that say where a record stood: they do not make two events different. */
  readonly ofPlace: readonly string[];
  /** Chosen fields by their attribute; absent: the whole event. */
  readonly fields: readonly FieldPolicy[] | undefined;
  /** An event that has no value for one of these is quarantined. */
  readonly required: readonly Source[];
  readonly timeToLive:
    | {
        readonly attribute: string;
        readonly from: Source;
        readonly format: TimeFormat;
        readonly seconds: number;
      }
    | undefined;
  /** Only in `latest`. */
  readonly version: VersionPolicy | undefined;
  /** Only in `latest`. */
  readonly deletes: DeletePolicy | undefined;
}

/** One chosen field. */
export interface FieldPolicy {
  readonly attribute: string;
  readonly from: Source;
  /** A time that is stored in another format. */
  readonly time?: TimeConversion;
}

export interface DeletePolicy {
  /** Which events delete; absent: those that the format calls deletes. */
  readonly when: Matches | undefined;
  /** What stands in the table after a delete: a tombstone with the version, or no item at all. */
  readonly leaves: "tombstone" | "nothing";
  /** When DynamoDB deletes the tombstone. */
  readonly expiry: { readonly attribute: string; readonly seconds: number } | undefined;
}

/** One way for the events of a stream. */
export interface Route {
  /** Absent: every event. */
  readonly when: Matches | undefined;
  /** Absent: the events are dropped. */
  readonly policy: StreamPolicy | undefined;
}

/** All that the function needs to know of one stream. */
export interface StreamLanding {
  readonly format: RecordFormat;
  readonly routes: readonly Route[];
  /** Where an event has its producer's trace header. */
  readonly producerTrace?: Source | undefined;
}

/** How the events of `stream` are landed, or `undefined` if the config has none for it. */
export function landingFor(config: IngestConfig, stream: string): StreamLanding | undefined {
  const found = Object.hasOwn(config.streams, stream) ? config.streams[stream] : undefined;
  if (found === undefined) return undefined;
  const producerTrace = found.producerTrace === undefined ? undefined : parseSource(found.producerTrace);
  return { format: formatOf(found), routes: routesOf(config, found), producerTrace };
}

function formatOf({ format, explode }: StreamConfig): RecordFormat {
  if (explode === undefined || explode === "lines" || explode === "array") return { format, explode };
  return { format, explode: parsePath(explode) };
}

function routesOf(config: IngestConfig, stream: StreamConfig): readonly Route[] {
  if (stream.mode !== "route") return [{ when: undefined, policy: policyFor(config, stream) }];
  return stream.routes.map((route) => ({
    when: route.when && compilePattern(route.when),
    policy: route.mode === "drop" ? undefined : policyFor(config, route),
  }));
}

/** @throws {Error} for a table that the config does not have: its check refuses that before. */
function policyFor(config: IngestConfig, landing: LandingConfig): StreamPolicy {
  const table = config.tables[landing.table];
  if (table === undefined) throw new Error(`ingest.tables.${landing.table} is missing`);
  const fields = landing.fields && fieldsOf(landing.fields);
  return {
    table: landing.table,
    roleArn: table.roleArn,
    mode: landing.mode,
    key: keyParts(table, keySources(landing, table)),
    id: landing.mode === "latest" ? undefined : parseSource(landing.id),
    withoutId: landing.mode === "latest" ? "quarantine" : landing.withoutId,
    reserved: reservedAttributes(config, landing, table),
    ofPlace: (fields ?? []).filter(({ from }) => isOfPlace(from)).map(({ attribute }) => attribute),
    fields,
    required: landing.required.map(parseSource),
    timeToLive: landing.timeToLive && {
      attribute: table.timeToLive,
      from: parseSource(landing.timeToLive.from),
      format: landing.timeToLive.format,
      seconds: Math.round(landing.timeToLive.days * 86_400),
    },
    version: landing.mode === "latest" ? versionPolicy(landing) : undefined,
    deletes: landing.mode === "latest" ? deletePolicy(landing, table) : undefined,
  };
}

function fieldsOf(fields: NonNullable<LandingConfig["fields"]>): readonly FieldPolicy[] {
  return Object.entries(fields).map(([attribute, field]) => {
    if (typeof field === "string" || "constant" in field) return { attribute, from: parseSource(field) };
    const { from, format, as } = field;
    return { attribute, from: parseSource(from), time: { format, as } };
  });
}

type LatestConfig = Extract<LandingConfig, { mode: "latest" }>;

/**
 * By default the sequence number breaks a tie where it can: where the records of one key are in one shard, because the
 * key is their partition key.
 */
function versionPolicy({ version, key }: LatestConfig): VersionPolicy {
  const [first, ...others] = [version.from].flat().map(parseSource);
  if (first === undefined) throw new Error("a version without a source");
  const isBySequence = first === "$sequence" && others.length === 0;
  const byDefault = Object.values(key).includes("$partitionKey") ? "sequence" : "none";
  return {
    attribute: version.attribute,
    from: [first, ...others],
    format: version.format,
    tieBreak: !isBySequence && (version.tieBreak ?? byDefault) === "sequence",
  };
}

function deletePolicy({ deletes }: LatestConfig, table: TableConfig): DeletePolicy {
  const keepDays = deletes?.keepDays;
  return {
    when: deletes?.when && compilePattern(deletes.when),
    leaves: keepDays === 0 ? "nothing" : "tombstone",
    expiry:
      keepDays === undefined || keepDays === 0
        ? undefined
        : { attribute: table.timeToLive, seconds: Math.round(keepDays * 86_400) },
  };
}

function keyParts(
  table: TableConfig,
  sources: Readonly<Record<string, string>>,
): readonly [KeyPart, ...KeyPart[]] {
  const partOf = ({ name, type }: KeyAttribute): KeyPart => ({
    attribute: name,
    type: KEY_TYPES[type],
    from: sources[name] === "$id" ? "$id" : parseSource(sources[name] ?? name),
  });
  const [partition, ...sort] = keyAttributes(table);
  return [partOf(partition), ...sort.map(partOf)];
}

/** Whether a delete of this landing leaves no tombstone. */
export function deletesItems(landing: LandingConfig): boolean {
  return landing.mode === "latest" && landing.deletes?.keepDays === 0;
}
