import { hash } from "node:crypto";
import { tooMany } from "./open.ts";

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
 * @throws Unfit if it holds more than `maxRecords`.
 */
export function readAggregate(
  data: Buffer,
  maxRecords = Number.POSITIVE_INFINITY,
): readonly KplRecord[] | undefined {
  if (data.length < MAGIC_BYTES + MD5_BYTES || data.readUInt32BE(0) !== MAGIC) return undefined;
  const message = data.subarray(MAGIC_BYTES, data.length - MD5_BYTES);
  const checksum = data.subarray(data.length - MD5_BYTES);
  if (!hash("md5", message, "buffer").equals(checksum)) return undefined;
  return readAggregatedRecord(message, maxRecords);
}

function readAggregatedRecord(message: Buffer, maxRecords: number): readonly KplRecord[] | undefined {
  const partitionKeys: string[] = [];
  const keyIndexes: number[] = [];
  const datas: Buffer[] = [];
  const reader = new Fields(message);
  const record = new RecordReader(message);
  while (reader.next()) {
    if (reader.field === 1 && reader.isBytes) {
      partitionKeys.push(message.toString("utf8", reader.start, reader.end));
    } else if (reader.field === 3 && reader.isBytes) {
      if (!record.read(reader.start, reader.end)) return undefined;
      keyIndexes.push(record.keyIndex);
      datas.push(message.subarray(record.start, record.end));
      if (datas.length > maxRecords) throw tooMany();
    } else if (reader.field === 1 || reader.field === 3) return undefined;
  }
  if (reader.broken) return undefined;

  const found: KplRecord[] = [];
  for (let index = 0; index < datas.length; index += 1) {
    const partitionKey = partitionKeys[keyIndexes[index] ?? -1];
    const data = datas[index];
    if (partitionKey === undefined || data === undefined) return undefined;
    found.push({ partitionKey, data });
  }
  return found;
}

/** Reads one `Record` after the other: an object for each would take longer than reading it. */
class RecordReader {
  keyIndex = -1;
  /** Where its data begins and ends. */
  start = -1;
  end = -1;
  readonly #fields: Fields;

  constructor(message: Buffer) {
    this.#fields = new Fields(message);
  }

  /** @returns false if there is no whole record. */
  read(from: number, to: number): boolean {
    const fields = this.#fields;
    this.keyIndex = -1;
    this.start = -1;
    fields.reset(from, to);
    while (fields.next()) {
      if (fields.field === 1 && fields.isVarint) this.keyIndex = fields.value;
      else if (fields.field === 3 && fields.isBytes) {
        this.start = fields.start;
        this.end = fields.end;
      } else if (fields.field === 1 || fields.field === 3) return false;
    }
    return !fields.broken && this.keyIndex !== -1 && this.start !== -1;
  }
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
  #limit: number;
  #position = 0;

  constructor(message: Buffer) {
    this.#message = message;
    this.#limit = message.length;
  }

  /** Begins anew with the message that is there. */
  reset(start: number, end: number): void {
    this.#position = start;
    this.#limit = end;
    this.broken = false;
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

  #skip(length: number): void {
    this.start = this.#position;
    this.end = this.#position + length;
    if (this.end > this.#limit) this.broken = true;
    else this.#position = this.end;
  }

  /** At most ten bytes of seven bits each, the lowest first. */
  #varint(): number {
    const first = this.#message[this.#position];
    // Mostly it is one byte: a tag, an index, a short length.
    if (first !== undefined && first < 0x80 && this.#position < this.#limit) {
      this.#position += 1;
      return first;
    }
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
