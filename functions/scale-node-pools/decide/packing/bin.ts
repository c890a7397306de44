import type { Taint } from "../../../../shared/kubernetes/node.ts";
import type { Resources } from "../../../../shared/kubernetes/resources.ts";
import type { VolumeLimits } from "../../../../shared/kubernetes/storage/csi-node.ts";
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
  /** Infinite where it is not known what the node has. */
  ephemeralStorage: number;
  readonly extended: Map<string, number>;
  /** By CSI driver; a driver that is not named has no limit. */
  readonly volumes: Map<string, number>;
}

/** What a bin is made from. */
export interface NodeSpec {
  readonly name: string;
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  readonly group: string | undefined;
  readonly allocatable: Resources;
  readonly volumeLimits?: VolumeLimits | undefined;
}

/** A bin without pods. */
export function createBin(spec: NodeSpec, state: Bin["state"] = "open"): Bin {
  const { name, labels, taints, group, allocatable, volumeLimits = {} } = spec;
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
      ephemeralStorage: allocatable.ephemeralStorage ?? Number.POSITIVE_INFINITY,
      extended: new Map(Object.entries(allocatable.extended ?? {})),
      volumes: new Map(Object.entries(volumeLimits)),
    },
    pods: new Map(),
    ports: new Set(),
  };
}

/** Puts a pod on the bin, whether it fits or not: what runs there runs there. */
export function addPod(bin: Bin, shape: PodShape): void {
  changeFree(bin.free, shape, -1);
  bin.pods.set(shape, (bin.pods.get(shape) ?? 0) + 1);
  for (const port of shape.requirements.hostPorts) bin.ports.add(port);
}

/** Takes a pod off the bin. */
export function removePod(bin: Bin, shape: PodShape): void {
  changeFree(bin.free, shape, 1);
  const left = (bin.pods.get(shape) ?? 0) - 1;
  if (left > 0) bin.pods.set(shape, left);
  else bin.pods.delete(shape);
  for (const port of shape.requirements.hostPorts) bin.ports.delete(port);
}

function changeFree(free: Free, { requirements: { requests, volumes } }: PodShape, sign: 1 | -1): void {
  free.milliCpu += sign * requests.milliCpu;
  free.memory += sign * requests.memory;
  free.pods += sign * requests.pods;
  free.ephemeralStorage += sign * (requests.ephemeralStorage ?? 0);
  for (const name in requests.extended) {
    free.extended.set(name, (free.extended.get(name) ?? 0) + sign * (requests.extended[name] ?? 0));
  }
  for (const driver in volumes) {
    const left = free.volumes.get(driver);
    if (left !== undefined) free.volumes.set(driver, left + sign * (volumes[driver] ?? 0));
  }
}
