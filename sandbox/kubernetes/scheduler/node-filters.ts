import { meetsTerms } from "../../../shared/kubernetes/scheduling/node-term.ts";
import { shortOf } from "./amounts.ts";
import type { Filter } from "./filter.ts";
import type { HostPort, PodView } from "./pod-view.ts";
import type { NodeView } from "./snapshot.ts";
import { tolerates, untolerated } from "./taints.ts";

const CORDON = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" } as const;

/** `NodeUnschedulable`: a cordoned node takes only pods that tolerate the taint of a cordon. */
export const nodeUnschedulable: Filter = ({ tolerations }, { unschedulable }) =>
  unschedulable && !tolerations.some((each) => tolerates(each, CORDON))
    ? "node(s) were unschedulable"
    : undefined;

/** `TaintToleration`. */
export const taintToleration: Filter = ({ tolerations }, { taints }) => {
  const taint = untolerated(tolerations, taints, ["NoSchedule", "NoExecute"]);
  return taint && `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`;
};

/** `NodeAffinity`: the node selector and required node affinity. */
export const nodeAffinity: Filter = (pod, node) =>
  matchesNode(pod, node) ? undefined : "node(s) didn't match Pod's node affinity/selector";

/** Whether the node meets the pod's selector and affinity. */
export const matchesNode = (
  { nodeSelector, nodeTerms }: Pick<PodView, "nodeSelector" | "nodeTerms">,
  { name, labels }: Pick<NodeView, "name" | "labels">,
): boolean =>
  Object.entries(nodeSelector).every(([key, value]) => labels[key] === value) &&
  meetsTerms(nodeTerms, { name, labels });

/** `NodePorts`. */
export const nodePorts: Filter = ({ hostPorts }, { pods }) => {
  if (hostPorts.length === 0) return undefined;
  const taken = pods.flatMap((pod) => pod.hostPorts);
  return hostPorts.some((port) => taken.some((other) => conflict(port, other)))
    ? "node(s) didn't have free ports for the requested pod ports"
    : undefined;
};

const ANY = "0.0.0.0";
const conflict = (a: HostPort, b: HostPort): boolean =>
  a.protocol === b.protocol && a.port === b.port && (a.ip === ANY || b.ip === ANY || a.ip === b.ip);

/** `NodeResourcesFit`: CPU, memory, pods, ephemeral storage, huge pages and extended resources alike. */
export const nodeResourcesFit: Filter = ({ requests }, { free }) => {
  const [first] = shortOf(requests, free);
  if (first === undefined) return undefined;
  return first === "pods" ? "Too many pods" : `Insufficient ${first}`;
};
