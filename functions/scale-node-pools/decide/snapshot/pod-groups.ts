import type { Pod, PodShape } from "../../model/cluster.ts";

/** Pods of one shape that need a place. */
export interface PodGroup {
  readonly shape: PodShape;
  readonly pods: readonly Pod[];
}

/**
 * The pods by shape, in the order in which they are placed: first the most constrained, then the largest, so that
 * the small and easy ones fill what is left. The order in which the pods are listed makes no difference.
 */
export const groupByShape = (pods: readonly Pod[]): PodGroup[] =>
  [...Map.groupBy(pods, ({ shape }) => shape)]
    .map(([shape, pods]) => ({ shape, pods, first: firstId(pods) }))
    .sort((a, b) => before(a.shape, b.shape) || (a.first < b.first ? -1 : 1));

/** The pods in that order, one by one. */
export const inPlacementOrder = (pods: readonly Pod[]): Pod[] =>
  groupByShape(pods).flatMap(({ pods }) => pods);

const before = (a: PodShape, b: PodShape): number =>
  constraintCount(b) - constraintCount(a) || weight(b) - weight(a);

const firstId = (pods: readonly Pod[]): string =>
  pods.reduce((first, pod) => (pod.id < first.id ? pod : first)).id;

const constraintCount = ({ requirements: { nodeSelector, nodeSelectors }, topology }: PodShape): number =>
  Object.keys(nodeSelector).length + nodeSelectors.length + topology.length;

/** 4 GiB a core, as general-purpose instances have it: 4 MiB weigh as much as a thousandth of a core. */
const BYTES_PER_MILLI_CPU = 4 * 2 ** 20;

const weight = ({ requirements: { requests } }: PodShape): number =>
  Math.max(requests.milliCpu * BYTES_PER_MILLI_CPU, requests.memory);
