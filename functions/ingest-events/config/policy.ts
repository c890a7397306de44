import { type Path, parsePath } from "../decode/path.ts";
import { problemsOf } from "./problems.ts";
import {
  type IngestConfig,
  ingestShape,
  type KeyAttribute,
  keyAttributes,
  keySources,
  type Mode,
  type StreamConfig,
  type TableConfig,
} from "./schema.ts";

/** The section `ingest` of the config, checked as a whole. */
export const ingestSchema = ingestShape.check((context) => {
  for (const { at, expected } of problemsOf(context.value)) {
    context.issues.push({ code: "custom", message: expected, path: [...at], input: context.value });
  }
});

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
  /** Attributes that only the policy may write: an event with a member of that name cannot be stored whole. */
  readonly reserved: readonly string[];
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
    reserved: reservedAttributes(config, policy, tableConfig),
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

/**
 * The version, and what the table deletes items by. The latter also where only another stream of the table sets it: an
 * event's own attribute of that name would have DynamoDB delete the item.
 */
function reservedAttributes(config: IngestConfig, policy: StreamConfig, table: TableConfig): string[] {
  return [
    ...(hasTimeToLive(config, policy.table) ? [table.timeToLive] : []),
    ...(policy.mode === "latest" ? [policy.version.attribute] : []),
  ];
}

/** Whether DynamoDB deletes items of this table: only where a policy says when. */
export function hasTimeToLive({ streams }: IngestConfig, table: string): boolean {
  return Object.values(streams).some((policy) => policy.table === table && policy.timeToLive !== undefined);
}
