import { AsyncLocalStorage } from "node:async_hooks";
import { Readable } from "node:stream";
import { type HttpRequest, HttpResponse } from "@smithy/core/transport";
import { type AwsRequest, DEFAULT_REGION, type Service } from "../../sandbox/service.ts";
import type { Gate } from "./gate.ts";

/** The gate of the run that makes a call: one client serves all runs, as making one costs more than a call. */
const gates = new AsyncLocalStorage<Gate>();

/** The same client with every call through this gate. */
export function throughGate<C extends object>(client: C, gate: Gate): C {
  const send: unknown = Reflect.get(client, "send");
  if (typeof send !== "function") throw new Error("no AWS client: it has no send");
  const gated: C = Object.create(client);
  const value = (...args: unknown[]): unknown => gates.run(gate, () => send.apply(client, args));
  Object.defineProperty(gated, "send", { value });
  return gated;
}

/** Options for a real AWS client whose calls go straight to a service of the sandbox, without a socket. */
export function inProcess(service: Service) {
  return {
    region: DEFAULT_REGION,
    endpoint: "http://127.0.0.1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    // Nobody checks a signature here, and a signature is half of what a call costs.
    signer: { sign: async <T>(request: T): Promise<T> => request },
    maxAttempts: 1,
    requestHandler: {
      async handle(request: HttpRequest) {
        const sent = asAwsRequest(request);
        const name = operationOf(service, sent);
        const gate = gates.getStore();
        if (!gate) throw new Error(`${name} was called outside a run`);
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
