import { silentPod } from "./kubelet.ts";
import { controllerOf, type KubeObject, textAt, timestamp } from "./object.ts";
import { isLive } from "./pods.ts";
import type { ClusterState } from "./state.ts";

/** A machine that joins the cluster as a node. */
export interface JoiningMachine {
  readonly name: string;
  readonly zone: string;
  readonly instanceId: string;
  readonly instanceType: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  /** In Kubernetes' notation, for example `{ cpu: "2", memory: "8Gi", pods: "29" }`. */
  readonly allocatable: Readonly<Record<string, string>>;
}

export function joinNode({ store, clock }: ClusterState, machine: JoiningMachine): void {
  const { name, zone, instanceId, instanceType, labels, taints = [], allocatable } = machine;
  store.create("nodes", {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "node.kubernetes.io/instance-type": instanceType,
        "topology.kubernetes.io/zone": zone,
        ...labels,
      },
    },
    spec: { providerID: `aws:///${zone}/${instanceId}`, ...(taints.length > 0 && { taints }) },
    status: {
      capacity: allocatable,
      allocatable,
      addresses: [{ type: "Hostname", address: name }],
      nodeInfo: {
        kubeletVersion: "v1.32.0-reflex-sandbox",
        operatingSystem: "linux",
        architecture: "amd64",
        osImage: "none: simulated",
        kernelVersion: "",
        containerRuntimeVersion: "",
        machineID: instanceId,
        systemUUID: instanceId,
        bootID: instanceId,
        kubeProxyVersion: "",
      },
      conditions: [readiness("True", "KubeletReady", clock.now())],
    },
  });
}

const readiness = (status: "True" | "Unknown", reason: string, now: number) => ({
  type: "Ready",
  status,
  reason,
  message: reason,
  lastHeartbeatTime: timestamp(now),
  lastTransitionTime: timestamp(now),
});

/** The machine is off: the node is no longer ready, and what ran on it runs no more. */
export function silenceNode(state: ClusterState, name: string): void {
  const { store, clock, endings } = state;
  const node = store.find("nodes", "", name);
  if (!node) return;
  const conditions = [readiness("Unknown", "NodeStatusUnknown", clock.now())];
  store.replace("nodes", { ...node, status: { ...node.status, conditions } });
  for (const pod of podsOn(state, name)) {
    const { namespace = "", name: podName } = pod.metadata;
    const isDaemon = controllerOf(pod)?.kind === "DaemonSet";
    const isOver = ["Succeeded", "Failed"].includes(textAt(pod, "status.phase"));
    if (!isDaemon && !isOver) {
      const how = isLive(pod) ? "killed" : "cut-short";
      endings.push({ at: clock.now(), how, pod: `${namespace}/${podName}`, node: name, by: "" });
    }
    store.replace("pods", silentPod(pod));
  }
}

/** The cloud's controller has seen that the machine is no more: the node goes, and its pods with it. */
export function removeNode(state: ClusterState, name: string): void {
  const { store } = state;
  if (!store.find("nodes", "", name)) return;
  for (const { metadata } of podsOn(state, name))
    store.remove("pods", metadata.namespace ?? "", metadata.name);
  store.remove("nodes", "", name);
}

const podsOn = ({ store }: ClusterState, node: string): KubeObject[] =>
  store.list("pods").filter((pod) => textAt(pod, "spec.nodeName") === node);
