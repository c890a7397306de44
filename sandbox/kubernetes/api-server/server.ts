import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import {
  type Call,
  type Callers,
  type Calls,
  endCall,
  type Caller as FunctionCaller,
} from "../../endpoint/calls.ts";
import type { Faults } from "../../endpoint/faults.ts";
import { endsUnanswered, endsUnheard } from "../../endpoint/unanswered.ts";
import { closeServer, listenOn } from "../../wire/listen.ts";
import type { Cluster } from "../cluster.ts";
import type { KubeObject } from "../object.ts";
import type { Change } from "../store.ts";
import { ACCESS_REVIEWS, type Authenticate, type Caller, reviewAccess } from "./access.ts";
import { type ApiAnswer, type ApiRequest, authorize, callApi, selected } from "./api.ts";
import { ApiError, badRequest, statusOf } from "./api-error.ts";
import type { Certificate } from "./certificate.ts";
import { discovery } from "./discovery.ts";
import { openApi } from "./openapi.ts";
import { Pages } from "./pages.ts";
import { objectOf } from "./protobuf.ts";
import { type Target, targetOf, verbOf } from "./request.ts";
import { table } from "./table.ts";

export interface ApiServerOptions {
  readonly cluster: Cluster;
  readonly certificate: Certificate;
  readonly authenticate: Authenticate;
  /** Of 127.0.0.1; a free one when absent. */
  readonly port?: number;
  /** The faults and the record the AWS endpoint has: calls stand there as service `kubernetes`. */
  readonly faults?: Faults;
  readonly calls?: Calls;
  readonly callers?: Callers;
  /** Real milliseconds each call takes at least, as a network would; 0 when absent. */
  readonly latencyMs?: number;
}

export interface ApiServer {
  /** For example `https://127.0.0.1:34567`. */
  readonly url: string;
  /** Forgets the lists that were begun, as after a compaction. */
  forgetLists(): void;
  stop(): Promise<void>;
}

const HEALTH: ReadonlySet<string> = new Set(["/healthz", "/livez", "/readyz"]);

const ANONYMOUS: Caller = { name: "system:anonymous", rules: [] };

/** The cluster's API over HTTPS: what kubectl and our own client speak to. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { cluster, certificate, authenticate, faults, calls, callers } = options;
  const pages = new Pages();
  const now = () => cluster.state.clock.now();
  const server = createServer({ key: certificate.key, cert: certificate.cert }, (incoming, outgoing) => {
    serve(incoming, outgoing).catch((error: unknown) => sendError(outgoing, error));
  });

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "GET" } = incoming;
    const { pathname, searchParams } = new URL(incoming.url ?? "/", "https://127.0.0.1");
    const body = await readBody(incoming);
    if (HEALTH.has(pathname)) return void outgoing.writeHead(200, { "content-type": "text/plain" }).end("ok");
    const token = /^Bearer (.+)$/.exec(incoming.headers.authorization ?? "")?.[1];
    const function_ = callers?.get(callerKey(token));
    const caller = token === undefined ? ANONYMOUS : authenticate(token);
    if (!caller) throw new ApiError(401, "Unauthorized", "Unauthorized");
    if (!takesJson(incoming)) throw new ApiError(406, "NotAcceptable", ONLY_JSON);
    const known = method === "GET" ? (discovery(pathname) ?? openApi(pathname)) : undefined;
    if (known) return send(outgoing, 200, known);
    const contentType = incoming.headers["content-type"] ?? "";
    if (method === "POST" && pathname === ACCESS_REVIEWS) {
      return send(outgoing, 201, reviewAccess(caller, parseBody(body, contentType)));
    }

    const target = targetOf(pathname);
    const watching = searchParams.get("watch") === "true" || searchParams.get("watch") === "1";
    const verb = verbOf(method, target, watching);
    if (watching) {
      authorize(caller, target, verb);
      return watch(target, searchParams, wantsTable(incoming), outgoing);
    }
    const call = callOf(verb, target, function_, now());
    await answerCall({ call, function_, caller, incoming, outgoing }, () => ({
      ...{ method, path: pathname, query: searchParams, contentType },
      body: parseBody(body, contentType),
    }));
  }

  async function answerCall(exchange: Exchange, request: () => ApiRequest): Promise<void> {
    const { call, function_, caller, incoming, outgoing } = exchange;
    calls?.add(call);
    const { service, operation } = call;
    const functionName = function_?.functionName;
    const fault = faults?.take({ service, operation, functionName }, (kind) => kind !== "updating");
    if (fault) call.fault = fault.kind;
    if (options.latencyMs) await new Promise((resolve) => setTimeout(resolve, options.latencyMs));
    const underWay = { call, caller: function_, fault, outgoing };
    try {
      if (fault?.kind === "throttle") throw throttled();
      if (fault?.kind === "server-error") throw injectedError();
      if (await endsUnheard(underWay)) return;
      const answer = callApi(cluster, pages, caller, request());
      if (await endsUnanswered(underWay)) return;
      endCall(call, answer.status);
      send(outgoing, answer.status, shaped(answer, incoming, now()));
    } catch (error) {
      endCall(call, error instanceof ApiError ? error.code : 500);
      throw error;
    }
  }

  /** Changes as they come, one JSON object a line, until the client goes or its time is over. */
  function watch(target: Target, query: URLSearchParams, asTable: boolean, outgoing: ServerResponse): void {
    const { store } = cluster.state;
    const name = /^metadata\.name=(.+)$/.exec(query.get("fieldSelector") ?? "")?.[1];
    const matches = selected(name === undefined ? target : { ...target, name }, query);
    const from = query.get("resourceVersion");
    const past: readonly Pick<Change, "type" | "resource" | "object">[] =
      from === null || from === "" || from === "0"
        ? store
            .list(target.resource.plural)
            .map((object) => ({ type: "ADDED", resource: target.resource.plural, object }))
        : store.since(Number(from));
    outgoing.writeHead(200, { "content-type": "application/json", "transfer-encoding": "chunked" });
    // A client that waits for the next change has to know that it watches.
    outgoing.flushHeaders();
    const send = ({ type, resource, object }: Pick<Change, "type" | "resource" | "object">) => {
      if (resource !== target.resource.plural || !matches(object)) return;
      const shown = asTable ? table(resource, [object], {}, now()) : object;
      outgoing.write(`${JSON.stringify({ type, object: shown })}\n`);
    };
    for (const change of past) send(change);
    const unwatch = store.watch(send);
    const seconds = Number(query.get("timeoutSeconds") ?? 0);
    const timer = seconds > 0 ? setTimeout(() => outgoing.end(), seconds * 1000) : undefined;
    outgoing.on("close", () => {
      unwatch();
      clearTimeout(timer);
    });
  }

  const port = await listenOn(server, options.port ?? 0);
  return {
    url: `https://127.0.0.1:${port}`,
    forgetLists: () => pages.forget(),
    stop: () => closeServer(server),
  };
}

