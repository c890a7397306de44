/** What producers really send, one record each: what becomes of it, from the policy as it stands in the config to the item. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readKinesisEvent } from "../../../functions/ingest-events/decode/kinesis-event.ts";
import { BatchReader } from "../../../functions/ingest-events/run/batch-reader.ts";
import { aggregate } from "../../../sandbox/kinesis/kpl-aggregate.ts";
import { landingOf } from "./policies.ts";
import { kinesisEvent, kinesisRecord } from "./records.ts";

const LOG = { mode: "append-once", id: "id" };
const BY_TIME = { mode: "latest", key: { id: "id" }, version: { from: "at", format: "iso" } };

/** Items, reasons of what is rejected, and the number of what is dropped, of one record. */
function landed(stream: object, data: unknown, table?: object) {
  const bytes = typeof data === "string" || data instanceof Uint8Array ? data : JSON.stringify(data);
  const batch = readKinesisEvent(kinesisEvent([kinesisRecord(bytes)]));
  if (batch === undefined) throw new Error("no batch");
  const { writes, poison, unfit, dropped } = new BatchReader(
    batch,
    landingOf(stream, table),
    () => true,
  ).next();
  const items = [...writes.values()].flat().map(({ item }) => item.attributes);
  return { items, rejected: [...poison, ...unfit].map(({ reason }) => reason), dropped };
}

const ids = (stream: object, data: unknown) => {
  const { items, rejected, dropped } = landed(stream, data);
  return [items.map(({ id }) => id?.S), rejected, dropped];
};

describe("lines", () => {
  const lines = { ...LOG, explode: "lines" };
  it.each<[string, unknown, unknown]>([
    ["no line feed at the end", '{"id":"a"}\n{"id":"b"}', [["a", "b"], [], 0]],
    ["carriage returns, and more than one", '{"id":"a"}\r\n\r\r\n{"id":"b"}\r\n', [["a", "b"], [], 0]],
    ["blanks before and behind", '  {"id":"a"} \t\n\t\n {"id":"b"}', [["a", "b"], [], 0]],
    [
      "a mark at the start of a file that was appended",
      '{"id":"a"}\n\ufeff{"id":"b"}\n',
      [["a", "b"], [], 0],
    ],
    ["a line separator of Unicode in a text", '{"id":"a\u2028b"}\n', [["a\u2028b"], [], 0]],
    ["a list among them", '{"id":"a"}\n[1]\n{"id":"b"}', [["a", "b"], ["not-json"], 0]],
    ["a line that was cut off", '{"id":"a"}\n{"id":"b', [["a"], ["not-json"], 0]],
    ["nothing but line feeds", "\n\r\n\n", [[], [], 1]],
    [
      "gzip of two members",
      Buffer.concat([gzipSync('{"id":"a"}\n'), gzipSync('{"id":"b"}\n')]),
      [["a", "b"], [], 0],
    ],
    ["null", "null\n", [[], ["not-json"], 0]],
  ])("with %s", (_what, data, expected) => expect(ids(lines, data)).toEqual(expected));
});

describe("a list at a path", () => {
  const inList = { ...LOG, explode: "detail.items" };
  it.each<[string, unknown, unknown]>([
    ["two events", { detail: { items: [{ id: "a" }, { id: "b" }] } }, [["a", "b"], [], 0]],
    ["an empty list", { detail: { items: [] } }, [[], [], 1]],
    ["no list", { detail: { items: {} } }, [[], ["not-json"], 0]],
    ["nothing there", { detail: {} }, [[], ["not-json"], 0]],
    ["null", { detail: { items: null } }, [[], ["not-json"], 0]],
    [
      "no events in it",
      { detail: { items: [1, "a", null, { id: "a" }] } },
      [["a"], Array(3).fill("not-json"), 0],
    ],
    [
      "a number that JavaScript cannot hold",
      '{"detail":{"items":[{"id":12345678901234567890}]}}',
      [["12345678901234567890"], [], 0],
    ],
  ])("with %s", (_what, data, expected) => expect(ids(inList, data)).toEqual(expected));
});

describe("CloudWatch Logs", () => {
  const logs = { ...LOG, format: "cloudwatch-logs" };
  const message = {
    messageType: "DATA_MESSAGE",
    owner: "1",
    logGroup: "g",
    logStream: "s",
    subscriptionFilters: ["f"],
  };
  it.each<[string, unknown, unknown]>([
    [
      "in an aggregate, with gzip",
      aggregate([
        { partitionKey: "k", data: gzipSync(JSON.stringify({ ...message, logEvents: [{ id: "a" }] })) },
      ]),
      [["a"], [], 0],
    ],
    [
      "with extracted fields",
      { ...message, logEvents: [{ id: "a", message: "x", extractedFields: { n: null } }] },
      [["a"], [], 0],
    ],
    ["without log events", { ...message, logEvents: [] }, [[], [], 1]],
    [
      "a control message",
      { ...message, messageType: "CONTROL_MESSAGE", logEvents: [{ id: "" }] },
      [[], [], 1],
    ],
    ["another message", { ...message, messageType: "OTHER", logEvents: [] }, [[], ["not-json"], 0]],
    ["a record that is none", { id: "a" }, [[], ["not-json"], 0]],
  ])("%s", (_what, data, expected) => expect(ids(logs, data)).toEqual(expected));
});

