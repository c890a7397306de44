import { operatorsIn } from "../../../shared/triggers/event-pattern.ts";
import { reservedAttributes, TOMBSTONE } from "./reserved.ts";
import {
  filterPattern,
  type IngestConfig,
  keyAttributes,
  keySources,
  type LandingConfig,
  landingsOf,
  type StreamConfig,
  type TableConfig,
} from "./schema.ts";
import { parseSource } from "./source.ts";

/** One thing that is wrong with the section `ingest`, which no single key can show. */
export interface ConfigProblem {
  /** Below `ingest`. */
  readonly at: readonly string[];
  readonly expected: string;
}

/** What is wrong with the streams' policies: against their tables, in themselves, and against each other. */
export function problemsOf(config: IngestConfig): readonly ConfigProblem[] {
  const { tables, streams } = config;
  const landings = Object.entries(streams).flatMap(([name, stream]) =>
    landingsOf(stream).map(({ at, landing }) => ({ name, at: ["streams", name, ...at], landing })),
  );
  return [
    ...Object.entries(tables).flatMap(([name, table]) => below(["tables", name], tableProblems(table))),
    ...Object.entries(streams).flatMap(([name, stream]) => below(["streams", name], formatProblems(stream))),
    ...landings.flatMap((one) =>
      below(one.at, [...landingProblems(one.landing, config), ...sharedTableProblems(one, landings)]),
    ),
  ];
}

/** A landing, and the stream it belongs to. */
interface NamedLanding {
  readonly name: string;
  readonly at: readonly string[];
  readonly landing: LandingConfig;
}

function below(place: readonly string[], problems: readonly ConfigProblem[]): ConfigProblem[] {
  return problems.map(({ at, expected }) => ({ at: [...place, ...at], expected }));
}