/** A call of the API under way. */
interface Exchange {
  readonly call: Call;
  /** Undefined where a client outside calls. */
  readonly function_: FunctionCaller | undefined;
  readonly caller: Caller;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

function callOf(
  verb: string,
  { resource, subresource }: Target,
  function_: FunctionCaller | undefined,
  now: number,
): Call {
  const name = subresource ? `${resource.plural}/${subresource}` : resource.plural;
  const requestId = function_?.requestId();
  return {
    service: "kubernetes",
    operation: `${verb} ${name}`,
    at: now,
    startedMs: performance.now(),
    ...(function_ && { functionName: function_.functionName }),
    ...(requestId !== undefined && { requestId }),
  };
}

/** The access key an EKS token was signed with. */
function callerKey(token: string | undefined): string {
  const url = Buffer.from((token ?? "").replace(/^k8s-aws-v1\./, ""), "base64url").toString();
  return /X-Amz-Credential=([^%/&]+)/.exec(url)?.[1] ?? "";
}

const throttled = (): ApiError =>
  new ApiError(429, "TooManyRequests", "Too many requests, please try again later.", {
    details: { retryAfterSeconds: 1 },
    headers: { "retry-after": "1" },
  });

const injectedError = (): ApiError =>
  new ApiError(500, "InternalError", "An internal error, injected by the sandbox.");

function shaped(answer: ApiAnswer, incoming: IncomingMessage, now: number): object {
  const asTable = wantsTable(incoming);
  if ("items" in answer) {
    const { kind, apiVersion, items, metadata, resource } = answer;
    return asTable ? table(resource, items, metadata, now) : { kind, apiVersion, metadata, items };
  }
  if (!asTable || !answer.isKubeObject) return answer.object;
  return table(answer.resource, [answer.object as KubeObject], {}, now);
}

const ONLY_JSON = "only the following media types are accepted: application/json";

/** Whether the client takes JSON, which is all that is answered in: kubectl and client-go take it beside protobuf. */
const takesJson = ({ headers: { accept = "*/*" } }: IncomingMessage): boolean =>
  /json|\*\/\*|application\/\*|text\/plain/.test(accept);

/** kubectl asks for a table to print, and takes plain JSON where there is none. */
const wantsTable = ({ headers }: IncomingMessage): boolean => /as=Table/.test(headers.accept ?? "");

function send(
  outgoing: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body);
  outgoing.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    ...headers,
  });
  outgoing.end(text);
}

function sendError(outgoing: ServerResponse, error: unknown): void {
  if (outgoing.headersSent) return void outgoing.destroy();
  const known =
    error instanceof ApiError
      ? error
      : new ApiError(
          500,
          "InternalError",
          `The sandbox failed: ${error instanceof Error ? error.stack : String(error)}`,
        );
  send(outgoing, known.code, statusOf(known), known.headers);
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function parseBody(bytes: Buffer, contentType: string): unknown {
  if (bytes.length === 0) return undefined;
  if (contentType.includes("protobuf")) return objectOf(bytes);
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw badRequest("the request's body is no JSON");
  }
}
