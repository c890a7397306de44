import type { Change, Origin } from "../../../../functions/ingest-events/decode/event.ts";

/** An event as its producer sent it, and the policy by which it becomes an item. */
export interface SentEvent {
  readonly name: string;
  /** JSON: so that a number keeps its digits. */
  readonly json: string;
  readonly stream?: object;
  readonly table?: object;
  readonly origin?: Partial<Origin>;
  readonly change?: Change;
}

const ID = { mode: "append", id: "id" };
const LATEST = { mode: "latest", key: { id: "id" }, version: { from: "v" } };
/** A partition key from some source, and the id as the sort key: without it two ids could have one key. */
const keyFrom = (name: string, from: string, type = "string") => ({
  stream: { ...ID, key: { [name]: from, i: "$id" } },
  table: { partitionKey: { name, type }, sortKey: "i" },
});
const keyed = (type: string) => keyFrom("k", "k", type);
const keys = (type: string, values: readonly string[]): SentEvent[] =>
  values.map((value) => ({ name: `${type} ${value}`, json: `{"id":"e","k":${value}}`, ...keyed(type) }));
const text = (name: string, value: string): SentEvent => ({
  name,
  json: `{"id":"e","t":${JSON.stringify(value)}}`,
});
const numbers = (values: readonly string[]): SentEvent[] =>
  values.map((value) => ({ name: value, json: `{"id":"e","n":${value}}` }));
const change = (operation: Change["operation"], record = {}): Change => ({ operation, record });

