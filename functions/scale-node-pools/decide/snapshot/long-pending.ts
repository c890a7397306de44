import type { ClusterNode, Pod, PodRequirements, PodShape } from "../../model/cluster.ts";
import { createBin, UNTRIED_NODE_LABEL } from "../packing/bin.ts";
import { passesAll, STATIC_FILTERS } from "../packing/filters.ts";

/** The scheduler retries a pending pod within seconds of any change; after this long every node has refused it. */
export const PENDING_TIMEOUT_MS = 5 * 60_000;

/**
 * The pending pods, as the simulation is to place them. One that has been pending for long was refused by every node
 * there is, whatever the simulation makes of them (it does not know all of the scheduler's rules): only a node that
 * is still to come can take it. Once such a node has come, and it is still pending, another one would not help.
 */
export function restrictLongPending(
  pending: readonly Pod[],
  nodes: readonly ClusterNode[],
  now: number,
): Pod[] {
  const newest = new Map<PodRequirements, number>();
  const lastJoined = (requirements: PodRequirements): number => {
    const known = newest.get(requirements);
    if (known !== undefined) return known;
    const joined = nodes.filter((node) => node.ready && mayBeOn(requirements, node));
    const last = joined.reduce((at, { createdAt }) => Math.max(at, createdAt), Number.NEGATIVE_INFINITY);
    newest.set(requirements, last);
    return last;
  };
  const restricted = new Map<PodShape, PodShape>();
  const onUntried = (shape: PodShape): PodShape => {
    const known = restricted.get(shape);
    if (known) return known;
    const made = onUntriedNodes(shape);
    restricted.set(shape, made);
    return made;
  };
  return pending.map((pod) => {
    const { createdAt, shape } = pod;
    const refused = now - createdAt >= PENDING_TIMEOUT_MS && lastJoined(shape.requirements) < createdAt;
    return refused ? { ...pod, shape: onUntried(shape) } : pod;
  });
}

const mayBeOn = (requirements: PodRequirements, node: ClusterNode): boolean =>
  passesAll(STATIC_FILTERS, requirements, createBin({ ...node, group: undefined }));

const onUntriedNodes = (shape: PodShape): PodShape => ({
  ...shape,
  requirements: {
    ...shape.requirements,
    nodeSelector: { ...shape.requirements.nodeSelector, [UNTRIED_NODE_LABEL]: "true" },
  },
});
