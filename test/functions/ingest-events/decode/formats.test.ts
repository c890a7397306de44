import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { RecordFormat } from "../../../../functions/ingest-events/decode/decode.ts";
import type { Explode } from "../../../../functions/ingest-events/decode/explode.ts";
import { aggregate } from "../../../../sandbox/kinesis/kpl-aggregate.ts";
import { decodeAll, kinesisRecord } from "../records.ts";

const read = (data: unknown, format: Partial<RecordFormat>) => {
  const bytes = typeof data === "string" || data instanceof Uint8Array ? data : JSON.stringify(data);
  const { events, poison, dropped } = decodeAll([kinesisRecord(bytes)], {
    format: "json",
    explode: undefined,
    ...format,
  });
  return {
    events: events.map(({ event }) => event),
    operations: events.map(({ change }) => change?.operation),
    places: events.map(({ origin }) => [origin.subSequenceNumber, origin.eventNumber]),
    payloads: events.map(({ origin }) => String(origin.payload)),
    poison: poison.map(({ reason, origin }) => [reason, origin.eventNumber, String(origin.payload)]),
    dropped: dropped.map((one) => one.dropped),
  };
};

describe("what is nested too deep to be read", () => {
  const nested = (of: string, close: string) => `${of.repeat(50_000)}1${close.repeat(50_000)}`;

  it.each<[string, string, Partial<RecordFormat>]>([
    ["an event of a list", `[${nested("[", "]")}]`, { explode: "array" }],
    [
      "a log event",
      `{"messageType":"DATA_MESSAGE","logEvents":[{"id":${nested("[", "]")}}]}`,
      { format: "cloudwatch-logs" },
    ],
    [
      "an image of a table",
      `{"eventName":"INSERT","dynamodb":{"NewImage":{"a":${nested('{"M":{"a":', "}}")}}}}`,
      { format: "dynamodb-stream" },
    ],
  ])("is quarantined, %s: it stops no other record", (_what, text, format) => {
    const { events, poison } = read(text, format);
    expect([events.length, poison.map(([reason]) => reason)]).toEqual([0, ["too-large"]]);
  });
});

describe("what holds more than one invocation can land, or more than memory", () => {
  const empty = Array(100_001).fill("{}");
  const values = `{"id":"a","x":[${Array(500_001).fill("1").join(",")}]}`;

  it.each<[string, unknown, Partial<RecordFormat>]>([
    ["lines", gzipSync(empty.join("\n")), { explode: "lines" }],
    ["a list", gzipSync(`[${empty.join(",")}]`), { explode: "array" }],
    [
      "log events",
      gzipSync(`{"messageType":"DATA_MESSAGE","logEvents":[${empty.join(",")}]}`),
      { format: "cloudwatch-logs" },
    ],
    [
      "sub-records",
      aggregate(empty.map((text) => ({ partitionKey: "k", data: Buffer.from(text) }))),
      { explode: undefined },
    ],
    ["values of one event", gzipSync(values), { explode: undefined }],
  ])("is quarantined as one record: %s", (_what, data, format) => {
    const { events, poison } = read(data, format);
    expect([events.length, poison.map(([reason, part]) => [reason, part])]).toEqual([
      0,
      [["too-large", undefined]],
    ]);
  });

  it("counts the events of all sub-records of a record together", () => {
    const lines = gzipSync(Array(50_001).fill("{}").join("\n"));
    const data = aggregate(
      [lines, lines, Buffer.from("{}")].map((one) => ({ partitionKey: "k", data: one })),
    );
    const { poison, places } = read(data, { explode: "lines" });
    expect([poison.map(([reason]) => reason), places.length]).toEqual([["too-large", "too-large"], 50_001]);
  });

  it("takes no comma in a text for a value", () => {
    expect(read(`{"id":"\\",${",".repeat(600_000)}"}`, {}).poison).toEqual([]);
    expect(read(JSON.stringify({ id: `"\\${"[{,".repeat(400_000)}` }), {}).events).toHaveLength(1);
  });
});

