import type { ClientRequest, IncomingMessage } from "node:http";
import { type Agent, request as httpsRequest } from "node:https";
import { pipeline } from "node:stream";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { createGunzip, gunzip } from "node:zlib";
import { RetryLater } from "../../lambda/errors.ts";
import type { Answer, ApiCall, ClusterAddress, TakeObjects } from "./call.ts";
import type { Kept } from "./list/kept.ts";
import { type ListMetadata, ListReader } from "./list/list-reader.ts";

/** No answer within this time counts as none, nor does one that stops for so long. */
const TIMEOUT_MS = 10_000;

/**
 * The time to connect in. Where a security group or a route is missing, nobody refuses: all of a list's time would be waited,
 * and billed, in each run.
 */
const CONNECT_TIMEOUT_MS = 3_000;

/** Servers before 1.34 put a whole list together before they send its beginning. */
const LIST_TIMEOUT_MS = 30_000;

/** A page of 500 objects of the largest size that etcd takes, 1.5 MiB, would be larger; none is in practice. */
const MAX_ANSWER_BYTES = 256 * 2 ** 20;

/** 150,000 pods of 5 KB are 0.75 GB. */
const MAX_LIST_BYTES = 4 * 2 ** 30;

/** Each part costs a turn of the event loop: large enough for few of them. */
const PART_BYTES = 256 * 1024;

const decompress = (body: Buffer): Promise<Buffer> =>
  promisify(gunzip)(body, { maxOutputLength: MAX_ANSWER_BYTES });

/** Sends the call and reads the whole answer. Throws RetryLater when none came. */
export async function send(
  cluster: ClusterAddress,
  agent: Agent,
  token: string,
  call: ApiCall,
): Promise<Answer> {
  try {
    return await answerOf(await open(cluster, agent, token, call, TIMEOUT_MS));
  } catch (cause) {
    throw noAnswer(cluster, call, cause);
  }
}

/**
 * Sends a call for a list and gives its objects to `take` as they arrive. Answers its metadata, or what the server
 * answered instead of a list. Throws RetryLater when no whole list came.
 */
export async function receiveList(
  cluster: ClusterAddress,
  agent: Agent,
  token: string,
  call: ApiCall,
  kept: Kept,
  take: TakeObjects,
): Promise<Answer | { readonly metadata: ListMetadata }> {
  const fail = (cause: unknown): never => {
    throw noAnswer(cluster, call, cause);
  };
  const response = await open(cluster, agent, token, call, LIST_TIMEOUT_MS).catch(fail);
  if ((response.statusCode ?? 0) >= 300) return answerOf(response).catch(fail);
  const reader = new ListReader(kept);
  for await (const objects of objectsOf(response, reader, fail)) await take(objects);
  return { metadata: reader.metadata };
}

/** Errors of reading go to `fail`; those of whoever takes the objects do not come by here. */
async function* objectsOf(
  response: IncomingMessage,
  reader: ListReader,
  fail: (cause: unknown) => never,
): AsyncGenerator<readonly unknown[]> {
  try {
    let bytes = 0;
    for await (const part of textOf(response)) {
      bytes += part.length;
      if (bytes > MAX_LIST_BYTES) throw new Error(`a list of more than ${MAX_LIST_BYTES} bytes`);
      const objects = reader.read(part);
      if (objects.length > 0) yield objects;
    }
    const last = reader.end();
    if (last.length > 0) yield last;
  } catch (cause) {
    fail(cause);
  }
}

function textOf(response: IncomingMessage): AsyncIterable<Buffer> {
  if (response.headers["content-encoding"] !== "gzip") return response;
  // An error on either side ends both, and the reader's loop with them.
  return pipeline(response, createGunzip({ chunkSize: PART_BYTES }), () => {});
}

async function answerOf(response: IncomingMessage): Promise<Answer> {
  const received = await buffer(response);
  const body = response.headers["content-encoding"] === "gzip" ? await decompress(received) : received;
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers["retry-after"],
    body: body.toString("utf8"),
  };
}

/** The answer's head; its body is still to be read. */
function open(
  cluster: ClusterAddress,
  agent: Agent,
  token: string,
  call: ApiCall,
  timeoutMs: number,
): Promise<IncomingMessage> {
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
  const { method, signal } = call;
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, {
      method,
      headers,
      agent,
      timeout: timeoutMs,
      ...(signal && { signal }),
    });
    request.on("response", resolve);
    request.on("timeout", () => request.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    request.on("error", reject);
    giveUpConnecting(request);
    request.end(body);
  });
}

function giveUpConnecting(request: ClientRequest): void {
  const give = () => request.destroy(new Error(`no connection within ${CONNECT_TIMEOUT_MS / 1000} s`));
  request.on("socket", (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(give, CONNECT_TIMEOUT_MS);
    socket.once("connect", () => clearTimeout(timer));
    request.once("close", () => clearTimeout(timer));
  });
}

function noAnswer(cluster: ClusterAddress, { verb, resource }: ApiCall, cause: unknown): RetryLater {
  const what = `${verb} ${resource}`;
  const why = cause instanceof Error ? cause.message : String(cause);
  const hint = cluster.isPrivate
    ? ". Its endpoint is private: the function must be in its VPC (`account.vpc`), and the cluster's security group must let the function's in (docs/accounts.md)"
    : "";
  return new RetryLater(
    `cluster "${cluster.name}" gave no answer to ${what} (${why}): the next run asks again${hint}`,
    { call: `kubernetes:${what}`, cause },
  );
}
