import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAggregate } from "../../../../functions/ingest-events/decode/kpl.ts";
import {
  aggregate,
  bytesField,
  sealed,
  varint,
  varintField,
} from "../../../../sandbox/kinesis/kpl-aggregate.ts";

const userRecord = fc.record({
  partitionKey: fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }),
  data: fc.uint8Array({ maxLength: 300 }),
});

const one = Buffer.concat([bytesField(1, Buffer.from("a")), record(0, "x")]);

function record(keyIndex: number, data: string): Buffer {
  return bytesField(3, Buffer.concat([varintField(1, keyIndex), bytesField(3, Buffer.from(data))]));
}

describe("readAggregate", () => {
  it("reads back every user record with its own partition key", () => {
    fc.assert(
      fc.property(fc.array(userRecord, { maxLength: 40 }), (records) => {
        const found = readAggregate(aggregate(records));
        expect(found?.map(({ partitionKey, data }) => ({ partitionKey, data: [...data] }))).toEqual(
          records.map(({ partitionKey, data }) => ({ partitionKey, data: [...data] })),
        );
      }),
    );
  });

  it("reads what aws-kinesis-agg writes", async () => {
    const records = ["a", "b", "a"].map((partitionKey, index) => ({
      partitionKey,
      data: Buffer.from(`event ${index}`),
    }));
    const written = await aggregatedByAws(records);
    expect(readAggregate(written)?.map(({ partitionKey, data }) => [partitionKey, data.toString()])).toEqual([
      ["a", "event 0"],
      ["b", "event 1"],
      ["a", "event 2"],
    ]);
  });

  it("takes any change of one byte as no aggregate: the checksum no longer holds", () => {
    const data = aggregate([{ partitionKey: "k", data: Buffer.from("payload") }]);
    fc.assert(
      fc.property(fc.nat({ max: data.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Buffer.from(data);
        changed[at] = (changed[at] ?? 0) ^ change;
        expect(readAggregate(changed)).toBeUndefined();
      }),
    );
  });

  it("takes any truncation as no aggregate", () => {
    const data = aggregate([{ partitionKey: "k", data: Buffer.from("payload") }]);
    for (let length = 0; length < data.length; length += 1) {
      expect(readAggregate(data.subarray(0, length))).toBeUndefined();
    }
  });

  it("never throws, whatever message stands under a valid checksum", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (message) => {
        const found = readAggregate(sealed(message));
        expect(found === undefined || Array.isArray(found)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [
      "a partition key index beyond the table",
      Buffer.concat([bytesField(1, Buffer.from("a")), record(1, "x")]),
    ],
    [
      "a record without data",
      Buffer.concat([bytesField(1, Buffer.from("a")), bytesField(3, varintField(1, 0))]),
    ],
    [
      "a record without a partition key index",
      Buffer.concat([bytesField(1, Buffer.from("a")), bytesField(3, bytesField(3, Buffer.from("x")))]),
    ],
    ["a length beyond the end", Buffer.concat([one, varint(3 * 8 + 2), varint(1000)])],
    [
      "a record whose data runs beyond the record",
      Buffer.concat([
        bytesField(1, Buffer.from("a")),
        bytesField(3, Buffer.concat([varintField(1, 0), varint(26), varint(9), Buffer.from("x")])),
        Buffer.from("12345678"),
      ]),
    ],
    ["a field number 0", Buffer.concat([one, varintField(0, 1)])],
    ["a group, which the format has not", Buffer.concat([one, varint(5 * 8 + 3)])],
    [
      "a varint of eleven bytes",
      Buffer.concat([one, varint(5 * 8), Buffer.alloc(10, 0x80), Buffer.from([1])]),
    ],
    ["a varint that ends in the middle", Buffer.concat([one, varint(5 * 8), Buffer.from([0x80])])],
    ["a record that is no message but a number", Buffer.concat([one, varintField(3, 1)])],
  ])("is one raw record with %s", (_what, message) => {
    expect(readAggregate(sealed(message))).toBeUndefined();
  });

  it("passes over fields it does not know, of every wire type", () => {
    const unknown = Buffer.concat([
      varintField(9, 300),
      bytesField(10, randomBytes(3)),
      varint(11 * 8 + 1),
      Buffer.alloc(8),
      varint(12 * 8 + 5),
      Buffer.alloc(4),
    ]);
    const inside = bytesField(
      3,
      Buffer.concat([
        varintField(2, 7),
        bytesField(4, bytesField(1, Buffer.from("tag"))),
        varintField(1, 0),
        bytesField(3, Buffer.from("y")),
      ]),
    );
    const message = Buffer.concat([unknown, bytesField(2, Buffer.from("123")), one, inside]);
    expect(readAggregate(sealed(message))?.map(({ data }) => data.toString())).toEqual(["x", "y"]);
  });

  it("reads partition keys that come after the records that use them", () => {
    const message = Buffer.concat([record(0, "x"), bytesField(1, Buffer.from("late"))]);
    expect(readAggregate(sealed(message))?.[0]?.partitionKey).toBe("late");
  });
});

/** The one other writer of the format on npm. */
function aggregatedByAws(records: { partitionKey: string; data: Buffer }[]): Promise<Buffer> {
  const require = createRequire(import.meta.url);
  const { aggregate: write } = require("aws-kinesis-agg");
  return new Promise((resolve, reject) => {
    write(
      records,
      ({ data }: { data: Buffer }, done: () => void) => {
        resolve(data);
        done();
      },
      () => {},
      reject,
    );
  });
}
