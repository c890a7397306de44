import type { PodShape } from "../../model/cluster.ts";
import type { Bin } from "./bin.ts";
import { CAPACITY_FILTERS, type Filter, isPortTaken, STATIC_FILTERS } from "./filters.ts";

/** Why a pod cannot be on an otherwise empty node, by the first filter that it does not pass; undefined when it can. */
export function whyNotOn(shape: PodShape, bin: Bin): string | undefined {
  const { requirements } = shape;
  const failed = [...STATIC_FILTERS, ...CAPACITY_FILTERS].find((filter) => !filter.passes(requirements, bin));
  return failed && TEXTS[failed.name](shape, bin);
}

const TEXTS: Readonly<Record<Filter["name"], (shape: PodShape, bin: Bin) => string>> = {
  NodeSelector: ({ requirements: { nodeSelector } }, { labels }) => {
    const [key, value] = Object.entries(nodeSelector).find(([key, value]) => labels[key] !== value) ?? [];
    const found = labels[key ?? ""];
    return `its nodes have ${found === undefined ? "no label" : `"${found}" for the label`} ${key}, expected "${value}"`;
  },
  NodeAffinity: () => "its nodes do not match the pod's node affinity, or its volumes are in another zone",
  TaintToleration: (_, { taints }) =>
    `the pod does not tolerate the taints of its nodes (${taints.map(({ key }) => key).join(", ")})`,
  NodeResourcesFit: ({ requirements: { requests } }, { free }) => {
    if (requests.milliCpu > free.milliCpu) {
      return `the pod requests ${requests.milliCpu}m CPU, a new node has ${free.milliCpu}m beside its DaemonSets`;
    }
    if (requests.memory > free.memory) {
      return `the pod requests ${mebibytes(requests.memory)} memory, a new node has ${mebibytes(free.memory)} beside its DaemonSets`;
    }
    if ((requests.ephemeralStorage ?? 0) > free.ephemeralStorage) {
      return `the pod requests ${mebibytes(requests.ephemeralStorage ?? 0)} ephemeral storage, a new node has ${mebibytes(free.ephemeralStorage)}`;
    }
    const [name, amount] =
      Object.entries(requests.extended ?? {}).find(
        ([name, amount]) => amount > (free.extended.get(name) ?? 0),
      ) ?? [];
    return name === undefined
      ? "a new node has no place for one more pod beside its DaemonSets"
      : `the pod requests ${amount} ${name}, a new node has ${free.extended.get(name) ?? 0}`;
  },
  NodeVolumeLimits: () => "the pod has more volumes than a node can have",
  NodePorts: ({ requirements: { hostPorts } }, { ports }) =>
    `a DaemonSet takes the host port ${hostPorts.find((port) => isPortTaken(port, ports))} on every node`,
};

const mebibytes = (bytes: number): string => `${Math.max(0, Math.floor(bytes / 2 ** 20))}Mi`;
