import type { KubernetesApi } from "../../../shared/kubernetes/api/api.ts";
import { hasStatus } from "../../../shared/kubernetes/api/errors.ts";
import { unmarkPatch } from "../../../shared/kubernetes/drain-mark.ts";
import { patchNode } from "../../../shared/kubernetes/node.ts";
import { RetryLater } from "../../../shared/lambda/errors.ts";
import type { ClusterNode } from "../model/cluster.ts";

/**
 * Takes the drain mark and the cordon away.
 *
 * Throws RetryLater when the node was changed or removed since it was observed.
 */
export async function uncordon(api: KubernetesApi, node: ClusterNode, signal: AbortSignal): Promise<void> {
  const { name } = node;
  try {
    await patchNode(api, name, unmarkPatch(node), signal);
  } catch (error) {
    if (!hasStatus(error, 409) && !hasStatus(error, 404)) throw error;
    throw new RetryLater(
      `node ${name} was changed or removed since it was observed: the next run decides again`,
      { resource: `node/${name}`, call: "kubernetes:patch nodes", cause: error },
    );
  }
}
