import { whyNot } from "../../../sandbox/kubernetes/scheduler/filters.ts";
import {
  assume,
  type NodeView,
  podViews,
  type Snapshot,
  takeSnapshot,
} from "../../../sandbox/kubernetes/scheduler/snapshot.ts";
import { unboundClaim } from "../../../sandbox/kubernetes/scheduler/volume-filters.ts";
import type { World } from "../world.ts";
import { freshNode, poolsIn } from "./invariants.ts";

/** How long a node is kept that is no longer needed, in minutes: scaleInAfter, scaleInDelay, and a drain. */
const KEPT_MINUTES = 6;

/**
 * How many nodes a packer needs that knows all pods at once and puts the largest first on empty nodes of the same
 * groups, within their limits.
 */
export function nodesNeeded(world: World): number {
  const { state } = world.cluster;
  const pods = podViews(state).filter(
    ({ object, isFinished, isTerminating, gates }) =>
      !isFinished &&
      !isTerminating &&
      gates.length === 0 &&
      !object.metadata.ownerReferences?.some(({ kind }) => kind === "DaemonSet"),
  );
  const snapshot: Snapshot = { ...takeSnapshot(state, []), nodes: new Map() };
  const nodes = new Map<string, NodeView>();
  const here: Snapshot = { ...snapshot, nodes };
  const pools = poolsIn(world).map((pool) => ({ ...pool, launched: 0 }));
  const launched = new Map<string, number>();
  for (const pod of pods.toSorted((a, b) => (b.requests.cpu ?? 0) - (a.requests.cpu ?? 0))) {
    if (unboundClaim(pod, state) !== undefined) continue;
    const place =
      [...nodes.values()].find((node) => whyNot(pod, node, here) === undefined) ??
      launchFor(pod, here, nodes, pools, launched);
    if (place) assume(place, pod);
  }
  return Math.max(
    nodes.size,
    pools.reduce((sum, { min, launched: own }) => sum + Math.max(min, own), 0),
  );
}

function launchFor(
  pod: Parameters<typeof whyNot>[0],
  here: Snapshot,
  nodes: Map<string, NodeView>,
  pools: {
    readonly max: number;
    launched: number;
    readonly groups: ReturnType<typeof poolsIn>[number]["groups"];
  }[],
  launched: Map<string, number>,
): NodeView | undefined {
  for (const pool of pools.filter((each) => each.launched < each.max)) {
    for (const group of pool.groups) {
      if ((launched.get(group.name) ?? 0) >= group.max) continue;
      for (const zone of group.zones) {
        const node = freshNode(group, zone, here);
        const with_ = { ...here, nodes: new Map([...nodes, [node.name, node]]) };
        if (whyNot(pod, node, with_) !== undefined) continue;
        nodes.set(node.name, node);
        launched.set(group.name, (launched.get(group.name) ?? 0) + 1);
        pool.launched += 1;
        return node;
      }
    }
  }
  return undefined;
}

/** The launches of a packer that needs so many nodes minute by minute and keeps each a while: what it has at first counts. */
export function clairvoyantLaunches(needed: readonly number[], first: number): number {
  const sizes = needed.map((_, minute) =>
    Math.max(...needed.slice(Math.max(0, minute - KEPT_MINUTES), minute + 1)),
  );
  return sizes.reduce((sum, size, minute) => sum + Math.max(0, size - (sizes[minute - 1] ?? first)), 0);
}
