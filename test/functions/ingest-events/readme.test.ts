import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ingestSchema } from "../../../functions/ingest-events/config/policy.ts";
import { Tally } from "../../../functions/ingest-events/run/tally.ts";

const readme = readFileSync("functions/ingest-events/README.md", "utf8");

/** The first two columns of the table under a heading: key and default. */
function rowsUnder(heading: string): Map<string, string> {
  const from = readme.slice(readme.indexOf(heading));
  const section = from.slice(0, from.indexOf("\n#", 1));
  const rows = [...section.matchAll(/^\| `([a-zA-Z.]+)` +\| ([^|]+?) +\|/gm)];
  return new Map(rows.map(([, key = "", value = ""]) => [key, value.replaceAll("`", "")]));
}

const config = ingestSchema.parse({
  tables: { landed: { partitionKey: "id" }, other: { partitionKey: "id" } },
  streams: {
    log: { table: "landed", mode: "append", id: "id", timeToLive: { from: "at", days: 1 } },
    state: { table: "other", mode: "latest", key: { id: "id" }, version: { from: "v" } },
  },
});

it("lists every key of a table with its default", () => {
  const { partitionKey: _required, ...defaults } = config.tables.landed ?? {};
  const said = Object.entries(defaults).map(([key, value]): [string, string] => [key, String(value)]);
  expect(rowsUnder("### A table")).toEqual(
    new Map([
      ["partitionKey", "required"],
      ["sortKey", "none"],
      ...said,
      ["roleArn", "its own"],
      ["globalIndexes", "none"],
      ["localIndexes", "none"],
      ["stream", "none"],
      ["kmsKeyArn", "AWS's key"],
      ["tags", "none"],
      ["tableClass", "STANDARD"],
      ["maximumReadUnits", "none"],
      ["maximumWriteUnits", "none"],
      ["warmThroughput", "AWS's"],
    ]),
  );
});

it("lists every key of a stream with its default", () => {
  const { log, state } = config.streams;
  if (log?.mode !== "append" || state?.mode !== "latest") throw new Error("the config has other streams");
  const { mapping, timeToLive } = log;
  const under = (name: string, values: object = {}) =>
    Object.entries(values).map(([key, value]): [string, string] => [`${name}.${key}`, String(value)]);
  const expected = new Map<string, string>([
    ["mode", "required"],
    ["table", "required"],
    ["id", "required"],
    ["withoutId", log.withoutId],
    ["key", "the id"],
    ["fields", "the whole event"],
    ["required", "none"],
    ["format", log.format],
    ["explode", "none"],
    ["producerTrace", "none"],
    ["mapping.streamArn", "this account's"],
    ["mapping.kmsKeyArn", "none"],
    ["mapping.filterPatterns", "none"],
    ["version.tieBreak", "by the key"],
    ["deletes.when", "none"],
    ["deletes.keepDays", "for good"],
    ...under("mapping", mapping),
    ...under("version", { ...state.version, from: "required" }),
    ...under("timeToLive", { ...timeToLive, from: "none", days: "required" }),
  ]);
  expect(rowsUnder("### A stream")).toEqual(expected);
});

it("lists every reason for quarantine", () => {
  const source = readFileSync("functions/ingest-events/decode/event.ts", "utf8");
  const union = /export type PoisonReason =([^;]+);/.exec(source)?.[1] ?? "";
  const reasons = [...union.matchAll(/"([a-z-]+)"/g)].map(([, reason]) => reason);
  const from = readme.slice(readme.indexOf("## Quarantine"), readme.indexOf("## What it answers"));
  expect([...from.matchAll(/^\| `([a-z-]+)`/gm)].map(([, reason]) => reason)).toEqual(reasons);
});

it("lists every metric", () => {
  const names = Object.keys(new Tally().counts);
  const source = readFileSync("functions/ingest-events/run/measure.ts", "utf8");
  const recorded = [...source.matchAll(/metrics\.record\("([a-zA-Z]+)"/g)].map(([, name]) => name);
  const from = readme.slice(readme.indexOf("## What it answers"), readme.indexOf("## Try it"));
  const listed = [...from.matchAll(/^\| `([a-zA-Z]+)`/gm)].map(([, name]) => name);
  expect(listed.toSorted()).toEqual([...names, ...recorded].toSorted());
});