describe("explode", () => {
  it.each<[string, unknown, Explode]>([
    ["lines", '{"n":0}\n{"n":1}\n', "lines"],
    ["lines of Windows, and empty ones", '{"n":0}\r\n\r\n  \n{"n":1}', "lines"],
    ["lines with a byte order mark", '\ufeff\r\n{"n":0}\r\n{"n":1}', "lines"],
    ["zipped lines", gzipSync('{"n":0}\n{"n":1}\n'), "lines"],
    ["a list", [{ n: 0 }, { n: 1 }], "array"],
    ["the list at a path", { data: { records: [{ n: 0 }, { n: 1 }] } }, ["data", "records"]],
  ])("makes an event of each of %s, with its own place and payload", (_what, data, explode) => {
    expect(read(data, { explode })).toEqual({
      events: [{ n: 0 }, { n: 1 }],
      operations: [undefined, undefined],
      places: [
        [0, 0],
        [0, 1],
      ],
      payloads: ['{"n":0}', '{"n":1}'],
      poison: [],
      dropped: [],
    });
  });

  it("quarantines one bad line by itself", () => {
    expect(read('{"n":0}\nnonsense\n{"n":2}', { explode: "lines" })).toMatchObject({
      events: [{ n: 0 }, { n: 2 }],
      poison: [["not-json", 1, "nonsense"]],
    });
  });

  it("keeps every digit of a number on the way through a list", () => {
    const { payloads } = read('[{"id":1050118621198921728,"x":0.12345678901234567890}]', {
      explode: "array",
    });
    expect(payloads).toEqual(['{"id":1050118621198921728,"x":0.12345678901234567890}']);
  });

  it.each([
    ["no list", { n: 0 }, "array" as const],
    ["no list at the path", { data: {} }, ["data", "records"]],
  ])("quarantines a record with %s", (_what, data, explode) => {
    expect(read(data, { explode }).poison).toEqual([["not-json", undefined, JSON.stringify(data)]]);
  });

  it.each<[string, Explode]>([
    ['[{"n":"X"}]', "array"],
    ['{"list":[{"n":"X"}]}', ["list"]],
    ['{"n":"X"}', "lines"],
  ])("quarantines bytes that are no UTF-8, and stores no other text for them: %s", (text, explode) => {
    const data = Buffer.from(text);
    data[text.indexOf("X")] = 0xff;
    const { events, poison } = decodeAll([kinesisRecord(data)], { format: "json", explode });
    expect(events).toEqual([]);
    expect(poison).toMatchObject([{ reason: "not-json", origin: { payload: data } }]);
  });

  it("counts a record of no events as dropped", () => {
    expect(read("\n\n", { explode: "lines" })).toMatchObject({ events: [], dropped: ["no-events"] });
  });

  it("does not take a redriven event apart again", () => {
    const { kinesis } = kinesisRecord('{"n":1}\n{"n":2}');
    const redriven = { kinesis: { ...kinesis, data: btoa('{"n":1}'), subSequenceNumber: 0, eventNumber: 7 } };
    const { events } = decodeAll([redriven], { format: "json", explode: "lines" });
    expect(events).toMatchObject([{ event: { n: 1 }, origin: { eventNumber: 7 } }]);
  });

  it("explodes the sub-records of an aggregate", () => {
    const data = aggregate(
      ['{"n":0}\n{"n":1}', '{"n":2}'].map((text) => ({ partitionKey: "k", data: Buffer.from(text) })),
    );
    expect(read(data, { explode: "lines" }).places).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
    ]);
  });
});

describe("cloudwatch-logs", () => {
  const message = {
    messageType: "DATA_MESSAGE",
    owner: "123456789012",
    logGroup: "g",
    logStream: "s",
    subscriptionFilters: ["f"],
    logEvents: [
      { id: "1", timestamp: 5, message: "one" },
      { id: "2", timestamp: 6, message: "two" },
    ],
  };

  it("makes an event of each log event", () => {
    expect(read(gzipSync(JSON.stringify(message)), { format: "cloudwatch-logs" })).toMatchObject({
      events: [
        { logGroup: "g", logStream: "s", owner: "123456789012", id: "1", timestamp: 5, message: "one" },
        { id: "2", message: "two" },
      ],
      places: [
        [0, 0],
        [0, 1],
      ],
    });
  });

  it("drops control messages", () => {
    const control = gzipSync(JSON.stringify({ ...message, messageType: "CONTROL_MESSAGE" }));
    expect(read(control, { format: "cloudwatch-logs" })).toMatchObject({
      events: [],
      poison: [],
      dropped: ["control-message"],
    });
  });

  it("quarantines what is none", () => {
    expect(read({ a: 1 }, { format: "cloudwatch-logs" }).poison).toEqual([
      ["not-json", undefined, '{"a":1}'],
    ]);
  });
});