describe("Debezium", () => {
  const changes = {
    mode: "latest",
    key: { id: "id" },
    version: { from: "$record.ts_ms" },
    format: "debezium",
  };
  const kept = (data: unknown) => {
    const { items, rejected, dropped } = landed(changes, data);
    return items.length > 0 ? items : [...rejected, `dropped: ${dropped}`];
  };
  const row = { id: { S: "5" }, _version: { N: "7" }, n: { N: "1" } };
  const source = { connector: "postgresql", lsn: 24_023_128, snapshot: "last" };
  it.each<[string, unknown, unknown]>([
    [
      "Postgres, a snapshot's row",
      { op: "r", ts_ms: 7, source, before: null, after: { id: "5", n: 1 } },
      [row],
    ],
    [
      "MySQL, with a schema",
      { schema: { type: "struct" }, payload: { op: "c", ts_ms: 7, after: { id: "5", n: 1 } } },
      [row],
    ],
    [
      "a delete",
      { op: "d", ts_ms: 7, before: { id: "5", n: null }, after: null },
      [{ id: { S: "5" }, _version: { N: "7" }, _deleted: { BOOL: true } }],
    ],
    ["a truncated table", { op: "t", ts_ms: 7, before: null, after: null, source }, ["dropped: 1"]],
    [
      "a message of Postgres",
      { op: "m", ts_ms: 7, source, message: { prefix: "p", content: "YQ==" } },
      ["dropped: 1"],
    ],
    ["a heartbeat", { ts_ms: 7 }, ["dropped: 1"]],
    [
      "a heartbeat with a schema",
      { schema: { name: "io.debezium.connector.common.Heartbeat" }, payload: { ts_ms: 7 } },
      ["dropped: 1"],
    ],
    [
      "the begin of a transaction",
      { status: "BEGIN", id: "571:1", ts_ms: 7, event_count: null, data_collections: null },
      ["dropped: 1"],
    ],
    [
      "the end of a transaction",
      { schema: {}, payload: { status: "END", id: "571:1", ts_ms: 7, event_count: 1, data_collections: [] } },
      ["dropped: 1"],
    ],
    [
      "a change of the schema",
      {
        source: {},
        ts_ms: 7,
        databaseName: "shop",
        schemaName: null,
        ddl: "ALTER TABLE a ADD b INT",
        tableChanges: [],
      },
      ["dropped: 1"],
    ],
    ["a tombstone with a schema", { schema: null, payload: null }, ["dropped: 1"]],
    [
      "MongoDB, an update without the document",
      { op: "u", ts_ms: 7, after: null, updateDescription: { updatedFields: "{}" } },
      ["bad-change", "dropped: 0"],
    ],
    ["MongoDB, an insert", { op: "c", ts_ms: 7, after: '{"id":"5","n":1}' }, [row]],
    [
      "an update of a row whose version is null",
      { op: "u", ts_ms: null, after: { id: "5" } },
      ["no-version", "dropped: 0"],
    ],
  ])("%s", (_what, data, expected) => expect(kept(data)).toEqual(expected));

  it("MongoDB, with a key whose name begins with a dollar", () => {
    const byObjectId = { ...changes, key: { id: "_id.\\$oid" } };
    const data = { op: "c", ts_ms: 7, after: '{"_id":{"$oid":"66a"},"n":{"$numberLong":"1"}}' };
    expect(landed(byObjectId, data).items).toMatchObject([
      { id: { S: "66a" }, n: { M: { $numberLong: { S: "1" } } } },
    ]);
  });
});

