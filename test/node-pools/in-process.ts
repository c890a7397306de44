import { Readable } from "node:stream";
import { type HttpRequest, HttpResponse } from "@smithy/core/transport";
import { type AwsRequest, DEFAULT_REGION, type Service } from "../../sandbox/service.ts";
import type { Gate } from "./gate.ts";

/** Options for a real AWS client whose calls go straight to a service of the sandbox, without a socket. */
export function inProcess(service: Service, gate: Gate) {
  return {
    region: DEFAULT_REGION,
    endpoint: "http://127.0.0.1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
    requestHandler: {
      async handle(request: HttpRequest) {
        const sent = asAwsRequest(request);
        const name = operationOf(service, sent);
        const { status, headers = {}, body = "" } = await gate.pass(name, () => service.handle(sent));
        const response = new HttpResponse({
          statusCode: status,
          headers: { ...headers },
          body: Readable.from([Buffer.from(body)]),
        });
        return { response };
      },
    },
  };
}

function asAwsRequest({ method, path, query, headers, body }: HttpRequest): AwsRequest {
  const parameters = Object.entries(query ?? {}).flatMap(([key, value]) =>
    [value ?? ""].flat().map((each): [string, string] => [key, each]),
  );
  return {
    method,
    path,
    query: new URLSearchParams(parameters),
    headers,
    body: body instanceof Uint8Array ? Buffer.concat([body]) : Buffer.from(body ?? ""),
    region: DEFAULT_REGION,
  };
}

function operationOf(service: Service, request: AwsRequest): string {
  const byPath = service.operationOf?.(request);
  const byForm = new URLSearchParams(request.body.toString()).get("Action");
  return `${service.signingNames[0]}:${byPath ?? byForm ?? request.path}`;
}
