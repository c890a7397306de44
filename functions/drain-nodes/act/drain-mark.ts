import type { KubernetesApi } from "../../../shared/kubernetes/api/api.ts";
import { hasStatus } from "../../../shared/kubernetes/api/errors.ts";
import {
  cancelPatch,
  type DrainMark,
  forgetPatch,
  handOverPatch,
  markPatch,
  takenBackPatch,
  unmarkPatch,
} from "../../../shared/kubernetes/drain-mark.ts";
import { type Node, type NodePatch, patchNode } from "../../../shared/kubernetes/node.ts";
import { RetryLater } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";

/** Somebody else changed the node since it was read: kubelets do so every few seconds. */
export class NodeChanged extends RetryLater {}

/** Cordons and marks the node, or changes its mark. Throws RetryLater when somebody changed it meanwhile. */
export const writeMark = (
  api: KubernetesApi,
  node: Node,
  mark: DrainMark,
  signal: AbortSignal,
): Promise<Node | undefined> => patch(api, node, markPatch(node, mark), signal);

/** The drain's first write, in a subsegment of its own. */
export async function startMark(api: KubernetesApi, node: Node, mark: DrainMark, run: Run): Promise<void> {
  await run.stage("act", async (stage) => {
    stage.annotate("resource", `node/${node.name}`);
    stage.annotate("decision", "mark");
    stage.annotate("reason", mark.cause);
    await writeMark(api, node, mark, run.signal);
  });
}

/** Uncordons the node and removes its mark. */
export const uncordon = (api: KubernetesApi, node: Node, signal: AbortSignal): Promise<Node | undefined> =>
  patch(api, node, unmarkPatch(node), signal);

/** Removes the mark of a node whose instance goes without us; it stays cordoned. */
export const handOver = (api: KubernetesApi, node: Node, signal: AbortSignal): Promise<Node | undefined> =>
  patch(api, node, handOverPatch(node), signal);

/** Uncordons the node, removes its mark, and notes that the drain did not succeed. */
export const cancelDrain = (
  api: KubernetesApi,
  node: Node,
  now: number,
  signal: AbortSignal,
): Promise<Node | undefined> => patch(api, node, cancelPatch(node, now), signal);

/** Removes the mark of a node that a person has uncordoned. */
export const takeMarkBack = (
  api: KubernetesApi,
  node: Node,
  now: number,
  signal: AbortSignal,
): Promise<Node | undefined> => patch(api, node, takenBackPatch(node, now), signal);

/** Removes what is left of a mark whose taint a person has removed. */
export const forgetMark = (api: KubernetesApi, node: Node, signal: AbortSignal): Promise<Node | undefined> =>
  patch(api, node, forgetPatch(node), signal);

/** The node after the patch; undefined when it no longer exists. */
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
    throw new NodeChanged(`somebody else changed node ${node.name} meanwhile: the next run looks again`, {
      resource: `node/${node.name}`,
      cause: error,
    });
  }
}