describe("the stream of a DynamoDB table", () => {
  const images = {
    mode: "latest",
    key: { id: "id" },
    version: { from: "$record.dynamodb.ApproximateCreationDateTime" },
    format: "dynamodb-stream",
  };
  const change = (eventName: string, dynamodb: object, more: object = {}) => ({
    eventName,
    eventID: "1",
    tableName: "t",
    recordFormat: "application/json",
    userIdentity: null,
    dynamodb: { ApproximateCreationDateTime: 1_700_000_000_123_456, Keys: { id: { S: "a" } }, ...dynamodb },
    ...more,
  });
  const first = (data: unknown) => landed(images, data).items[0];

  it("keeps sets, binaries and nulls in the shapes JSON has for them", () => {
    const NewImage = {
      id: { S: "a" },
      s: { SS: ["x", "y"] },
      n: { NS: ["1", "12345678901234567890"] },
      b: { B: "AQI=" },
      bs: { BS: ["AQI="] },
      none: { NULL: true },
      m: { M: { l: { L: [{ BOOL: false }, { N: "1.50" }] } } },
    };
    expect(first(change("INSERT", { NewImage }))).toEqual({
      id: { S: "a" },
      _version: { N: "1700000000123456" },
      s: { L: [{ S: "x" }, { S: "y" }] },
      n: { L: [{ N: "1" }, { N: "12345678901234567890" }] },
      b: { S: "AQI=" },
      bs: { L: [{ S: "AQI=" }] },
      none: { NULL: true },
      m: { M: { l: { L: [{ BOOL: false }, { N: "1.50" }] } } },
    });
  });

  it("takes what DynamoDB itself deleted after its time for a delete", () => {
    const byTime = { userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" } };
    expect(first(change("REMOVE", { OldImage: { id: { S: "a" }, x: { N: "1" } } }, byTime))).toMatchObject({
      _deleted: { BOOL: true },
    });
    expect(first(change("REMOVE", {}))).toMatchObject({ id: { S: "a" }, _deleted: { BOOL: true } });
  });

  it.each<[string, unknown]>([
    ["an update without its new image", change("MODIFY", { OldImage: { id: { S: "a" } } })],
    ["a value without a type", change("INSERT", { NewImage: { id: { S: "a" }, x: {} } })],
    ["a value of an unknown type", change("INSERT", { NewImage: { id: { S: "a" }, x: { Q: 1 } } })],
    ["an unknown change", change("RENAME", { NewImage: { id: { S: "a" } } })],
  ])("quarantines %s", (_what, data) => {
    expect(landed(images, data)).toMatchObject({ items: [], rejected: ["bad-change"] });
  });
});

describe("times", () => {
  it.each([
    ["2026-11-01T00:00:00.000+0000", "1793491200000"],
    ["2026-11-01T01:00:00+01", "1793491200000"],
    ["2026-11-01 00:00:00Z", "1793491200000"],
    ["2026-11-01T00:00Z", "1793491200000"],
    ["2026-11-01T00:00:00,5Z", "1793491200500"],
    ["2026-10-31T23:59:60Z", "1793491200000"],
    ["0001-01-01T00:00:00Z", "-62135596800000"],
  ])("%s is a version", (at, version) => {
    expect(landed(BY_TIME, { id: "a", at }).items).toMatchObject([{ _version: { N: version } }]);
  });

  it.each([
    "2026-11-01T00:00:00",
    "2026-11-01",
    "20261101T000000Z",
    "2026-W44-7T00:00Z",
    "1793491200",
    "",
    "today",
  ])("%j is none: it says no moment, or not in one way", (at) =>
    expect(landed(BY_TIME, { id: "a", at }).rejected).toEqual(["no-version"]),
  );
});

describe("keys", () => {
  const binary = { partitionKey: { name: "id", type: "binary" }, existing: true };
  it("of an existing table may be binary, from base64", () => {
    expect(landed({ ...LOG, withoutId: "quarantine" }, { id: "AQI=", x: 1 }, binary).items).toEqual([
      { id: { B: "AQI=" }, x: { N: "1" } },
    ]);
  });

  it.each(["", "not base64!", "AQI", 5])("are not binary from %j", (id) => {
    const { items, rejected } = landed({ ...LOG, withoutId: "quarantine" }, { id }, binary);
    expect([items, rejected.length]).toEqual([[], 1]);
  });

  it("that the event has by another path too are no loss", () => {
    const policy = { mode: "append-once", id: "order.id" };
    expect(landed(policy, { id: "a", order: { id: "a" } }).items).toHaveLength(1);
    expect(landed(policy, { id: "b", order: { id: "a" } }).rejected).toEqual(["refused"]);
  });
});

describe("times to live", () => {
  const policy = { ...LOG, timeToLive: { from: "at", days: 1 } };
  it.each<[string, unknown, unknown]>([
    [
      "the event's own attribute of that name",
      { id: "a", at: "2026-11-01T00:00:00Z", expiresAt: 5 },
      ["refused"],
    ],
    ["no time", { id: "a" }, []],
    ["a time that is none", { id: "a", at: "soon" }, []],
    ["a number far too large", { id: "a", at: 1e100 }, []],
  ])("with %s", (_what, event, rejected) => expect(landed(policy, event).rejected).toEqual(rejected));
});
