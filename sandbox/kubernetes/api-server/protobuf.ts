import { readFileSync } from "node:fs";
import { join } from "node:path";
import protobuf, { type Field, type Message, type Type } from "protobufjs";
import { ApiError } from "./api-error.ts";

/** Every protobuf body of Kubernetes begins with this, and goes on with a `runtime.Unknown`. */
const MAGIC = Buffer.from("k8s\0");

/** Read when the first such body comes: most processes never see one. */
let root: protobuf.Root | undefined;

function typeOf(name: string): Type | undefined {
  root ??= protobuf.parse(readFileSync(join(import.meta.dirname, "kubernetes.proto"), "utf8"), {
    keepCase: true,
  }).root;
  const found = root.get(name);
  return found instanceof protobuf.Type ? found : undefined;
}

/**
 * The object of a body in `application/vnd.kubernetes.protobuf`, as its JSON would say it. kubectl sends what it
 * creates by flags so (`create deployment`, `auth can-i`), and client-go what a controller writes.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
 *
 * @throws {ApiError} 400 for what is no such body, 415 for a kind or a field that is not known here: nothing is left out in silence
 */
export function objectOf(body: Buffer): object {
  const unknown = typeOf("Unknown");
  if (!unknown || !body.subarray(0, MAGIC.length).equals(MAGIC))
    throw unreadable("it does not begin with k8s");
  const { typeMeta, raw } = decoded(unknown, body.subarray(MAGIC.length));
  const { kind = "", apiVersion = "" } = asRecord(typeMeta);
  const type = typeOf(String(kind));
  if (!type || !(raw instanceof Uint8Array)) throw unsupported(`kind ${String(kind)}`);
  const message = decoded(type, raw);
  // A field that is not known is skipped when it is read, and is not there when it is written again.
  if (type.encode(message).finish().length !== raw.length) throw unsupported(`a field of ${String(kind)}`);
  return { apiVersion, kind, ...asRecord(jsonOf(type, type.toObject(message, { longs: Number }))) };
}

type Decoded = Message & Record<string, unknown>;

function decoded(type: Type, bytes: Uint8Array): Decoded {
  try {
    return type.decode(bytes) as Decoded;
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error));
  }
}

/** What Kubernetes writes in JSON of a message; three of its types are written as plain values. */
function jsonOf(type: Type, message: Record<string, unknown>): unknown {
  if (type.name === "Quantity") return message.string;
  if (type.name === "IntOrString") return Number(message.type) === 0 ? message.intVal : message.strVal;
  if (type.name === "Time") return timeOf(message);
  return Object.fromEntries(
    type.fieldsArray.flatMap((field) => {
      const value = Object.hasOwn(message, field.name) ? fieldOf(field, message[field.name]) : undefined;
      return value === undefined ? [] : [[field.name, value]];
    }),
  );
}

function fieldOf(field: Field, value: unknown): unknown {
  const { resolvedType } = field.resolve();
  const one = (each: unknown): unknown =>
    resolvedType instanceof protobuf.Type ? jsonOf(resolvedType, asRecord(each)) : each;
  if (field.map)
    return Object.fromEntries(Object.entries(asRecord(value)).map(([key, each]) => [key, one(each)]));
  return Array.isArray(value) ? value.map(one) : one(value);
}

/** An empty time is none. */
const timeOf = ({ seconds = 0, nanos = 0 }: Record<string, unknown>): string | undefined =>
  Number(seconds) === 0 ? undefined : new Date(Number(seconds) * 1000 + Number(nanos) / 1e6).toISOString();

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

const unreadable = (why: string): ApiError =>
  new ApiError(400, "BadRequest", `the request's body is no protobuf of Kubernetes: ${why}`);

const unsupported = (what: string): ApiError =>
  new ApiError(
    415,
    "UnsupportedMediaType",
    `the sandbox's Kubernetes does not know ${what} in protobuf: apply a manifest (kubectl apply -f) instead`,
  );
