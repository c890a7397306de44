import type { Taint } from "../../../../shared/kubernetes/node.ts";
import type { Resources } from "../../../../shared/kubernetes/resources.ts";
import type { Labels, PodShape } from "../../model/cluster.ts";

/** A place for pods: a node, or one that is on its way or could be ordered. */
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
  readonly residents: Map<PodShape, number>;
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

export interface NodeSpec {
  readonly name: string;
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  readonly group: string | undefined;
  readonly allocatable: Resources;
}

/** An empty place. */
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
    residents: new Map(),
    ports: new Set(),
  };
}

/** Puts a pod on the bin, whether it fits or not: what runs there runs there. */
export function putOn(bin: Bin, shape: PodShape): void {
  take(bin.free, shape.needs.requests, 1);
  bin.residents.set(shape, (bin.residents.get(shape) ?? 0) + 1);
  for (const port of shape.needs.hostPorts) bin.ports.add(port);
}

/** Takes a pod off the bin. */
export function takeOff(bin: Bin, shape: PodShape): void {
  take(bin.free, shape.needs.requests, -1);
  const left = (bin.residents.get(shape) ?? 0) - 1;
  if (left > 0) bin.residents.set(shape, left);
  else bin.residents.delete(shape);
  for (const port of shape.needs.hostPorts) bin.ports.delete(port);
}

function take(free: Free, requests: Resources, times: 1 | -1): void {
  free.milliCpu -= times * requests.milliCpu;
  free.memory -= times * requests.memory;
  free.pods -= times * requests.pods;
  for (const name in requests.extended) {
    free.extended.set(name, (free.extended.get(name) ?? 0) - times * (requests.extended[name] ?? 0));
  }
}
