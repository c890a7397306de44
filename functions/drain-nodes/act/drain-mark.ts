import type { KubernetesApi } from "../../../shared/kubernetes/api.ts";
import {
  DRAIN_CANCELLED_ANNOTATION,
  type DrainMark,
  markPatch,
  unmarkPatch,
} from "../../../shared/kubernetes/drain-mark.ts";
import { hasStatus } from "../../../shared/kubernetes/errors.ts";
import { type Node, type NodePatch, patchNode } from "../../../shared/kubernetes/node.ts";
import { RetryLater } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";

/** Cordons and marks the node, or changes its mark. Throws RetryLater when somebody changed it meanwhile. */
export const mark = (
  api: KubernetesApi,
  node: Node,
  drain: DrainMark,
  signal: AbortSignal,
): Promise<Node | undefined> => patch(api, node, markPatch(node, drain), signal);

/** The same as a part of the trace of its own: the drain's first act. */
export async function markInStage(api: KubernetesApi, node: Node, drain: DrainMark, run: Run): Promise<void> {
  await run.stage("act", async (stage) => {
    stage.annotate("resource", `node/${node.name}`);
    stage.annotate("decision", "mark");
    stage.annotate("reason", drain.reason);
    await mark(api, node, drain, run.signal);
  });
}

/** Undoes the cordon and the mark. */
export const uncordon = (api: KubernetesApi, node: Node, signal: AbortSignal): Promise<Node | undefined> =>
  patch(api, node, unmarkPatch(node), signal);

/** Undoes the cordon and the mark, and notes that the drain did not succeed. */
export function cancelDrain(
  api: KubernetesApi,
  node: Node,
  now: number,
  signal: AbortSignal,
): Promise<Node | undefined> {
  const { metadata, spec } = unmarkPatch(node);
  const annotations = {
    ...metadata?.annotations,
    [DRAIN_CANCELLED_ANNOTATION]: String(Math.floor(now / 1000)),
  };
  return patch(api, node, { metadata: { ...metadata, annotations }, spec }, signal);
}

/** The node after the patch; undefined when it is no more. */
async function patch(
  api: KubernetesApi,
  node: Node,
  body: NodePatch,
  signal: AbortSignal,
): Promise<Node | undefined> {
  try {
    return await patchNode(api, node.name, body, signal);
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    if (!hasStatus(error, 409)) throw error;
    throw new RetryLater(
      `node ${node.name} was changed by somebody else meanwhile: the next run looks again`,
      {
        resource: `node/${node.name}`,
        cause: error,
      },
    );
  }
}
