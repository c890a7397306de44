import { hasStatus } from "../../../shared/kubernetes/api/errors.ts";
import { collect } from "../../../shared/kubernetes/api/list/pages.ts";
import { type DrainMark, readDrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import { type Node, readNode } from "../../../shared/kubernetes/node.ts";
import { type Pod, podsOnNode } from "../../../shared/kubernetes/pod.ts";
import type { NodeDrain } from "../model/drain.ts";

/** A node with the mark that is on it. */
export interface MarkedNode {
  readonly node: Node;
  readonly mark: DrainMark;
}

/** The node of a drain with its mark and its pods. */
export interface DrainingNode extends MarkedNode {
  /** All pods bound to the node. */
  readonly pods: readonly Pod[];
}

/** What a drain finds. `mark-removed`: somebody took the mark away; `node-gone`: the node no longer exists. */
export type DrainState = DrainingNode | "mark-removed" | "node-gone";

/** Reads the node, its mark and its pods. */
export async function readDrainState(
  { api, node: name }: Pick<NodeDrain, "api" | "node">,
  signal: AbortSignal,
): Promise<DrainState> {
  try {
    const node = await readNode(api, name, signal);
    const mark = readDrainMark(node);
    if (!mark) return "mark-removed";
    return { node, mark, pods: await collect(podsOnNode(api, name, signal)) };
  } catch (error) {
    if (hasStatus(error, 404)) return "node-gone";
    throw error;
  }
}
