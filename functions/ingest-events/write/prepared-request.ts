import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { HttpRequest } from "@smithy/core/protocols";
import type { HttpResponse, RequestSigner, HttpRequest as SentRequest } from "@smithy/types";
import { systemClock } from "../../../shared/time/clock.ts";

/**
 * Where and how the SDK sends one operation, kept from its first call. The SDK works this out anew for each call, which takes
 * half as long as all other work on the 25 records in it (bench/ingest/ingest.ts).
 */
export class PreparedRequest {
  readonly #client: DynamoDBClient;
  readonly #signer: RequestSigner;
  readonly #sent: Omit<HttpRequest, "body">;

  /** @param sent as the SDK sent the first */
  constructor(client: DynamoDBClient, signer: RequestSigner, sent: SentRequest) {
    this.#client = client;
    this.#signer = signer;
    const { protocol, hostname, port, path, method, headers } = sent;
    const kept = KEPT_HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]));
    this.#sent = new HttpRequest({
      protocol,
      hostname,
      path,
      method,
      headers: Object.fromEntries(kept),
      ...(port !== undefined && { port }),
    });
  }

  /** For the trace. */
  get call() {
    const operation = String(this.#sent.headers["x-amz-target"]).split(".").at(-1) ?? "";
    return { service: "DynamoDB", operation, region: () => this.#client.config.region() };
  }

  /** A request of the operation, not yet signed. */
  request(body: Buffer): HttpRequest {
    const trace = process.env._X_AMZN_TRACE_ID;
    const headers = {
      ...this.#sent.headers,
      "content-length": String(body.length),
      ...(trace !== undefined && { "X-Amzn-Trace-Id": trace }),
    };
    return new HttpRequest({ ...this.#sent, headers, body });
  }

  /** Signs it with the credentials that the client has now, and sends it over the client's connections. */
  async send(request: HttpRequest, abortSignal: AbortSignal): Promise<HttpResponse> {
    const { requestHandler, systemClockOffset } = this.#client.config;
    const signingDate = new Date(systemClock.now() + systemClockOffset);
    const signed = await this.#signer.sign(request, { signingDate });
    const { response } = await requestHandler.handle(new HttpRequest(signed), { abortSignal });
    return response;
  }
}

/** What differs from call to call, such as the signature and the date, is made anew. */
const KEPT_HEADERS = ["host", "content-type", "x-amz-target", "user-agent", "x-amz-user-agent"];

/** By client, then by the class of the command. */
const PREPARED = new WeakMap<DynamoDBClient, Map<unknown, PreparedRequest>>();

/** `undefined` before the first call of the operation went well. */
export function preparedRequest(client: DynamoDBClient, command: object): PreparedRequest | undefined {
  return PREPARED.get(client)?.get(command.constructor);
}

/** Keeps how `request`, which went well, was sent. */
export async function prepareRequest(
  client: DynamoDBClient,
  command: object,
  request: SentRequest,
): Promise<void> {
  const prepared = new PreparedRequest(client, await client.config.signer(), request);
  const known = PREPARED.get(client) ?? new Map<unknown, PreparedRequest>();
  PREPARED.set(client, known.set(command.constructor, prepared));
}

/** As the SDK would say it. */
export function metadataOf({ statusCode, headers }: HttpResponse) {
  return {
    httpStatusCode: statusCode,
    attempts: 1,
    ...(headers["x-amzn-requestid"] !== undefined && { requestId: headers["x-amzn-requestid"] }),
  };
}
