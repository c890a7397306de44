import type { Pod, PodShape } from "../../model/cluster.ts";

/** Pods of one shape that need a place. */
export interface PodGroup {
  readonly shape: PodShape;
  /** Taken from the end as they find one. */
  readonly pods: Pod[];
}

/**
 * The pods by shape, in the order in which they are given a place: the choosy ones first, then the large ones,
 * so that the small and easy ones fill what is left. In whatever order they are listed, it is the same one.
 */
export function groupByShape(pods: readonly Pod[]): PodGroup[] {
  const shapes = new Map<PodShape, Pod[]>();
  for (const pod of pods) {
    const others = shapes.get(pod.shape);
    if (others) others.push(pod);
    else shapes.set(pod.shape, [pod]);
  }
  return [...shapes]
    .map(([shape, pods]) => ({ shape, pods, first: pods.reduce(earlier, pods[0]?.id ?? "") }))
    .sort((a, b) => before(a.shape, b.shape) || (a.first < b.first ? -1 : 1));
}

/** The pods in that order, one by one. */
export const inOrder = (pods: readonly Pod[]): Pod[] => groupByShape(pods).flatMap(({ pods }) => pods);

const before = (a: PodShape, b: PodShape): number =>
  constraintCount(b) - constraintCount(a) || weight(b) - weight(a);

const earlier = (first: string, { id }: Pod): string => (id < first ? id : first);

const constraintCount = ({ needs: { nodeSelector, nodeSelectors }, topology }: PodShape): number =>
  Object.keys(nodeSelector).length + nodeSelectors.length + topology.length;

/** 4 GiB a core, as the general-purpose instances have it: 4 MiB weigh as much as a thousandth of a core. */
const BYTES_PER_MILLI_CPU = 4 * 2 ** 20;

const weight = ({ needs: { requests } }: PodShape): number =>
  Math.max(requests.milliCpu * BYTES_PER_MILLI_CPU, requests.memory);
