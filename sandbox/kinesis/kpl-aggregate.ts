import { hash } from "node:crypto";

/** A record as a producer hands it to the Kinesis Producer Library. */
export interface UserRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/**
 * Packs user records into one Kinesis record, as the Kinesis Producer Library does: traffic for the sandbox,
 * the tests and the benchmarks. The format is described at functions/ingest-events/decode/kpl.ts, which reads it.
 */
export function aggregate(records: readonly UserRecord[]): Buffer {
  const keys = [...new Set(records.map(({ partitionKey }) => partitionKey))];
  const indexes = new Map(keys.map((key, index) => [key, index]));
  const message = Buffer.concat([
    ...keys.map((key) => bytesField(1, Buffer.from(key))),
    ...records.map(({ partitionKey, data }) =>
      bytesField(3, Buffer.concat([varintField(1, indexes.get(partitionKey) ?? 0), bytesField(3, data)])),
    ),
  ]);
  return sealed(message);
}

/** The magic number before a protobuf message and its MD5 behind it. */
export function sealed(message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0xf3, 0x89, 0x9a, 0xc2]), message, hash("md5", message, "buffer")]);
}

export function varintField(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

export function bytesField(field: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes]);
}

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
