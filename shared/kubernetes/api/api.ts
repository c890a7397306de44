import { Agent, request as httpsRequest } from "node:https";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import * as z from "zod/mini";
import { Blocked, RetryLater } from "../../lambda/errors.ts";
import { inRemoteCall, type RemoteCall } from "../../tracing/remote-call.ts";
import { type ApiStatus, expectedAnswer, KubernetesError } from "./errors.ts";

/** One call to the Kubernetes API, with the verb and resource a ClusterRole has to name for it. */
export interface ApiCall {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** For example `/api/v1/nodes`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** RBAC verb, for example `list`. */
  readonly verb: string;
  /** RBAC resource, for example `pods/eviction`. */
  readonly resource: string;
  readonly signal?: AbortSignal | undefined;
}

/** One cluster's API. Tests and the simulation hand in their own. */
export interface KubernetesApi {
  /** The cluster's name, for messages. */
  readonly cluster: string;
  /**
   * The parsed answer. Throws Blocked for 401 and 403, KubernetesError for any other error the server answers,
   * RetryLater when no answer came.
   */
  call(call: ApiCall): Promise<unknown>;
}

export interface ClusterAddress {
  readonly name: string;
  /** For example `https://ABC.gr7.us-east-1.eks.amazonaws.com`. */
  readonly endpoint: string;
  /** The cluster's own certificate authority, PEM. */
  readonly ca: string;
}

/** No answer within this time counts as none. Lists come in pages, so no single answer takes long. */
const TIMEOUT_MS = 10_000;

/** A page of 500 objects of the largest size that etcd takes, 1.5 MiB, would be larger; none is in practice. */
const MAX_ANSWER_BYTES = 256 * 2 ** 20;

const decompress = (body: Buffer): Promise<Buffer> =>
  promisify(gunzip)(body, { maxOutputLength: MAX_ANSWER_BYTES });

/** Evictions go out side by side; more connections than this help no one and cost the server. */
const MAX_CONNECTIONS = 8;

/**
 * The API over HTTPS with kept-alive connections. Six calls do not need the official client: it adds 1.9 MB
 * and 160 ms to a cold start (its smallest import 1.4 MB), where this adds nothing (docs/decisions/bundles.md).
 */
export function httpsApi(cluster: ClusterAddress, token: () => Promise<string>): KubernetesApi {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS, ca: cluster.ca });
  return {
    cluster: cluster.name,
    async call(call) {
      const bearer = await token();
      const answer = await inRemoteCall(
        `kubernetes/${cluster.name}`,
        { cluster: cluster.name, call: `${call.verb} ${call.resource}` },
        () => send(cluster, agent, bearer, call),
        (given) => shownCall(cluster, call, given),
      );
      if (answer.status < 300) return json(answer.body, cluster.name, call);
      throw refusal(cluster.name, call, answer);
    },
  };
}

/** The call as a trace shows it. What the callers expect and go on from is no failure. */
function shownCall(cluster: ClusterAddress, { method, path }: ApiCall, answer: Answer): RemoteCall {
  const { status, body } = answer;
  const shown = {
    url: new URL(path, cluster.endpoint).href,
    method,
    status,
    contentLength: Buffer.byteLength(body),
  };
  if (status < 300) return shown;
  const { reason, message } = readStatus(answer);
  const expected = expectedAnswer({ status, reason });
  return { ...shown, ...(expected === undefined ? { failed: message } : { answer: expected }) };
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

function send(cluster: ClusterAddress, agent: Agent, token: string, call: ApiCall): Promise<Answer> {
  const url = new URL(call.path, cluster.endpoint);
  for (const [key, value] of Object.entries(call.query ?? {})) url.searchParams.set(key, value);
  const body = call.body === undefined ? undefined : JSON.stringify(call.body);
  const headers = {
    accept: "application/json",
    // API servers compress what is larger than 128 KiB, when asked.
    "accept-encoding": "gzip",
    authorization: `Bearer ${token}`,
    "user-agent": "reflex",
    ...(body !== undefined && {
      "content-type": call.method === "PATCH" ? "application/merge-patch+json" : "application/json",
      "content-length": Buffer.byteLength(body),
    }),
  };
  return new Promise<Answer>((resolve, reject) => {
    const signal = call.signal;
    const request = httpsRequest(url, {
      method: call.method,
      headers,
      agent,
      timeout: TIMEOUT_MS,
      ...(signal && { signal }),
    });
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", fail);
      response.on("end", () => {
        const read = (body: Buffer) =>
          resolve({
            status: response.statusCode ?? 0,
            retryAfter: response.headers["retry-after"],
            body: body.toString("utf8"),
          });
        const body = Buffer.concat(chunks);
        if (response.headers["content-encoding"] === "gzip") decompress(body).then(read, fail);
        else read(body);
      });
    });
    request.on("timeout", () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    request.on("error", fail);
    request.end(body);

    function fail(cause: Error): void {
      const what = `${call.verb} ${call.resource}`;
      reject(
        new RetryLater(
          `cluster "${cluster.name}" gave no answer to ${what} (${cause.message}): the next run asks again`,
          {
            call: `kubernetes:${what}`,
            cause,
          },
        ),
      );
    }
  });
}

function json(body: string, cluster: string, call: ApiCall): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    const what = `${call.verb} ${call.resource}`;
    throw new RetryLater(
      `cluster "${cluster}" answered ${what} with what is no JSON: the next run asks again`,
      {
        call: `kubernetes:${what}`,
        cause,
      },
    );
  }
}

const statusShape = z.object({
  reason: z.optional(z.string()),
  message: z.optional(z.string()),
  details: z.optional(
    z.object({
      causes: z.optional(
        z.array(z.object({ reason: z._default(z.string(), ""), message: z._default(z.string(), "") })),
      ),
      retryAfterSeconds: z.optional(z.number()),
    }),
  ),
});

/** The error for an answer that is no success: who has to do what, so that the next one is. */
function refusal(cluster: string, call: ApiCall, answer: Answer): Error {
  const status = readStatus(answer);
  const what = `${call.verb} ${call.resource}`;
  const context = { call: `kubernetes:${what}` };
  if (status.status === 401) {
    return new Blocked(
      `cluster "${cluster}" does not know this function's role (401 on ${what}): ` +
        "create the access entry of docs/kubernetes/access-entry.md for it",
      context,
    );
  }
  // A namespace that is being deleted takes no new objects, evictions included: that is no missing permission.
  if (status.status === 403 && !status.causes.some(({ reason }) => reason === "NamespaceTerminating")) {
    return new Blocked(
      `cluster "${cluster}" does not let this function ${what} (403: ${status.message}): its access entry's ` +
        `group needs a ClusterRole with the verb "${call.verb}" on "${call.resource}" (docs/kubernetes/cluster-role.yaml)`,
      context,
    );
  }
  return new KubernetesError(
    `cluster "${cluster}" answered ${what} with ${status.status} ${status.reason}: ${status.message}`,
    status,
    context,
  );
}

function readStatus(answer: Answer): ApiStatus {
  const parsed = statusShape.safeParse(parseOrNothing(answer.body));
  const { reason = "", message = "", details } = parsed.success ? parsed.data : {};
  const retryAfter = details?.retryAfterSeconds ?? Number(answer.retryAfter ?? Number.NaN);
  return {
    status: answer.status,
    reason,
    // A proxy before the API server answers with a page of text: its beginning is enough to recognise it.
    message: message || answer.body.slice(0, 200),
    causes: details?.causes ?? [],
    ...(Number.isFinite(retryAfter) && { retryAfterSeconds: retryAfter }),
  };
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
