import type { Group, PodNeeds, PodShape } from "../../model/cluster.ts";
import { type Bin, createBin, putOn } from "../packing/bin.ts";
import { UNTRIED_NODE_LABEL } from "../snapshot/long-pending.ts";
import { labelsIn, type Template } from "./node-template.ts";

/** A node that is not there yet, with the DaemonSets' share taken; `zone` is empty where it is not known. */
export function upcomingNode(group: Group, template: Template, name: string, zone: string): Bin {
  const { taints, allocatable, daemons } = template;
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
  putOn(bin, daemonShare(daemons));
  return bin;
}

/** One pod in place of all DaemonSets' pods; nothing selects it. */
const daemonShare = (requests: PodNeeds["requests"]): PodShape => ({
  namespace: "",
  labels: {},
  needs: { requests, nodeSelector: {}, nodeSelectors: [], tolerations: [], hostPorts: [] },
  topology: [],
});
