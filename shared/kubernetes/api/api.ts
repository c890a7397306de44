import { Agent } from "node:https";
import { RetryLater } from "../../lambda/errors.ts";
import { inRemoteCall, type RemoteCall } from "../../tracing/remote-call.ts";
import type { Answer, ApiCall, ClusterAddress, TakeObjects } from "./call.ts";
import { expectedAnswer } from "./errors.ts";
import type { Kept } from "./list/kept.ts";
import type { ListMetadata } from "./list/list-reader.ts";
import { readStatus, refusal } from "./refusal.ts";
import { receiveList, send } from "./request.ts";

/** A call for a list of which only some parts are read. */
export interface ListCall extends Pick<ApiCall, "path" | "query" | "resource" | "signal"> {
  readonly kept: Kept;
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
  /**
   * The list, object by object as it arrives, without what is not kept: memory does not grow with it. Throws what `call`
   * throws; then some objects may have been taken.
   */
  list(call: ListCall, take: TakeObjects): Promise<ListMetadata>;
}

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
    async list({ kept, ...listed }, take) {
      const call = { ...listed, method: "GET", verb: "list" } as const;
      const bearer = await token();
      const answer = await inRemoteCall(
        `kubernetes/${cluster.name}`,
        { cluster: cluster.name, call: `list ${call.resource}` },
        () => receiveList(cluster, agent, bearer, call, kept, take),
        (given) => ("metadata" in given ? shown(cluster, call, 200) : shownCall(cluster, call, given)),
      );
      if ("metadata" in answer) return answer.metadata;
      throw refusal(cluster.name, call, answer);
    },
  };
}

const shown = (cluster: ClusterAddress, { method, path }: ApiCall, status: number): RemoteCall => ({
  url: new URL(path, cluster.endpoint).href,
  method,
  status,
});

/** The call as a trace shows it. What the callers expect and go on from is no failure. */
function shownCall(cluster: ClusterAddress, call: ApiCall, answer: Answer): RemoteCall {
  const { status, body } = answer;
  const sized = { ...shown(cluster, call, status), contentLength: Buffer.byteLength(body) };
  if (status < 300) return sized;
  const { reason, message } = readStatus(answer);
  const expected = expectedAnswer({ status, reason });
  return { ...sized, ...(expected === undefined ? { failed: message } : { answer: expected }) };
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
