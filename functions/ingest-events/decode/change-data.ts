import { ExactNumber } from "./decimal.ts";
import { type Decoded, type Origin, Unfit } from "./event.ts";
import { isObject, type JsonObject, type JsonValue, parseJson } from "./json.ts";

/**
 * The event of a change: the new state, or of a delete the last one that the record has.
 * @throws Unfit if the record is none of this format.
 */
export function readChange(
  origin: Origin,
  document: JsonValue,
  format: "dynamodb-stream" | "debezium",
): Decoded {
  return format === "debezium" ? debezium(origin, document) : dynamodbStream(origin, document);
}

const OPERATIONS = { INSERT: "insert", MODIFY: "update", REMOVE: "delete" } as const;

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds_using-shards-and-metrics.html */
function dynamodbStream(origin: Origin, record: JsonValue): Decoded {
  const found = isObject(record) ? record : undefined;
  const operation = OPERATIONS[String(found?.eventName) as keyof typeof OPERATIONS];
  const change = found?.dynamodb;
  if (found === undefined || operation === undefined || !isObject(change)) {
    throw new Unfit("bad-change", "no record of a DynamoDB stream: no eventName with dynamodb");
  }
  const image = operation === "delete" ? (change.OldImage ?? change.Keys) : change.NewImage;
  if (!isObject(image)) {
    throw new Unfit(
      "bad-change",
      "the record of the DynamoDB stream has no NewImage: choose NEW_IMAGE for it",
    );
  }
  const event = plainObject({ ...(isObject(change.Keys) ? change.Keys : {}), ...image });
  return { origin, event, change: { operation, record: found } };
}

/** https://debezium.io/documentation/reference/stable/connectors/postgresql.html#postgresql-events */
function debezium(origin: Origin, document: JsonValue): Decoded {
  // With schemas, the change is in `payload`. A tombstone follows a delete for log compaction, and says nothing more.
  const record = isObject(document) && isObject(document.payload) ? document.payload : document;
  if (record === null || (isObject(record) && record.payload === null && record.op === undefined)) {
    return { origin, dropped: "tombstone" };
  }
  const { op, before, after } = isObject(record) ? record : {};
  const service = isObject(record) && op === undefined ? serviceRecord(record) : undefined;
  if (service !== undefined) return { origin, dropped: service };
  if (!isObject(record) || typeof op !== "string") {
    throw new Unfit("bad-change", "no change of Debezium: no op");
  }
  const isDelete = op === "d";
  const given = isDelete ? before : after;
  // Of MongoDB, Debezium writes a document as a text that holds JSON.
  const written = typeof given === "string" ? parseJson(given) : given;
  const image = isObject(written) || !isDelete ? written : keyImage(origin, record);
  if (!isObject(image)) {
    if (op === "m" || op === "t") return { origin, dropped: op === "t" ? "truncate" : "message" };
    const missing = isDelete ? "before, and no JSON object as its record's partition key" : "after";
    throw new Unfit("bad-change", `the change of Debezium has no ${missing}`);
  }
  const operation = isDelete ? "delete" : op === "u" ? "update" : "insert";
  return { origin, event: image, change: { operation, record } };
}

/**
 * Of a delete without `before` (MongoDB; Postgres without REPLICA IDENTITY FULL), what its key says. Debezium Server sends the key as
 * the partition key; that of MongoDB is `id`, a text that holds the JSON of the document's `_id`.
 * https://debezium.io/documentation/reference/stable/connectors/mongodb.html#mongodb-change-events-key
 */
function keyImage({ partitionKey }: Origin, record: JsonValue): JsonObject | undefined {
  const document = jsonOf(partitionKey);
  const key = isObject(document) && isObject(document.payload) ? document.payload : document;
  if (!isObject(key) || Object.keys(key).length === 0) return undefined;
  const source = isObject(record) ? record.source : undefined;
  const isDocument = isObject(source) && source.connector === "mongodb";
  const id = isDocument && typeof key.id === "string" ? jsonOf(key.id) : undefined;
  return id === undefined ? key : { ...key, _id: id };
}

function jsonOf(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/**
 * What Debezium writes beside the changes of rows: that it is alive, where a transaction begins and ends, a change of the schema.
 * https://debezium.io/documentation/reference/stable/connectors/mysql.html
 */
function serviceRecord(record: JsonObject): string | undefined {
  const { status, event_count: count, tableChanges } = record;
  if (Object.keys(record).join() === "ts_ms") return "heartbeat";
  if ((status === "BEGIN" || status === "END") && count !== undefined) return "transaction";
  return Array.isArray(tableChanges) || typeof record.ddl === "string" ? "schema-change" : undefined;
}

/** DynamoDB's attribute values as plain JSON: sets are lists, binaries their base64. */
function plainObject(attributes: JsonObject): JsonObject {
  // Not by assignment: that would take an attribute named __proto__ for the object's prototype.
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: JsonValue): JsonValue {
  const [[type, inner] = []] = isObject(value) ? Object.entries(value) : [];
  if (inner === undefined) throw new Unfit("bad-change", "the image holds a value without a type");
  switch (type) {
    case "S":
    case "B":
    case "BOOL":
    case "SS":
    case "BS":
      return inner;
    case "N":
      return plainNumber(inner);
    case "NULL":
      return null;
    case "NS":
      return Array.isArray(inner) ? inner.map(plainNumber) : inner;
    case "L":
      return Array.isArray(inner) ? inner.map(plainValue) : inner;
    case "M":
      return isObject(inner) ? plainObject(inner) : inner;
    default:
      throw new Unfit("bad-change", `the image holds a value of the type ${type}`);
  }
}

/** As the text it is: a JavaScript number would lose digits. */
function plainNumber(value: JsonValue): JsonValue {
  const text = String(value);
  return String(Number(text)) === text ? Number(text) : new ExactNumber(text);
}
