import { callApi } from "../../sandbox/kubernetes/api-server/api.ts";
import { ApiError } from "../../sandbox/kubernetes/api-server/api-error.ts";
import { Pages } from "../../sandbox/kubernetes/api-server/pages.ts";
import type { Cluster } from "../../sandbox/kubernetes/cluster.ts";
import type { KubernetesApi } from "../../shared/kubernetes/api/api.ts";
import type { ApiCall } from "../../shared/kubernetes/api/call.ts";
import { KubernetesError } from "../../shared/kubernetes/api/errors.ts";
import { ListReader } from "../../shared/kubernetes/api/list/list-reader.ts";
import type { Gate } from "./gate.ts";

/** The API of a cluster of the sandbox without a socket, for a caller who may do everything. */
export function inProcessApi(cluster: Cluster, gate: Gate): KubernetesApi {
  const pages = new Pages();
  const answerTo = ({ method, path, query = {}, body, verb, resource }: ApiCall) =>
    gate.pass(`kubernetes:${verb} ${resource}`, () => {
      const contentType = method === "PATCH" ? "application/merge-patch+json" : "application/json";
      const request = { method, path, query: new URLSearchParams(query), contentType, body: copy(body) };
      try {
        const answer = callApi(cluster, pages, { name: "test", rules: "all" }, request);
        return "items" in answer ? { metadata: answer.metadata, items: answer.items } : answer.object;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        const { code: status, reason, message, details } = error;
        const causes = Array.isArray(details.causes) ? details.causes : [];
        throw new KubernetesError(`${verb} ${resource}: ${status} ${message}`, {
          status,
          reason,
          message,
          causes,
        });
      }
    });
  return {
    cluster: cluster.name,
    call: async (call) => copy(await answerTo(call)),
    async list({ kept, ...listed }, take) {
      const answer = await answerTo({ ...listed, method: "GET", verb: "list" });
      const reader = new ListReader(kept);
      const objects = reader.read(Buffer.from(JSON.stringify(answer)));
      await take([...objects, ...reader.end()]);
      return reader.metadata;
    },
  };
}

/** What goes over a wire shares nothing with what was sent. */
const copy = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value));
