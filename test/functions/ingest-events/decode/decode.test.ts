import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aggregate } from "../../../../sandbox/kinesis/kpl-aggregate.ts";
import { decodeAll, kinesisRecord } from "../records.ts";

const one = (data: string | Uint8Array) => decodeAll([kinesisRecord(data, "77", "key")]);

describe("decode", () => {
  it("reads a plain JSON record with its place in the stream", () => {
    const { events, poison } = one('{"a":1}');
    expect(poison).toEqual([]);
    expect(events).toEqual([
      {
        event: { a: 1 },
        origin: {
          position: 0,
          sequenceNumber: "77",
          subSequenceNumber: 0,
          partitionKey: "key",
          arrivalMs: 1_700_000_000_123,
          payload: Buffer.from('{"a":1}'),
        },
      },
    ]);
  });

  it("opens gzip", () => expect(one(gzipSync('{"a":1}')).events[0]?.event).toEqual({ a: 1 }));

  it("gives sub-records their parent's sequence number and arrival, and their own number and partition key", () => {
    const data = aggregate([
      { partitionKey: "x", data: Buffer.from('{"n":0}') },
      { partitionKey: "y", data: gzipSync('{"n":1}') },
    ]);
    const found = one(data).events.map(({ event, origin }) => ({ event, ...origin, payload: undefined }));
    const shared = { position: 0, sequenceNumber: "77", arrivalMs: 1_700_000_000_123, payload: undefined };
    expect(found).toEqual([
      { event: { n: 0 }, ...shared, subSequenceNumber: 0, partitionKey: "x" },
      { event: { n: 1 }, ...shared, subSequenceNumber: 1, partitionKey: "y" },
    ]);
  });

  it("keeps the good sub-records beside a bad one", () => {
    const data = aggregate(
      ["{}", "nonsense", "{}"].map((text) => ({ partitionKey: "k", data: Buffer.from(text) })),
    );
    const { events, poison } = one(data);
    expect(events.map(({ origin }) => origin.subSequenceNumber)).toEqual([0, 2]);
    expect(poison.map(({ origin }) => origin.subSequenceNumber)).toEqual([1]);
  });

  it.each([
    ["text that is no JSON", "hello", "not-json"],
    ["nothing", "", "not-json"],
    ["a list", "[1]", "not-json"],
    ["a number", "12345678901234567890", "not-json"],
    ["null", "null", "not-json"],
    ["bytes that are no UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), "not-json"],
    ["gzip in gzip, which is opened once", gzipSync(gzipSync('{"a":1}')), "not-json"],
    ["another compression", zstdCompressSync('{"a":1}'), "not-json"],
    ["gzip with something behind it", Buffer.concat([gzipSync('{"a":1}'), Buffer.from("x")]), "bad-gzip"],
    ["UTF-16", Buffer.from('{"a":1}', "utf16le"), "not-json"],
    ["gzip that is cut off", gzipSync('{"a":1}').subarray(0, 20), "bad-gzip"],
    [
      "an aggregate with a wrong checksum",
      Buffer.concat([aggregate([{ partitionKey: "k", data: Buffer.from("{}") }]), Buffer.from("x")]),
      "not-json",
    ],
    ["an aggregate of no records, which would be skipped uncounted", aggregate([]), "not-json"],
  ])("passes %s on as poison, with its payload", (_what, data, reason) => {
    const { events, poison } = one(data);
    expect(events).toEqual([]);
    expect(poison).toMatchObject([{ reason, origin: { payload: Buffer.from(data) } }]);
  });

  it("quarantines them in an aggregate one by one", () => {
    const payloads = [gzipSync(gzipSync("{}")), gzipSync('{"a":1}'), zstdCompressSync("{}")];
    const { events, poison } = one(aggregate(payloads.map((data) => ({ partitionKey: "k", data }))));
    expect(events.map(({ event }) => event)).toEqual([{ a: 1 }]);
    expect(poison).toMatchObject(
      [0, 2].map((at) => ({ origin: { subSequenceNumber: at, payload: payloads[at] } })),
    );
  });

  it("does not open gzip beyond 4 MiB, and goes on with the next record", () => {
    const bomb = gzipSync(`{"a":"${"x".repeat(17 * 1024 * 1024)}"}`);
    expect(one(bomb).poison).toMatchObject([{ reason: "too-large", origin: { payload: bomb } }]);
    const { events } = decodeAll([kinesisRecord(bomb), kinesisRecord("{}", "2")]);
    expect(events.map(({ origin }) => origin.sequenceNumber)).toEqual(["2"]);
  });

  it("opens the sub-records of one aggregate to 64 MiB together, and quarantines the others one by one", () => {
    const zipped = gzipSync(JSON.stringify({ x: " ".repeat(4_000_000) }));
    const data = aggregate(Array.from({ length: 20 }, () => ({ partitionKey: "k", data: zipped })));
    const { events, poison } = one(data);
    expect([events.length, poison.length]).toEqual([16, 4]);
    expect(new Set(poison.map(({ reason }) => reason))).toEqual(new Set(["too-large"]));
    expect(poison[3]).toMatchObject({ origin: { subSequenceNumber: 19, payload: zipped } });
  });

  it("takes a UTF-8 byte order mark", () => {
    expect(one('\ufeff{"a":1}').events).toMatchObject([{ event: { a: 1 } }]);
  });

  it("takes a redriven sub-record as that sub-record, and not as an aggregate", () => {
    const inner = aggregate([{ partitionKey: "k", data: Buffer.from("{}") }]);
    const record = kinesisRecord(inner, "77");
    const { poison } = decodeAll([{ kinesis: { ...record.kinesis, subSequenceNumber: 5 } }]);
    expect(poison).toMatchObject([
      { origin: { sequenceNumber: "77", subSequenceNumber: 5, payload: inner } },
    ]);
  });

  it("loses no record, whatever its bytes are", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 })), (datas) => {
        const { events, poison } = decodeAll(datas.map((data, index) => kinesisRecord(data, String(index))));
        const positions = [...events, ...poison].map(({ origin }) => origin.position).sort((a, b) => a - b);
        expect(positions).toEqual([...datas.keys()]);
      }),
    );
  });
});
