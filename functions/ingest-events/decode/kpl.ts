import { hash } from "node:crypto";

/**
 * The Kinesis Producer Library packs several user records into one Kinesis record:
 *
 *     F3 89 9A C2 | AggregatedRecord, as a protobuf message | MD5 of that message, 16 bytes
 *
 *     message AggregatedRecord { repeated string partition_key_table     = 1;
 *                                repeated string explicit_hash_key_table = 2;
 *                                repeated Record records                 = 3; }
 *     message Record { required uint64 partition_key_index = 1; optional uint64 explicit_hash_key_index = 2;
 *                      required bytes data = 3; repeated Tag tags = 4; }
 *
 * https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md
 */
export interface KplRecord {
  readonly partitionKey: string;
  /** A view of the aggregate's bytes, not a copy. */
  readonly data: Buffer;
}

const MAGIC = 0xf3899ac2;
const MAGIC_BYTES = 4;
const MD5_BYTES = 16;
const MAX_TAG = 2 ** 32 - 1;

/**
 * The user records in `data`, or `undefined` if `data` is not a valid aggregate to its last byte. The KCL's
 * rule: magic, length, checksum and message must all hold; anything else is one record as it stands.
 */
export function readAggregate(data: Buffer): readonly KplRecord[] | undefined {
  if (data.length < MAGIC_BYTES + MD5_BYTES || data.readUInt32BE(0) !== MAGIC) return undefined;
  const message = data.subarray(MAGIC_BYTES, data.length - MD5_BYTES);
  const checksum = data.subarray(data.length - MD5_BYTES);
  if (!hash("md5", message, "buffer").equals(checksum)) return undefined;
  return readAggregatedRecord(message);
}

function readAggregatedRecord(message: Buffer): readonly KplRecord[] | undefined {
  const partitionKeys: string[] = [];
  const records: { keyIndex: number; data: Buffer }[] = [];
  const reader = new Fields(message);
  while (reader.next()) {
    if (reader.field === 1 && reader.isBytes) partitionKeys.push(reader.bytes().toString("utf8"));
    else if (reader.field === 3 && reader.isBytes) {
      const record = readRecord(message, reader);
      if (record === undefined) return undefined;
      records.push(record);
    } else if (reader.field === 1 || reader.field === 3) return undefined;
  }
  if (reader.broken) return undefined;

  const found: KplRecord[] = [];
  for (const { keyIndex, data } of records) {
    const partitionKey = partitionKeys[keyIndex];
    if (partitionKey === undefined) return undefined;
    found.push({ partitionKey, data });
  }
  return found;
}

function readRecord(message: Buffer, outer: Fields): { keyIndex: number; data: Buffer } | undefined {
  let keyIndex: number | undefined;
  let data: Buffer | undefined;
  const reader = new Fields(message, outer.start, outer.end);
  while (reader.next()) {
    if (reader.field === 1 && reader.isVarint) keyIndex = reader.value;
    else if (reader.field === 3 && reader.isBytes) data = reader.bytes();
    else if (reader.field === 1 || reader.field === 3) return undefined;
  }
  if (reader.broken || keyIndex === undefined || data === undefined) return undefined;
  return { keyIndex, data };
}

/**
 * The fields of one protobuf message, one after the other. One reader holds the state instead of an object
 * for each field: an aggregate of 1 MiB may have 100,000 of them.
 */
class Fields {
  field = 0;
  isVarint = false;
  isBytes = false;
  /** A varint's value; not exact beyond 2^53, where no index of ours can be. */
  value = 0;
  /** Where the bytes of a length-delimited field begin and end. */
  start = 0;
  end = 0;
  broken = false;

  readonly #message: Buffer;
  readonly #limit: number;
  #position: number;

  constructor(message: Buffer, start = 0, end = message.length) {
    this.#message = message;
    this.#position = start;
    this.#limit = end;
  }

  /** Reads the next field; `false` at the end, and at the first byte that is no field (`broken`). */
  next(): boolean {
    if (this.#position === this.#limit) return false;
    const tag = this.#varint();
    this.field = Math.floor(tag / 8);
    const wireType = tag % 8;
    this.isVarint = wireType === 0;
    this.isBytes = wireType === 2;
    if (this.isVarint) this.value = this.#varint();
    else if (this.isBytes) {
      const length = this.#varint();
      this.#skip(length);
    } else if (wireType === 1) this.#skip(8);
    else if (wireType === 5) this.#skip(4);
    else this.broken = true;
    if (this.field === 0 || tag > MAX_TAG) this.broken = true;
    return !this.broken;
  }

  bytes(): Buffer {
    return this.#message.subarray(this.start, this.end);
  }

  #skip(length: number): void {
    this.start = this.#position;
    this.end = this.#position + length;
    if (this.end > this.#limit) this.broken = true;
    else this.#position = this.end;
  }

  /** At most ten bytes of seven bits each, the lowest first. */
  #varint(): number {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 10; count += 1) {
      if (this.#position >= this.#limit) break;
      const byte = this.#message[this.#position] ?? 0;
      this.#position += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    this.broken = true;
    return 0;
  }
}
