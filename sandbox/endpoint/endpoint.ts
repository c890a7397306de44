import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Clock } from "../../shared/time/clock.ts";
import type { Authorise } from "../iam/authorise.ts";
import { type AwsRequest, type AwsResponse, DEFAULT_REGION, type Service } from "../service.ts";
import { AwsError } from "../wire/error.ts";
import { closeServer, listenOn } from "../wire/listen.ts";
import { resourcesOf } from "./call-resources.ts";
import { type Call, type Callers, type Calls, endCall } from "./calls.ts";
import { credentialScope } from "./credential-scope.ts";
import { crossSite } from "./cross-site.ts";
import type { Fault, FaultKind, Faults } from "./faults.ts";
import type { TakeToken } from "./rates.ts";
import { type Refusal, refusalResponse } from "./refusal.ts";
import { throttlingOf } from "./throttling.ts";
import { endsUnanswered, endsUnheard } from "./unanswered.ts";

export interface EndpointOptions {
  readonly services: readonly Service[];
  /** Those of a region; where absent, every region has the same. @throws {AwsError} for what is no region */
  readonly servicesIn?: (region: string) => Promise<readonly Service[]>;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly calls: Calls;
  /** The functions' execution environments, so that a call's environment is known and can be killed. */
  readonly callers: Callers;
  /** Refuses a function's call that its role does not allow; where absent, every call is allowed. */
  readonly authorise?: Authorise;
  /** Throttles what is called too often; where absent, nothing is. */
  readonly takeToken?: TakeToken;
  /** Hears of each call that was throttled. */
  readonly onThrottled?: (call: Call) => void;
  /** 0 takes a free one. */
  readonly port: number;
  /** Real milliseconds each call of a function takes at least, as a network would; 0 when absent. */
  readonly latencyMs?: number;
  /** Answers requests that are not signed, and so are no AWS calls; undefined: it has no answer. */
  readonly unsigned?: AnswerUnsigned;
  /** Called with what went wrong inside the sandbox. */
  readonly log: (line: string) => void;
}

export type AnswerUnsigned = (request: AwsRequest) => Promise<AwsResponse | undefined>;

export interface Endpoint {
  /** For `AWS_ENDPOINT_URL`, for example `http://127.0.0.1:4566`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** As large as the largest request of the services here (Kinesis PutRecords, 10 MiB) with base64 around it. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** The one address of this AWS. Finds the service by the SigV4 credential scope, and applies the faults. */
export async function startEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const atHome = byNameOf(options.services);
  const known = [...atHome.keys()].toSorted().join(", ");
  const byNameIn = async (region: string) =>
    options.servicesIn ? byNameOf(await options.servicesIn(region)) : atHome;
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => {
      options.log(`The sandbox could not answer ${incoming.method} ${incoming.url}: ${describe(error)}`);
      outgoing.destroy();
    });
  });
  // A client that waits for a connection kept alive would hold `stop` up; Lambda's own is far longer.
  server.keepAliveTimeout = 30_000;

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? "/", "http://127.0.0.1");
    const headers = flatHeaders(incoming);
    const scope = credentialScope(headers, url.searchParams);
    const body = await readBody(incoming);
    const request: AwsRequest = {
      method: incoming.method ?? "GET",
      path: (incoming.url ?? "/").split("?", 1)[0] ?? "/",
      query: url.searchParams,
      headers,
      body: body ?? Buffer.alloc(0),
      region: scope?.region ?? DEFAULT_REGION,
    };
    const foreign = crossSite(request, scope === undefined ? "read" : "call");
    if (foreign !== undefined) return send(outgoing, forbidden(foreign));
    const refuse = (refusal: Refusal) => send(outgoing, refusalResponse(request, scope?.service, refusal));

    if (body === undefined) {
      return refuse({ status: 413, code: "RequestEntityTooLarge", message: `Over ${MAX_BODY_BYTES} bytes.` });
    }
    if (scope === undefined) {
      const answered = await options.unsigned?.(request);
      if (answered) return send(outgoing, answered);
      return refuse(notSigned(known));
    }
    let service: Service | undefined;
    try {
      service = (await byNameIn(request.region)).get(scope.service);
    } catch (error) {
      if (error instanceof AwsError) return refuse(error);
      throw error;
    }
    if (service === undefined) {
      const message = `The sandbox has no service "${scope.service}". Known services: ${known}.`;
      options.log(message);
      return refuse({ status: 501, code: "UnknownService", message });
    }
    await serve(service, scope.service, scope.accessKeyId, request, outgoing, refuse);
  }

  async function serve(
    service: Service,
    name: string,
    accessKeyId: string,
    request: AwsRequest,
    outgoing: ServerResponse,
    refuse: (refusal: Refusal) => void,
  ): Promise<void> {
    const caller = options.callers.get(accessKeyId);
    const functionName = caller?.functionName;
    const operation = service.operationOf?.(request) ?? operationOf(request);
    const call = callOf({ service: name, operation, at: options.clock.now() }, caller, request);
    options.calls.add(call);
    if (options.latencyMs && caller) await new Promise((resolve) => setTimeout(resolve, options.latencyMs));
    const refuseCall = (refusal: Refusal) => {
      endCall(call, refusal.status);
      refuse(refusal);
    };
    const refused = refusalBefore(options, call, request);
    if (refused) return refuseCall(refused);
    const fault = options.faults.take({ service: name, operation, functionName }, isForEndpoint);
    if (fault) call.fault = fault.kind;
    if (fault?.kind === "throttle") options.onThrottled?.({ ...call, resources: resourcesOf(name, request) });
    const instead = fault && refusalFor(fault, name, operation);
    if (instead) return refuseCall(instead);
    const underWay = { call, caller, fault, outgoing };
    if (await endsUnheard(underWay)) return;
    const outcome = await handled(service, call, request, options.log);
    if ("code" in outcome) return refuseCall(outcome);
    if (await endsUnanswered(underWay)) return;
    endCall(call, outcome.status);
    send(outgoing, outcome);
  }

  function send(outgoing: ServerResponse, response: AwsResponse): void {
    if (outgoing.destroyed) return;
    const body = response.body === undefined ? Buffer.alloc(0) : Buffer.from(response.body);
    outgoing.writeHead(response.status, {
      // The SDKs compare this with their own clock, which in the functions is the sandbox's.
      date: new Date(options.clock.now()).toUTCString(),
      ...response.headers,
      "content-length": body.length,
    });
    outgoing.end(body);
  }

  const port = await listenOn(server, options.port).catch((error: NodeJS.ErrnoException) => {
    throw portError(error, options.port);
  });
  return { url: `http://127.0.0.1:${port}`, stop: () => closeServer(server) };
}

