import { describe, expect, it } from "vitest";
import { ingestSchema, landingFor } from "../../../../functions/ingest-events/config/policy.ts";
import { parseSection } from "../../../../shared/config/load.ts";
import { parseConfigFile } from "../../../../shared/config/read-file.ts";
import { policyOf } from "../policies.ts";

/** What check-config says about a stream `events` on a table with the key `id` (and `at`). */
async function problems(stream: string, table = "{ partitionKey: id }"): Promise<readonly string[]> {
  const text = `ingest:\n  tables: { landed: ${table} }\n  streams: { events: ${stream} }\n`;
  const parsed = parseSection(parseConfigFile(text, "config/dev.yml"), "ingest", ingestSchema);
  // Where each stands in its file is tested with the reader (test/shared/config).
  return "problems" in parsed ? parsed.problems.map((problem) => problem.replace(/:\d+:\d+:/, ":")) : [];
}

describe("the section ingest", () => {
  it("takes the smallest config: an id is the key", () => {
    expect(policyOf({ mode: "append", id: "meta.id" })).toEqual({
      table: "landed",
      mode: "append",
      key: [{ attribute: "id", type: "S", from: "$id" }],
      id: ["meta", "id"],
      withoutId: "position",
      reserved: [],
      ofPlace: [],
      required: [],
      deletes: undefined,
      fields: undefined,
      timeToLive: undefined,
      version: undefined,
    });
  });

  it("takes everything there is", () => {
    const policy = policyOf(
      {
        mode: "latest",
        key: { device: "device.id", slot: "slot" },
        version: { from: "at", format: "iso", attribute: "v" },
        fields: { celsius: "reading.temperature" },
        timeToLive: { from: "at", days: 1.5 },
      },
      { partitionKey: "device", sortKey: { name: "slot", type: "number" }, timeToLive: "goneAt" },
    );
    expect(policy).toEqual({
      table: "landed",
      mode: "latest",
      key: [
        { attribute: "device", type: "S", from: ["device", "id"] },
        { attribute: "slot", type: "N", from: ["slot"] },
      ],
      id: undefined,
      withoutId: "quarantine",
      reserved: ["goneAt", "v", "_deleted"],
      ofPlace: [],
      required: [],
      deletes: { when: undefined, leaves: "tombstone", expiry: undefined },
      fields: [{ attribute: "celsius", from: ["reading", "temperature"] }],
      timeToLive: { attribute: "goneAt", from: ["at"], format: "iso", seconds: 129_600 },
      version: { attribute: "v", from: [["at"]], format: "iso", tieBreak: false },
    });
  });

  it.each([
    [
      "an unknown mode",
      "{ table: landed, mode: upsert }",
      'config/dev.yml: ingest.streams.events.mode: found "upsert", expected "append", "append-once", "latest" or "route"',
    ],
    [
      "no id path",
      "{ table: landed, mode: append }",
      "config/dev.yml: ingest.streams.events.id: is missing, expected a text",
    ],
    [
      "an id that is no path",
      "{ table: landed, mode: append, id: a..b }",
      'config/dev.yml: ingest.streams.events.id: found "a..b", expected a path in the event, such as sender.login',
    ],
    [
      "no such table",
      "{ table: other, mode: append, id: id }",
      'config/dev.yml: ingest.streams.events.table: found "other", expected a table of ingest.tables: landed',
    ],
    [
      "no such table key",
      "{ table: landed, mode: append, id: id, key: { id: $id, at: time } }",
      'config/dev.yml: ingest.streams.events.key.at: found "time", expected a key attribute of landed: id',
    ],
    [
      "a log whose key leaves out the id",
      "{ table: landed, mode: append-once, id: id, key: { id: user } }",
      `config/dev.yml: ingest.streams.events.key: found {"id":"user"}, expected $id as one of the key's sources: without it, events with different ids overwrite each other`,
    ],
    [
      "latest without a version",
      "{ table: landed, mode: latest, key: { id: id } }",
      "config/dev.yml: ingest.streams.events.version: is missing, expected keys with values",
    ],
    [
      "a field that is no source",
      "{ table: landed, mode: append, id: id, fields: { at: { from: time } } }",
      'config/dev.yml: ingest.streams.events.fields.at: found {"from":"time"}, expected a text or constant: a text or a number or true or false or as: "iso" or "seconds" or "milliseconds"',
    ],
    [
      "a field with a key's name",
      "{ table: landed, mode: append, id: id, fields: { id: user } }",
      'config/dev.yml: ingest.streams.events.fields.id: found "user", expected another name: the attribute id is written as key, version, time to live or tombstone',
    ],
    [
      "a version with a key's name",
      "{ table: landed, mode: latest, key: { id: id }, version: { from: v, attribute: id } }",
      'config/dev.yml: ingest.streams.events.version.attribute: found "id", expected an attribute that is neither a key, nor the time to live, nor the mark of a tombstone',
    ],
    [
      "a format for the sequence number",
      "{ table: landed, mode: latest, key: { id: id }, version: { from: $sequence, format: iso } }",
      'config/dev.yml: ingest.streams.events.version.format: found "iso", expected no format for $sequence',
    ],
    [
      "a version that is written under the event's own name",
      "{ table: landed, mode: latest, key: { id: id }, version: { from: v, attribute: v } }",
      'config/dev.yml: ingest.streams.events.version.attribute: found "v", expected another name than version.from, or fields: the event\'s own attribute would be lost, so that every event would be quarantined',
    ],
    [
      "a time to live that is written under the event's own name",
      "{ table: landed, mode: append, id: id, timeToLive: { from: expiresAt, days: 1 } }",
      "config/dev.yml: ingest.streams.events.timeToLive.from: found \"expiresAt\", expected another name than the table's timeToLive, or fields: the event's own attribute would be lost, so that every event would be quarantined",
    ],
    [
      "an unknown key",
      "{ table: landed, mode: append, id: id, retries: 3 }",
      "config/dev.yml: ingest.streams.events.retries: is no key here, expected one of mode, table, fields, required, timeToLive, id, withoutId, key, format, explode, producerTrace, mapping, version, deletes, routes",
    ],
    [
      "two lists in one another",
      "{ table: landed, mode: append, id: id, format: cloudwatch-logs, explode: lines }",
      'config/dev.yml: ingest.streams.events.explode: found "lines", expected none: the format cloudwatch-logs says where the events are',
    ],
    [
      "a batch larger than Lambda's largest",
      "{ table: landed, mode: append, id: id, mapping: { batchSize: 20000 } }",
      "config/dev.yml: ingest.streams.events.mapping.batchSize: found 20000, expected at most 10000",
    ],
  ])("names the place of %s", async (_what, stream, problem) =>
    expect(await problems(stream)).toEqual([problem]),
  );

  it("names the sort key that has no source", async () => {
    expect(
      await problems("{ table: landed, mode: append, id: id }", "{ partitionKey: id, sortKey: at }"),
    ).toEqual([
      "config/dev.yml: ingest.streams.events.key.at: is missing, expected where the key attribute at of landed comes from",
    ]);
  });

  it("names a role of a table that the stack creates, which it cannot in another account", async () => {
    const table = (more: string) =>
      `{ partitionKey: id, roleArn: "arn:aws:iam::222222222222:role/writer"${more} }`;
    const stream = "{ table: landed, mode: append, id: id }";
    expect(await problems(stream, table(", existing: true"))).toEqual([]);
    expect(await problems(stream, table(""))).toEqual([
      'config/dev.yml: ingest.tables.landed.roleArn: found "arn:aws:iam::222222222222:role/writer", expected existing: true beside it: the stack creates tables only in its own account',
    ]);
  });

  it.each([
    ["a time to live that is a key", "{ partitionKey: id, timeToLive: id }", "timeToLive"],
    ["a sort key that is the partition key", "{ partitionKey: id, sortKey: id }", "sortKey"],
  ])("refuses a table with %s", async (_what, table, key) =>
    expect(await problems("{ table: landed, mode: append, id: id }", table)).toContainEqual(
      expect.stringContaining(`ingest.tables.landed.${key}: `),
    ),
  );

  it("refuses places for ids where the key is a number, which no place is", async () => {
    const table = "{ partitionKey: { name: id, type: number } }";
    expect(await problems("{ table: landed, mode: append, id: id }", table)).toEqual([
      expect.stringContaining("ingest.streams.events.withoutId: "),
    ]);
    const strict = "{ table: landed, mode: append, id: id, withoutId: quarantine }";
    expect(await problems(strict, table)).toEqual([]);
  });

  const append = "{ table: landed, mode: append, id: id }";
  const once = "{ table: landed, mode: append-once, id: id }";
  const latest = (version: string) => `{ table: landed, mode: latest, key: { id: id }, version: ${version} }`;

  it.each([
    ["two modes", append, once, "mode"],
    ["a log and a state", append, latest("{ from: v }"), "mode"],
    ["two attributes for the version", latest("{ from: v }"), latest("{ from: v, attribute: w }"), "version"],
    ["two kinds of version", latest("{ from: v }"), latest("{ from: v, format: iso }"), "version"],
  ])("refuses two streams that write one table with %s", async (_what, first, second, key) => {
    expect(await problems(`${first}, other: ${second}`)).toEqual([
      expect.stringContaining(`config/dev.yml: ingest.streams.other.${key}: `),
    ]);
  });

  it.each([
    [append, append],
    [latest("{ from: v }"), latest("{ from: w }")],
  ])("lets two streams write one table in one way: %s", async (first, second) =>
    expect(await problems(`${first}, other: ${second}`)).toEqual([]),
  );

  const fields = (name: string) =>
    `{ table: landed, mode: latest, key: { id: id }, version: { from: v }, fields: { ${name}: a } }`;

  it.each<[string, string, string, string]>([
    ["a field with the mark of a tombstone", fields("_deleted"), "", "fields._deleted"],
    ["a field with the version's attribute", fields("_version"), "", "fields._version"],
    ["a field with the time to live", fields("expiresAt"), "", "fields.expiresAt"],
    [
      "the version as the mark of a tombstone",
      latest("{ from: v, attribute: _deleted }"),
      "",
      "version.attribute",
    ],
    [
      "the mark of a tombstone as a key",
      latest("{ from: v }"),
      "{ partitionKey: id, sortKey: _deleted }",
      "table",
    ],
    [
      "the mark of a tombstone as the time to live",
      latest("{ from: v }"),
      "{ partitionKey: id, timeToLive: _deleted }",
      "table",
    ],
    [
      "a key that is below a reserved attribute",
      "{ table: landed, mode: latest, key: { id: _deleted.by }, version: { from: v } }",
      "",
      "key.id",
    ],
    [
      "an id by which the table deletes items",
      "{ table: landed, mode: append, id: expiresAt, timeToLive: { from: at, days: 1 } }",
      "",
      "id",
    ],
    [
      "a required attribute that is reserved",
      "{ table: landed, mode: latest, key: { id: id }, version: { from: v }, required: [a, _version] }",
      "",
      "required.1",
    ],
  ])("refuses %s", async (_what, stream, table, key) => {
    expect(await problems(stream, ...(table === "" ? [] : [table]))).toContainEqual(
      expect.stringContaining(`config/dev.yml: ingest.streams.events.${key}: `),
    );
  });

  it("lets a log have attributes that only latest reserves", async () => {
    expect(await problems("{ table: landed, mode: append, id: _deleted }")).toEqual([]);
    expect(
      await problems("{ table: landed, mode: append, id: id, fields: { _version: v, _deleted: d } }"),
    ).toEqual([]);
  });

  const filtered = (more: string, value = "a") =>
    `{ table: landed, mode: append, id: id, ${more}mapping: { filterPatterns: [{ kind: [b] }, { kind: [${value}] }] } }`;

  it.each<[string, string, string]>([
    ["zipped records", filtered("format: cloudwatch-logs, "), "filterPatterns: "],
    ["lines", filtered("explode: lines, "), "filterPatterns: "],
    ["a list", filtered("explode: array, "), "filterPatterns: "],
    ["more characters than Lambda takes", filtered("", "x".repeat(4_097 - 22)), "filterPatterns.1: "],
    [
      "a wildcard, which EventBridge alone has",
      filtered("", "{ wildcard: 'a*' }"),
      'filterPatterns.1: found {"kind":[{"wildcard":"a*"}]}, expected no wildcard, which',
    ],
    [
      "anything but a prefix",
      filtered("", "{ anything-but: { prefix: a } }"),
      'filterPatterns.1: found {"kind":[{"anything-but":{"prefix":"a"}}]}, expected no anything-but prefix, which',
    ],
  ])("refuses filter patterns on %s", async (_what, stream, place) => {
    expect(await problems(stream)).toEqual([expect.stringContaining(`events.mapping.${place}`)]);
  });

  it("takes filter patterns on plain JSON, of as many characters as Lambda takes", async () => {
    expect(await problems(filtered("", "x".repeat(4_096 - 22)))).toEqual([]);
    expect(await problems(filtered("explode: items, "))).toEqual([]);
    for (const one of [
      "anything-but: [a]",
      "equals-ignore-case: a",
      "exists: false",
      "numeric: ['>', 1]",
      "prefix: a",
      "suffix: a",
    ]) {
      expect(await problems(filtered("", `{ ${one} }`))).toEqual([]);
    }
  });

  it("reserves what the table deletes items by, also where only another stream sets it", () => {
    const config = ingestSchema.parse({
      tables: { landed: { partitionKey: "id" } },
      streams: {
        events: { table: "landed", mode: "append", id: "id" },
        other: { table: "landed", mode: "append", id: "id", timeToLive: { from: "at", days: 1 } },
      },
    });
    expect(landingFor(config, "events")?.routes[0]?.policy?.reserved).toEqual(["expiresAt"]);
  });
});