function formatProblems(stream: StreamConfig): ConfigProblem[] {
  const { format, explode, mapping } = stream;
  const problems: ConfigProblem[] = [];
  // Of two lists in one another, the events of both would have the same places, and so the same ids.
  if (format === "cloudwatch-logs" && explode !== undefined) {
    problems.push({
      at: ["explode"],
      expected: "none: the format cloudwatch-logs says where the events are",
    });
  }
  if (mapping.filterPatterns !== undefined) problems.push(...filterProblems(stream, mapping.filterPatterns));
  return problems;
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_Filter.html */
const MAX_PATTERN_CHARACTERS = 4_096;
/** EventBridge has more: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax */
const FILTER_OPERATORS = [
  "$or",
  "anything-but",
  "equals-ignore-case",
  "exists",
  "numeric",
  "prefix",
  "suffix",
];

/** Lambda drops a record that is no JSON object, uncounted, whatever the pattern: so must none of such records be asked for. */
function filterProblems(
  { format, explode }: StreamConfig,
  patterns: readonly Readonly<Record<string, unknown>>[],
): ConfigProblem[] {
  const at = ["mapping", "filterPatterns"];
  const what =
    format === "cloudwatch-logs"
      ? "a record of cloudwatch-logs is zipped"
      : explode === "lines" || explode === "array"
        ? `a record of several events (explode: ${explode}) is no JSON object`
        : undefined;
  const lost = `none: ${what}, so Lambda would drop every one, uncounted. Use a route with mode: drop`;
  const long = `at most ${MAX_PATTERN_CHARACTERS} characters as JSON, with {"data":…} around it`;
  return [
    ...(what === undefined ? [] : [{ at, expected: lost }]),
    ...patterns.flatMap((pattern, index) => {
      const unknown = operatorsIn(pattern).filter((operator) => !FILTER_OPERATORS.includes(operator));
      const other = `no ${unknown.join(" and no ")}, which Lambda's filters do not have. Use a route with mode: drop`;
      return [
        ...(filterPattern(pattern).length > MAX_PATTERN_CHARACTERS ? [long] : []),
        ...(unknown.length > 0 ? [other] : []),
      ].map((expected) => ({ at: [...at, String(index)], expected }));
    }),
  ];
}

function tableProblems(table: TableConfig): ConfigProblem[] {
  const [partition, sort] = keyAttributes(table);
  const problems: ConfigProblem[] = [];
  if (sort?.name === partition.name) {
    problems.push({ at: ["sortKey"], expected: "another name than the partition key's" });
  }
  if ([partition.name, sort?.name].includes(table.timeToLive)) {
    problems.push({ at: ["timeToLive"], expected: "an attribute that is no key" });
  }
  if (table.roleArn !== undefined && !table.existing) {
    problems.push({
      at: ["roleArn"],
      expected: "existing: true beside it: the stack creates tables only in its own account",
    });
  }
  if (table.localIndexes !== undefined && sort === undefined) {
    problems.push({ at: ["localIndexes"], expected: "none: a table without a sort key has no local index" });
  }
  return problems;
}

function landingProblems(policy: LandingConfig, config: IngestConfig): ConfigProblem[] {
  const { tables } = config;
  const table = Object.hasOwn(tables, policy.table) ? tables[policy.table] : undefined;
  if (table === undefined) {
    const known = Object.keys(tables).join(" or ") || "a table, but ingest.tables has none";
    return [{ at: ["table"], expected: `a table of ingest.tables: ${known}` }];
  }
  return [
    ...keyProblems(policy, table),
    ...versionProblems(policy, table),
    ...timeToLiveProblems(policy, table),
    ...fieldProblems(policy, table),
    ...sourceProblems(policy, table, config),
  ];
}

function keyProblems(policy: LandingConfig, table: TableConfig): ConfigProblem[] {
  const key = keyAttributes(table);
  const names = key.map(({ name }) => name);
  const sources = keySources(policy, table);
  const unknown = Object.keys(sources).filter((attribute) => !names.includes(attribute));
  const missing = names.filter((attribute) => !Object.hasOwn(sources, attribute));
  const problems = [
    ...unknown.map((attribute) => ({
      at: ["key", attribute],
      expected: `a key attribute of ${policy.table}: ${names.join(" or ")}`,
    })),
    ...missing.map((attribute) => ({
      at: ["key", attribute],
      expected: `where the key attribute ${attribute} of ${policy.table} comes from`,
    })),
  ];
  if (policy.mode === "latest") return problems;
  if (!Object.values(sources).includes("$id")) {
    const expected =
      "$id as one of the key's sources: without it, events with different ids overwrite each other";
    return [...problems, { at: ["key"], expected }];
  }
  const idType = key.find(({ name }) => sources[name] === "$id")?.type;
  if (idType !== "string" && policy.withoutId === "position") {
    const what = idType === "number" ? "a number" : "binary";
    const expected = `quarantine: the key is ${what}, and a place in the stream is none`;
    return [...problems, { at: ["withoutId"], expected }];
  }
  return problems;
}

function versionProblems(policy: LandingConfig, table: TableConfig): ConfigProblem[] {
  if (policy.mode !== "latest") return [];
  const { attribute, from, format } = policy.version;
  const sources = [from].flat();
  const problems: ConfigProblem[] = [];
  if ([...keyAttributes(table).map(({ name }) => name), table.timeToLive].includes(TOMBSTONE)) {
    const expected = `a table in which ${TOMBSTONE} is neither a key nor the time to live: latest marks tombstones with it`;
    problems.push({ at: ["table"], expected });
  }
  if ([...keyAttributes(table).map(({ name }) => name), table.timeToLive, TOMBSTONE].includes(attribute)) {
    const expected = "an attribute that is neither a key, nor the time to live, nor the mark of a tombstone";
    problems.push({ at: ["version", "attribute"], expected });
  }
  if (sources.includes(attribute) && policy.fields === undefined) {
    problems.push({ at: ["version", "attribute"], expected: ownAttribute("version.from") });
  }
  if (from === "$sequence" && format === "iso") {
    problems.push({ at: ["version", "format"], expected: "no format for $sequence" });
  }
  return problems;
}

function timeToLiveProblems({ timeToLive, fields }: LandingConfig, table: TableConfig): ConfigProblem[] {
  if (timeToLive?.from !== table.timeToLive || fields !== undefined) return [];
  return [{ at: ["timeToLive", "from"], expected: ownAttribute("the table's timeToLive") }];
}

/** Both would be written under one name, so every event would be quarantined. */
function ownAttribute(of: string): string {
  return `another name than ${of}, or fields: the event's own attribute would be lost, so that every event would be quarantined`;
}

function fieldProblems(policy: LandingConfig, table: TableConfig): ConfigProblem[] {
  const written = new Set([...keyAttributes(table).map(({ name }) => name), table.timeToLive]);
  if (policy.mode === "latest") written.add(policy.version.attribute).add(TOMBSTONE);
  return Object.keys(policy.fields ?? {})
    .filter((attribute) => written.has(attribute))
    .map((attribute) => ({
      at: ["fields", attribute],
      expected: `another name: the attribute ${attribute} is written as key, version, time to live or tombstone`,
    }));
}

/**
 * Where the whole event is stored, none of it may have the name of a reserved attribute: so nothing that every event has to
 * have may be below one.
 */
function sourceProblems(policy: LandingConfig, table: TableConfig, config: IngestConfig): ConfigProblem[] {
  if (policy.fields !== undefined) return [];
  const key = keyAttributes(table).map(({ name }) => name);
  const reserved = reservedAttributes(config, policy, table).filter((name) => !key.includes(name));
  const sources = [
    ...Object.entries(keySources(policy, table)).map(([name, from]) => ({ at: ["key", name], from })),
    ...policy.required.map((from, index) => ({ at: ["required", String(index)], from })),
    ...(policy.mode === "latest" ? [] : [{ at: ["id"], from: policy.id }]),
  ];
  return sources.flatMap(({ at, from }) => {
    const source = from === "$id" ? from : parseSource(from);
    const [name] = Array.isArray(source) ? source : [];
    if (name === undefined || !reserved.includes(name)) return [];
    return [{ at, expected: ownAttribute(`the attribute ${name}, which the policy writes`) }];
  });
}

/** Streams may share a table where they write it in one way; otherwise one takes the other's items for conflicts. */
function sharedTableProblems({ landing }: NamedLanding, landings: readonly NamedLanding[]): ConfigProblem[] {
  const first = landings.find((one) => one.landing.table === landing.table);
  if (first === undefined || first.landing === landing) return [];
  if (landing.mode !== first.landing.mode) {
    const expected = `${first.landing.mode}, as ${first.name} has it, which writes the same table; or another table`;
    return [{ at: ["mode"], expected }];
  }
  if (landing.mode !== "latest" || first.landing.mode !== "latest") return [];
  if (versionShape(landing) === versionShape(first.landing)) return [];
  const expected = `the attribute and the kind of version that ${first.name} has, which writes the same table; or another table`;
  return [{ at: ["version"], expected }];
}

function versionShape({ version, key }: Extract<LandingConfig, { mode: "latest" }>): string {
  const parts = [version.from].flat().map((from) => from === "$sequence");
  const byPartition = Object.values(key).includes("$partitionKey");
  return JSON.stringify([version.attribute, parts, version.format, version.tieBreak, byPartition]);
}