describe("dynamodb-stream", () => {
  const change = (eventName: string, dynamodb: object) => ({
    eventName,
    eventSource: "aws:dynamodb",
    dynamodb,
  });
  const Keys = { id: { S: "a" } };

  it.each([
    ["INSERT", { Keys, NewImage: { ...Keys, n: { N: "1" } } }, "insert", { id: "a", n: 1 }],
    [
      "MODIFY",
      { Keys, NewImage: { ...Keys, l: { L: [{ NULL: true }, { BOOL: true }] } } },
      "update",
      { id: "a", l: [null, true] },
    ],
    [
      "MODIFY",
      { Keys, NewImage: { ...Keys, m: { M: { s: { SS: ["x"] }, n: { NS: ["1", "2"] } } } } },
      "update",
      { id: "a", m: { s: ["x"], n: [1, 2] } },
    ],
    ["REMOVE", { Keys, OldImage: { ...Keys, n: { N: "1" } } }, "delete", { id: "a", n: 1 }],
    ["REMOVE", { Keys }, "delete", { id: "a" }],
    [
      "MODIFY",
      {
        Keys,
        NewImage: { ...Keys, b: { B: "AQI=" }, bs: { BS: ["AQI=", ""] }, e: { SS: ["x"] }, s: { S: "" } },
      },
      "update",
      { id: "a", b: "AQI=", bs: ["AQI=", ""], e: ["x"], s: "" },
    ],
  ])("reads %s %j", (eventName, dynamodb, operation, event) => {
    expect(read(change(eventName, dynamodb), { format: "dynamodb-stream" })).toMatchObject({
      events: [event],
      operations: [operation],
    });
  });

  it.each([
    [{ a: 1 }],
    [change("OTHER", { Keys })],
    [change("INSERT", { Keys })],
    [change("INSERT", { NewImage: { a: { X: 1 } } })],
    [[]],
  ])("quarantines %j", (record) => {
    expect(read(record, { format: "dynamodb-stream" }).poison.map(([reason]) => reason)).toEqual([
      "bad-change",
    ]);
  });
});

describe("an image's attribute named __proto__", () => {
  it("is an attribute, and no prototype: the item is refused, and not stored without it", () => {
    const image = '{"id":{"S":"a"},"m":{"M":{"__proto__":{"M":{"x":{"S":"y"}}}}}}';
    const { events } = read(`{"eventName":"INSERT","dynamodb":{"NewImage":${image}}}`, {
      format: "dynamodb-stream",
    });
    expect(JSON.stringify(events)).toBe('[{"id":"a","m":{"__proto__":{"x":"y"}}}]');
  });
});

describe("debezium", () => {
  it.each([
    [{ op: "c", before: null, after: { id: 1 } }, "insert", { id: 1 }],
    [{ op: "r", after: { id: 1 } }, "insert", { id: 1 }],
    [{ op: "u", before: { id: 1, x: 1 }, after: { id: 1, x: 2 } }, "update", { id: 1, x: 2 }],
    [{ op: "d", before: { id: 1 }, after: null }, "delete", { id: 1 }],
    [{ schema: {}, payload: { op: "c", after: { id: 1 } } }, "insert", { id: 1 }],
    // As of MongoDB.
    [{ op: "c", after: '{"_id":"5","n":1}' }, "insert", { _id: "5", n: 1 }],
    [{ op: "d", before: '{"_id":"5"}', after: null }, "delete", { _id: "5" }],
  ])("reads %j", (record, operation, event) => {
    expect(read(record, { format: "debezium" })).toMatchObject({ events: [event], operations: [operation] });
  });

  it.each([
    ["null", "tombstone"],
    ["", "tombstone"],
    ['{"schema":{},"payload":null}', "tombstone"],
    ['{"op":"t"}', "truncate"],
    ['{"op":"m"}', "message"],
  ])("drops %s", (record, dropped) => {
    expect(read(record, { format: "debezium" })).toMatchObject({
      events: [],
      poison: [],
      dropped: [dropped],
    });
  });

  it.each([[{ a: 1 }], [{ op: "c" }], [{ op: "d", after: {} }], [{ op: "c", after: "[]" }]])(
    "quarantines %j",
    (record) => {
      expect(read(record, { format: "debezium" }).poison.map(([reason]) => reason)).toEqual(["bad-change"]);
    },
  );
});
