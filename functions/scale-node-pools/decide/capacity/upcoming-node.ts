import type { Group, PodRequirements, PodShape } from "../../model/cluster.ts";
import { addPod, type Bin, createBin, UNTRIED_NODE_LABEL } from "../packing/bin.ts";
import { labelsIn, type NodeTemplate } from "./node-template.ts";

/** A node that is not there yet, with the requests of its DaemonSets taken off; `zone` is empty where it is not known. */
export function upcomingNode(group: Group, template: NodeTemplate, name: string, zone: string): Bin {
  const { taints, allocatable, daemonSetRequests } = template;
  const bin = createBin(
    {
      name,
      labels: { ...labelsIn(template, name, zone), [UNTRIED_NODE_LABEL]: "true" },
      taints,
      group: group.name,
      allocatable,
    },
    "open",
  );
  addPod(bin, daemonSetShare(daemonSetRequests));
  return bin;
}

/** One pod in place of all DaemonSets' pods; nothing selects it. */
const daemonSetShare = (requests: PodRequirements["requests"]): PodShape => ({
  namespace: "",
  labels: {},
  requirements: { requests, nodeSelector: {}, nodeSelectors: [], tolerations: [], hostPorts: [] },
  topology: [],
});
