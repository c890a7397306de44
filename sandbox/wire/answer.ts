import { gunzipSync } from "node:zlib";
import type { AwsRequest, AwsResponse } from "../service.ts";
import { decodeCbor, encodeCbor } from "./cbor.ts";
import { AwsError } from "./error.ts";
import { decodeJson, encodeJson } from "./json.ts";
import { decodeQuery, encodeQuery, encodeQueryError } from "./query.ts";

/**
 * One operation: any protocol's decoded input to an output (or its promise) with `Date`s for times and `Map`s
 * for maps; undefined where the operation has no output.
 */
export type Operation = (input: unknown) => unknown;

/** A service's operations and what its protocols need to know about it. */
export interface WireService {
  /** For messages, for example `CloudWatch`. */
  readonly name: string;
  readonly operations: Readonly<Record<string, Operation>>;
  /** The namespace of its Query answers. */
  readonly xmlNamespace: string;
}

/** How one request is read and answered. */
interface Protocol {
  operation(): string;
  decode(): unknown;
  encode(output: unknown): AwsResponse;
  encodeError(error: AwsError): AwsResponse;
}

/** Answers a request in the protocol it was made in: AWS JSON, Smithy RPC v2 CBOR or AWS Query. */
export async function answer(service: WireService, request: AwsRequest): Promise<AwsResponse> {
  const protocol = protocolOf(service, request);
  try {
    const name = protocol.operation();
    const operation = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
    if (!operation) throw unknownOperation(service, name);
    return protocol.encode(await operation(protocol.decode()));
  } catch (error) {
    return protocol.encodeError(error instanceof AwsError ? error : internal(error));
  }
}

function protocolOf(service: WireService, request: AwsRequest): Protocol {
  if (request.headers["smithy-protocol"] === "rpc-v2-cbor") return cborProtocol(request);
  if (request.headers["x-amz-target"] !== undefined) return jsonProtocol(request);
  return queryProtocol(service, request);
}

function cborProtocol(request: AwsRequest): Protocol {
  const headers = { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" };
  return {
    operation: () => request.path.match(/\/operation\/([^/?]+)/)?.[1] ?? "",
    decode: () => decodeCbor(unzipped(request)),
    encode: (output) => ({ status: 200, headers, body: encodeCbor(output ?? {}) }),
    encodeError: (error) => ({
      status: error.status,
      headers: { ...headers, ...queryErrorHeader(error) },
      body: encodeCbor({ __type: error.code, message: error.message }),
    }),
  };
}

function jsonProtocol(request: AwsRequest): Protocol {
  const headers = { "content-type": request.headers["content-type"] ?? "application/x-amz-json-1.0" };
  return {
    operation: () => request.headers["x-amz-target"]?.split(".").at(-1) ?? "",
    decode: () => decodeJson(unzipped(request)),
    encode: (output) => ({ status: 200, headers, body: encodeJson(output ?? {}) }),
    encodeError: (error) => ({
      status: error.status,
      headers: { ...headers, ...queryErrorHeader(error) },
      body: encodeJson({ __type: error.code, message: error.message }),
    }),
  };
}

function queryProtocol(service: WireService, request: AwsRequest): Protocol {
  const headers = { "content-type": "text/xml" };
  let form: URLSearchParams | undefined;
  const read = () => {
    form ??= new URLSearchParams([
      ...new URLSearchParams(unzipped(request).toString("utf8")),
      ...request.query,
    ]);
    return form;
  };
  const operation = () => read().get("Action") ?? "";
  return {
    operation,
    decode: () => decodeQuery(read()),
    encode: (output) => ({
      status: 200,
      headers,
      body: encodeQuery(operation(), output, service.xmlNamespace),
    }),
    encodeError: (error) => ({
      status: error.status,
      headers,
      body: encodeQueryError(error, service.xmlNamespace),
    }),
  };
}

/** Clients gzip large PutMetricData bodies (Smithy's requestCompression trait). */
function unzipped(request: AwsRequest): Buffer {
  if (!/\bgzip\b/.test(request.headers["content-encoding"] ?? "")) return request.body;
  try {
    return gunzipSync(request.body);
  } catch (error) {
    throw new AwsError("SerializationException", `The request's body is not gzip: ${String(error)}`);
  }
}

/** Clients of a service that once spoke Query look here for the code they know. */
function queryErrorHeader(error: AwsError): Record<string, string> {
  return { "x-amzn-query-error": `${error.queryCode};${error.status < 500 ? "Sender" : "Receiver"}` };
}

function unknownOperation(service: WireService, operation: string): AwsError {
  const known = Object.keys(service.operations).join(", ");
  const message = `The sandbox's ${service.name} has no operation "${operation}". It has: ${known}.`;
  return new AwsError("UnknownOperationException", message, { queryCode: "InvalidAction" });
}

function internal(error: unknown): AwsError {
  const message = `The sandbox failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  return new AwsError("InternalFailure", message, { status: 500 });
}
