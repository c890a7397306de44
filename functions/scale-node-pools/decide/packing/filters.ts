import { meetsTerms } from "../../../../shared/kubernetes/node-term.ts";
import { toleratesNode } from "../../../../shared/kubernetes/toleration.ts";
import type { PodNeeds } from "../../model/cluster.ts";
import type { Bin } from "./bin.ts";

/** A reason why a pod can not be on a node; the scheduler's own filters, by their names there. */
export interface Rule {
  readonly name: string;
  holds(needs: PodNeeds, bin: Bin): boolean;
}

/** Rules about what a node *is*: asked once for a shape and a node. */
export const STATIC_RULES: readonly Rule[] = [
  {
    name: "NodeSelector",
    holds: ({ nodeSelector }, { labels }) => {
      for (const key in nodeSelector) if (labels[key] !== nodeSelector[key]) return false;
      return true;
    },
  },
  {
    // The pod's own affinity, and where each of its volumes can be mounted.
    name: "NodeAffinity, VolumeZone",
    holds: ({ nodeSelectors }, { name, labels }) =>
      nodeSelectors.every((terms) => meetsTerms(terms, { name, labels })),
  },
  {
    name: "TaintToleration",
    holds: ({ tolerations }, { taints }) => toleratesNode(tolerations, { taints, unschedulable: false }),
  },
];

/** Rules about what is left of a node: asked anew whenever a pod has come. */
export const CHANGING_RULES: readonly Rule[] = [
  {
    name: "NodeResourcesFit",
    holds: ({ requests }, { free }) => {
      if (requests.milliCpu > free.milliCpu || requests.memory > free.memory || requests.pods > free.pods) {
        return false;
      }
      for (const name in requests.extended) {
        if ((requests.extended[name] ?? 0) > (free.extended.get(name) ?? 0)) return false;
      }
      return true;
    },
  },
  {
    name: "NodePorts",
    holds: ({ hostPorts }, { ports }) => hostPorts.every((port) => !ports.has(port)),
  },
];

export const holdAll = (rules: readonly Rule[], needs: PodNeeds, bin: Bin): boolean => {
  for (const rule of rules) if (!rule.holds(needs, bin)) return false;
  return true;
};
