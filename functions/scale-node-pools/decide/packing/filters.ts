import { meetsTerms } from "../../../../shared/kubernetes/scheduling/node-term.ts";
import { toleratesNode } from "../../../../shared/kubernetes/scheduling/toleration.ts";
import type { TopologyRule } from "../../../../shared/kubernetes/scheduling/topology-rule.ts";
import type { PodRequirements } from "../../model/cluster.ts";
import { type Bin, UNTRIED_NODE_LABEL } from "./bin.ts";

/** A condition on which a pod may be on a node; the scheduler's own filters, by their names there. */
export interface Filter {
  readonly name:
    | "NodeSelector"
    | "NodeAffinity"
    | "TaintToleration"
    | "NodeResourcesFit"
    | "NodeVolumeLimits"
    | "NodePorts";
  passes(requirements: PodRequirements, bin: Bin): boolean;
}

/** Filters about what a node *is*: asked once for a shape and a node. */
export const STATIC_FILTERS: readonly Filter[] = [
  {
    name: "NodeSelector",
    passes: ({ nodeSelector }, { labels }) => {
      for (const key in nodeSelector) if (labels[key] !== nodeSelector[key]) return false;
      return true;
    },
  },
  {
    // The pod's own affinity, and where each of its volumes can be mounted.
    name: "NodeAffinity",
    passes: ({ nodeSelectors }, { name, labels }) =>
      nodeSelectors.every((terms) => meetsTerms(terms, { name, labels })),
  },
  {
    name: "TaintToleration",
    passes: ({ tolerations }, { taints }) => toleratesNode(tolerations, { taints, unschedulable: false }),
  },
];

/**
 * Whether the node counts as a topology domain of a spread: by default by the pod's selector and affinity, whatever the
 * node's taints. What is closed to pods has a taint that says so.
 */
export const isDomainFor = (
  { honorsTaints = false, ignoresAffinity = false }: TopologyRule,
  requirements: PodRequirements,
  bin: Bin,
): boolean =>
  STATIC_FILTERS.every((filter) => {
    const isLeftOut = filter.name === "TaintToleration" ? !honorsTaints : ignoresAffinity;
    return isLeftOut || filter.passes(requirements, asUntried(requirements, bin));
  }) &&
  (!honorsTaints || bin.state === "open");

/** A pod that only a node to come can take is counted on those that have refused it all the same. */
const asUntried = ({ nodeSelector }: PodRequirements, bin: Bin): Bin =>
  nodeSelector[UNTRIED_NODE_LABEL] === undefined
    ? bin
    : { ...bin, labels: { ...bin.labels, [UNTRIED_NODE_LABEL]: "true" } };

/** Filters about what is left of a node: asked again whenever a pod was placed. */
export const CAPACITY_FILTERS: readonly Filter[] = [
  {
    name: "NodeResourcesFit",
    passes: ({ requests }, { free }) => {
      // What a pod does not request it fits, also where a node has less than nothing of it left.
      if (requests.milliCpu > 0 && requests.milliCpu > free.milliCpu) return false;
      if (requests.memory > 0 && requests.memory > free.memory) return false;
      if (requests.pods > free.pods) return false;
      const storage = requests.ephemeralStorage ?? 0;
      if (storage > 0 && storage > free.ephemeralStorage) return false;
      for (const name in requests.extended) {
        const amount = requests.extended[name] ?? 0;
        if (amount > 0 && amount > (free.extended.get(name) ?? 0)) return false;
      }
      return true;
    },
  },
  {
    name: "NodeVolumeLimits",
    passes: ({ volumes }, { free }) => {
      for (const driver in volumes) {
        if ((volumes[driver] ?? 0) > (free.volumes.get(driver) ?? Number.POSITIVE_INFINITY)) return false;
      }
      return true;
    },
  },
  {
    name: "NodePorts",
    passes: ({ hostPorts }, { ports }) => hostPorts.every((port) => !isPortTaken(port, ports)),
  },
];

export const passesAll = (filters: readonly Filter[], requirements: PodRequirements, bin: Bin): boolean => {
  for (const filter of filters) if (!filter.passes(requirements, bin)) return false;
  return true;
};

/** Whether a pod on the bin has the host port: one that is taken on all addresses is taken on each, and the other way round. */
export function isPortTaken(port: string, taken: ReadonlySet<string>): boolean {
  if (taken.size === 0) return false;
  const [onAll = port, address] = port.split("@");
  if (taken.has(port) || taken.has(onAll)) return true;
  return address === undefined && [...taken].some((other) => other.startsWith(`${onAll}@`));
}
