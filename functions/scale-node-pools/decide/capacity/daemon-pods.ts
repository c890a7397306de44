import { add, largest, type Resources } from "../../../../shared/kubernetes/resources.ts";
import type { DaemonSet } from "../../model/cluster.ts";
import { addPod, type Bin } from "../packing/bin.ts";
import { CAPACITY_FILTERS, passesAll, STATIC_FILTERS } from "../packing/filters.ts";

/**
 * Puts the pods of these DaemonSets on a node that starts, one after the other. One that the node has no room for stays
 * pending: it takes nothing from the others.
 *
 * @returns the DaemonSets that run there
 */
export const addDaemonPods = (bin: Bin, daemonSets: readonly DaemonSet[]): DaemonSet[] =>
  daemonSets.filter(({ shape }) => {
    const { requirements } = shape;
    const runs =
      passesAll(STATIC_FILTERS, requirements, bin) && passesAll(CAPACITY_FILTERS, requirements, bin);
    if (runs) addPod(bin, shape);
    return runs;
  });

/** What the DaemonSets' pods request on the one of these empty nodes where they request most. */
export const daemonSetRequestsOn = (bins: readonly Bin[], daemonSets: readonly DaemonSet[]): Resources =>
  bins
    .map((bin) =>
      addDaemonPods(bin, daemonSets).reduce(
        (sum, { shape }) => add(sum, shape.requirements.requests),
        NO_REQUESTS,
      ),
    )
    .reduce(largest, NO_REQUESTS);

const NO_REQUESTS: Resources = { milliCpu: 0, memory: 0, pods: 0 };