export const EVENTS: Readonly<Record<string, readonly SentEvent[]>> = {
  values: [
    {
      name: "of every type",
      json: '{"id":"e","s":"a","n":1,"t":true,"f":false,"z":null,"l":[1,"b",[]],"m":{"a":1,"b":{}}}',
    },
    ...numbers([
      "0",
      "-1",
      "12345",
      "123456789012345",
      "1234567890123456",
      "-12345678901234",
      "1.5",
      "-1.25",
      "12.75",
      "1.123456",
      "1e3",
      "1E+125",
      "1e126",
      "1e-130",
      "1e-131",
      "12345678901234567890123456789012345678",
      "123456789012345678901234567890123456789",
    ]),
    text("a quote", 'a"b'),
    text("a backslash", "a\\b"),
    text("a control character", "a\u001fb"),
    text("a blank", "a b"),
    text("the last character of ASCII and the one before", "~\u007f"),
    text("a control character alone", "\u001f"),
    text("a quote alone", '"'),
    text("a backslash alone", "\\"),
    text("umlauts", "größe"),
    text("64 characters", "x".repeat(64)),
    text("65 characters", "x".repeat(65)),
    text("half a surrogate pair", "a\ud800b"),
    text("a whole surrogate pair", "a😀b"),
    { name: "an empty name", json: '{"id":"e","":1}' },
    { name: "an empty name inside", json: '{"id":"e","m":{"":1}}' },
    { name: "a name __proto__ inside", json: '{"id":"e","m":{"__proto__":1}}' },
    { name: "half a surrogate pair inside", json: '{"id":"e","m":[{"a":"\\ud800"}]}' },
    { name: "a number too large inside", json: '{"id":"e","m":{"a":1e200}}' },
    { name: "32 levels of lists", json: `{"id":"e","l":${"[".repeat(32)}${"]".repeat(32)}}` },
    { name: "33 levels of lists", json: `{"id":"e","l":${"[".repeat(33)}${"]".repeat(33)}}` },
    { name: "32 levels of maps", json: `{"id":"e","m":${'{"a":'.repeat(31)}{}${"}".repeat(31)}}` },
    { name: "33 levels of maps", json: `{"id":"e","m":${'{"a":'.repeat(32)}{}${"}".repeat(32)}}` },
  ],
  keys: [
    ...keys("string", [
      '"a"',
      '""',
      "null",
      "1.50",
      "12345678901234567890",
      "true",
      "{}",
      "[]",
      '"\\ud800"',
      '"größe"',
    ]),
    ...keys("number", ["1", "1.50", '"1.50"', '"01.5"', "-0", "1e200", '"x"', '""', "null", "true", "{}"]),
    ...keys("binary", ['"YQ=="', '"YQ"', '"?"', '""', "1", "null", '"YWJjZGVm"']),
    { name: "no key", json: '{"id":"e"}', ...keyed("string") },
    { name: "a partition key of 2,048 bytes", json: `{"id":"${"é".repeat(1024)}"}` },
    { name: "a partition key of 2,049 bytes", json: `{"id":"${"é".repeat(1024)}x"}` },
    ...[1024, 1025].map((length) => ({
      name: `a sort key of ${length} bytes`,
      json: `{"id":"e","s":"${"x".repeat(length)}"}`,
      stream: { mode: "append", id: "id", key: { p: "$id", s: "s" } },
      table: { partitionKey: "p", sortKey: "s" },
    })),
    ...["$id", "$arrivedAt", "$partitionKey", "$sequence", "$stream", "$operation"].map((from) => ({
      name: `a key from ${from}`,
      json: '{"id":"e"}',
      ...keyFrom("k", from),
    })),
    {
      name: "the operation of change data",
      json: '{"id":"e"}',
      ...keyFrom("k", "$operation"),
      change: change("update"),
    },
    {
      name: "an id that is no number, where the key needs one",
      json: '{"id":"e","k":"a"}',
      stream: { ...ID, withoutId: "quarantine", key: { k: "k", i: "$id" } },
      table: { partitionKey: "k", sortKey: { name: "i", type: "number" } },
    },
    {
      name: "an id that is missing, which the key needs",
      json: '{"x":1}',
      stream: { ...ID, withoutId: "quarantine" },
    },
    {
      name: "an id that is missing, of one event of several",
      json: '{"x":1}',
      stream: ID,
      origin: { eventNumber: 4 },
    },
    { name: "an id that is a number", json: '{"id":7.50}' },
    { name: "an id that is true", json: '{"id":true}', stream: { ...ID, withoutId: "quarantine" } },
    { name: "an id that is empty", json: '{"id":""}', stream: { ...ID, withoutId: "quarantine" } },
    {
      name: "a binary key of 2,046 bytes",
      json: `{"id":"e","k":"${"AAAA".repeat(682)}"}`,
      ...keyed("binary"),
    },
    {
      name: "a binary key of 2,049 bytes",
      json: `{"id":"e","k":"${"AAAA".repeat(683)}"}`,
      ...keyed("binary"),
    },
  ],
  "versions, deletes and expiry": [
    { name: "a version", json: '{"id":"e","v":3,"a":1}', stream: LATEST },
    { name: "no version", json: '{"id":"e"}', stream: LATEST },
    { name: "a version that is no number", json: '{"id":"e","v":"x"}', stream: LATEST },
    { name: "a version that is a text of digits", json: '{"id":"e","v":"10"}', stream: LATEST },
    {
      name: "a version that is a time",
      json: '{"id":"e","v":"2026-03-01T12:00:00.123456Z"}',
      stream: { ...LATEST, version: { from: "v", format: "iso" } },
    },
    {
      name: "a version that is no time",
      json: '{"id":"e","v":7}',
      stream: { ...LATEST, version: { from: "v", format: "iso" } },
    },
    {
      name: "a version from two sources",
      json: '{"id":"e","v":3,"w":4}',
      stream: { ...LATEST, version: { from: ["v", "w"] } },
    },
    {
      name: "a version from the sequence",
      json: '{"id":"e"}',
      stream: { ...LATEST, version: { from: "$sequence" } },
    },
    {
      name: "a delete, kept",
      json: '{"id":"e","v":3,"kind":"d"}',
      stream: { ...LATEST, deletes: { when: { kind: ["d"] } }, required: ["a"] },
    },
    {
      name: "a delete, kept for two days",
      json: '{"id":"e","v":3,"kind":"d"}',
      stream: { ...LATEST, deletes: { when: { kind: ["d"] }, keepDays: 2 } },
    },
    {
      name: "a delete, not kept",
      json: '{"id":"e","v":3,"kind":"d"}',
      stream: { ...LATEST, deletes: { when: { kind: ["d"] }, keepDays: 0 } },
    },
    {
      name: "no delete",
      json: '{"id":"e","v":3,"kind":"x"}',
      stream: { ...LATEST, deletes: { when: { kind: ["d"] }, keepDays: 0 } },
    },
    ...(["delete", "insert", "update"] as const).map((operation) => ({
      name: `${operation} of change data`,
      json: '{"id":"e","v":3}',
      stream: { ...LATEST, format: "dynamodb-stream", deletes: { keepDays: 2 } },
      change: change(operation),
    })),
    {
      name: "a delete of change data, where the policy deletes nothing",
      json: '{"id":"e","v":3}',
      stream: LATEST,
      change: change("delete"),
    },
    {
      name: "something required that is there",
      json: '{"id":"e","a":0}',
      stream: { ...ID, required: ["a"] },
    },
    { name: "something required that is missing", json: '{"id":"e"}', stream: { ...ID, required: ["a"] } },
    {
      name: "something required that is null",
      json: '{"id":"e","a":null}',
      stream: { ...ID, required: ["a"] },
    },
    ...['"2026-03-01T12:00:00Z"', "null", '"soon"'].map((at) => ({
      name: `a time to live from ${at}`,
      json: `{"id":"e","at":${at}}`,
      stream: { ...ID, timeToLive: { from: "at", days: 1 } },
    })),
    {
      name: "a time to live in milliseconds",
      json: '{"id":"e","at":1700000000123}',
      stream: { ...ID, timeToLive: { from: "at", format: "milliseconds", days: 1 } },
    },
  ],
  "fields and names that are taken": [
    {
      name: "chosen fields",
      json: '{"id":"e","a":{"b":1},"c":2,"d":null}',
      stream: { ...ID, fields: { x: "a.b", y: "c", z: "d", none: "nothing" } },
    },
    {
      name: "a time in another format",
      json: '{"id":"e","at":"2026-03-01T12:00:00Z"}',
      stream: { ...ID, fields: { at: { from: "at", format: "iso", as: "seconds" } } },
    },
    ...['"soon"', "null", "7"].map((at) => ({
      name: `a time that is ${at}`,
      json: `{"id":"e","at":${at}}`,
      stream: { ...ID, fields: { at: { from: "at", format: "iso", as: "seconds" } } },
    })),
    {
      name: "a time that is missing",
      json: '{"id":"e"}',
      stream: { ...ID, fields: { at: { from: "at", format: "iso", as: "seconds" } } },
    },
    {
      name: "a field from the record of change data",
      json: '{"id":"e"}',
      stream: { ...ID, fields: { was: "$record.before.a" } },
      change: change("update", { before: { a: 9 } }),
    },
    {
      name: "a field from the record of what is no change data",
      json: '{"id":"e","before":{"a":9}}',
      stream: { ...ID, fields: { was: "$record.before.a" } },
    },
    { name: "the key's own member", json: '{"id":7.50,"a":1}' },
    {
      name: "a member of the key's name, which is something else",
      json: '{"id":"e","k":"other"}',
      ...keyFrom("k", "id"),
    },
    {
      name: "a member of the key's name, which is the same text",
      json: '{"id":"e","k":"e"}',
      ...keyFrom("k", "id"),
    },
    {
      name: "a member of the key's name, which is a number",
      json: '{"id":"7","k":7}',
      ...keyFrom("k", "id"),
    },
    {
      name: "a member of the key's name, of which the key is deeper",
      json: '{"id":"e","k":{"k":"x"}}',
      ...keyFrom("k", "k.k"),
    },
    {
      name: "a member of the key's name, which is the id",
      json: '{"k":5}',
      stream: { mode: "append", id: "k", key: { k: "$id" } },
      table: { partitionKey: "k" },
    },
    {
      name: "a member of the key's name, and the id is another",
      json: '{"k":5,"id":"e"}',
      stream: { ...ID, key: { k: "$id" } },
      table: { partitionKey: "k" },
    },
    {
      name: "members of both keys' names, turned round",
      json: '{"p":"1","s":"2","id":"e"}',
      stream: { ...LATEST, key: { p: "s", s: "p" }, version: { from: "$sequence" } },
      table: { partitionKey: "p", sortKey: "s" },
    },
    { name: "a member of the version's name", json: '{"id":"e","v":3,"_version":3}', stream: LATEST },
    { name: "a member of the tombstone's name", json: '{"id":"e","v":3,"_deleted":true}', stream: LATEST },
    {
      name: "a member of the expiry's name",
      json: '{"id":"e","expiresAt":1,"at":"2026-03-01T12:00:00Z"}',
      stream: { ...ID, timeToLive: { from: "at", days: 1 } },
    },
    { name: "a member of the expiry's name, without expiry", json: '{"id":"e","expiresAt":1}', stream: ID },
  ],
};