const notSigned = (known: string): Refusal => ({
  status: 403,
  code: "MissingAuthenticationToken",
  message: `The request is not signed (SigV4), so the sandbox does not know which service it is for. Any access key will do. Known services: ${known}.`,
});

/** Why AWS does not carry the call out: its caller may not make it, or makes it too often. */
function refusalBefore(options: EndpointOptions, call: Call, request: AwsRequest): Refusal | undefined {
  const { service, operation } = call;
  const refused = options.authorise?.(call, request);
  if (refused) return refused;
  const isThrottled = options.takeToken?.(service, operation, request.region) === false;
  return isThrottled ? throttlingOf(service, operation) : undefined;
}

/** The service's answer, or its error. */
async function handled(
  service: Service,
  { service: name, operation }: Call,
  request: AwsRequest,
  log: (line: string) => void,
): Promise<AwsResponse | Refusal> {
  try {
    return await service.handle(request);
  } catch (error) {
    if (error instanceof AwsError) return error;
    log(`${name} ${operation} failed inside the sandbox: ${describe(error)}`);
    return { status: 500, code: "InternalFailure", message: describe(error) };
  }
}

const byNameOf = (services: readonly Service[]): ReadonlyMap<string, Service> =>
  new Map(services.flatMap((service) => service.signingNames.map((name) => [name, service] as const)));

/** No client of AWS's meets this, so it has no form of AWS's. */
function forbidden(problem: string): AwsResponse {
  return { status: 403, headers: { "content-type": "application/json" }, body: JSON.stringify({ problem }) };
}

/** The kinds the endpoint applies itself; `updating` is for the Kinesis service, which knows the stream. */
function isForEndpoint(kind: FaultKind): boolean {
  return kind !== "updating";
}

function refusalFor(fault: Fault, service: string, operation: string): Refusal | undefined {
  if (fault.kind === "throttle") return throttlingOf(service, operation);
  if (fault.kind !== "server-error") return undefined;
  return { status: 500, code: "InternalFailure", message: "An internal error, injected by the sandbox." };
}

/** AWS's name of the operation, from where each protocol puts it. */
export function operationOf(request: AwsRequest): string {
  const target = request.headers["x-amz-target"]?.split(".").at(-1);
  if (target) return target;
  const rpc = /\/service\/[^/]+\/operation\/([^/]+)$/.exec(request.path)?.[1];
  if (rpc) return rpc;
  const isForm = request.headers["content-type"]?.includes("x-www-form-urlencoded") ?? false;
  const action = isForm
    ? new URLSearchParams(request.body.toString()).get("Action")
    : request.query.get("Action");
  return action ?? `${request.method} ${request.path}`;
}

export function flatHeaders(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return headers;
}

/** Undefined when it is larger than any request here may be. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length <= MAX_BODY_BYTES) chunks.push(bytes);
  }
  return length <= MAX_BODY_BYTES ? Buffer.concat(chunks) : undefined;
}

function portError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== "EADDRINUSE") return error;
  return new Error(
    `Port ${port} of 127.0.0.1 is taken, so the sandbox cannot start there: end what uses it first.`,
    { cause: error },
  );
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** A call as it is counted; what it is on, where a function makes it. */
function callOf(
  about: Pick<Call, "service" | "operation" | "at">,
  caller: ReturnType<Callers["get"]>,
  request: AwsRequest,
): Call {
  const requestId = caller?.requestId();
  return {
    ...about,
    startedMs: performance.now(),
    ...(caller && { functionName: caller.functionName, resources: resourcesOf(about.service, request) }),
    ...(caller?.functionArn !== undefined && { functionArn: caller.functionArn }),
    ...(requestId !== undefined && { requestId }),
  };
}
