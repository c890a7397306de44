import type { ClusterNode, Group, Pod } from "../../model/cluster.ts";
import { addPod, type Bin, createBin, UNTRIED_NODE_LABEL } from "../packing/bin.ts";
import type { Startup } from "../pool/startup.ts";
import { addDaemonPods } from "./daemon-pods.ts";
import { labelsIn, type NodeTemplate } from "./node-template.ts";

/** A node that is not there yet, with the pods of its DaemonSets; `zone` is empty where it is not known. */
export function upcomingNode(group: Group, template: NodeTemplate, name: string, zone: string): Bin {
  const labels = { ...labelsIn(template, name, zone), [UNTRIED_NODE_LABEL]: "true" };
  const bin = createBin({ ...template, name, labels, group: group.name });
  addDaemonPods(bin, template.daemonSets);
  return bin;
}

/** A node that is there and still starting, as it will be; with its pods and the DaemonSets' that are to come. */
export function startingNode(
  group: Group,
  template: NodeTemplate | undefined,
  node: ClusterNode,
  startup: Startup,
  pods: readonly Pod[],
): Bin {
  const usual = template ? labelsIn(template, node.name, node.zone ?? "") : {};
  const bin = createBin({
    name: node.name,
    labels: { ...usual, ...node.labels, [UNTRIED_NODE_LABEL]: "true" },
    taints: node.taints.filter((taint) => startup.isLasting(taint)),
    group: group.name,
    allocatable: startup.withDevices(node, group.name),
    volumeLimits: { ...template?.volumeLimits, ...node.volumeLimits },
  });
  for (const { shape } of pods) addPod(bin, shape);
  const there = new Set(pods.map(({ daemonSet }) => daemonSet));
  addDaemonPods(bin, template?.daemonSets.filter(({ id }) => !there.has(id)) ?? []);
  return bin;
}
