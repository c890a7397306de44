import type { Taint } from "../../../../shared/kubernetes/node.ts";
import type { Resources } from "../../../../shared/kubernetes/resources.ts";
import type { Labels, PodShape } from "../../model/cluster.ts";

/** The label, in the simulation only, of nodes that the scheduler has not seen yet. */
export const UNTRIED_NODE_LABEL = "reflex/not-tried-yet";

/** A node to pack pods on: one that is there, is on its way or could be ordered. */
export interface Bin {
  /** The node's name; of a node that is not there yet, a name of its own. */
  readonly name: string;
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  /** The Auto Scaling group or Spot Fleet; undefined for a node in no pool. */
  readonly group: string | undefined;
  /**
   * `open`: takes pods. `closed`: is there and takes none (cordoned, not ready). `gone`: left out of the
   * simulation, as if it did not exist.
   */
  state: "open" | "closed" | "gone";
  readonly free: Free;
  /** How many pods of each shape are on it. */
  readonly pods: Map<PodShape, number>;
  /** Ports of the node that are taken. */
  readonly ports: Set<string>;
}

/** What is left of a node; changed as pods come and go. */
export interface Free {
  milliCpu: number;
  memory: number;
  pods: number;
  readonly extended: Map<string, number>;
}

/** What a bin is made from. */
export interface NodeSpec {
  readonly name: string;
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  readonly group: string | undefined;
  readonly allocatable: Resources;
}

/** A bin without pods. */
export function createBin({ name, labels, taints, group, allocatable }: NodeSpec, state: Bin["state"]): Bin {
  return {
    name,
    labels,
    taints,
    group,
    state,
    free: {
      milliCpu: allocatable.milliCpu,
      memory: allocatable.memory,
      pods: allocatable.pods,
      extended: new Map(Object.entries(allocatable.extended ?? {})),
    },
    pods: new Map(),
    ports: new Set(),
  };
}

/** Puts a pod on the bin, whether it fits or not: what runs there runs there. */
export function addPod(bin: Bin, shape: PodShape): void {
  changeFree(bin.free, shape.requirements.requests, -1);
  bin.pods.set(shape, (bin.pods.get(shape) ?? 0) + 1);
  for (const port of shape.requirements.hostPorts) bin.ports.add(port);
}

/** Takes a pod off the bin. */
export function removePod(bin: Bin, shape: PodShape): void {
  changeFree(bin.free, shape.requirements.requests, 1);
  const left = (bin.pods.get(shape) ?? 0) - 1;
  if (left > 0) bin.pods.set(shape, left);
  else bin.pods.delete(shape);
  for (const port of shape.requirements.hostPorts) bin.ports.delete(port);
}

function changeFree(free: Free, requests: Resources, sign: 1 | -1): void {
  free.milliCpu += sign * requests.milliCpu;
  free.memory += sign * requests.memory;
  free.pods += sign * requests.pods;
  for (const name in requests.extended) {
    free.extended.set(name, (free.extended.get(name) ?? 0) + sign * (requests.extended[name] ?? 0));
  }
}
