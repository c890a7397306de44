import { silentPod } from "./kubelet.ts";
import { at, controllerOf, type KubeObject, type NewObject, textAt, timestamp } from "./object.ts";
import { isLive } from "./pods.ts";
import type { ClusterState } from "./state.ts";

/** A machine that joins the cluster as a node. */
export interface JoiningMachine {
  readonly name: string;
  readonly zone: string;
  readonly instanceId: string;
  readonly instanceType: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly NodeTaint[];
  /** In Kubernetes' notation, for example `{ cpu: "2", memory: "8Gi", pods: "29" }`. */
  readonly allocatable: Readonly<Record<string, string>>;
  /** What is not there yet when it joins; everything is when absent. */
  readonly startup?: NodeStartup;
}

export interface NodeTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** How a node becomes useful after it has joined; times in ms after the joining, on the sandbox's clock. */
export interface NodeStartup {
  /** Its kubelet says Ready. */
  readonly readyAfterMs?: number;
  /** Taints it registers with, and when their controller takes them away: as CNI and CSI plugins do. */
  readonly taints?: readonly (NodeTaint & { readonly forMs: number })[];
  /** Resources that a device plugin adds to what is allocatable. */
  readonly devices?: { readonly afterMs: number; readonly allocatable: Readonly<Record<string, string>> };
  /** The CSI driver registers how many volumes it attaches; before that no number is known. */
  readonly volumes?: { readonly afterMs: number; readonly driver: string; readonly count: number };
}

export function joinNode(state: ClusterState, machine: JoiningMachine): void {
  const { store, clock } = state;
  const { name, startup = {} } = machine;
  // A machine that was stopped and started again finds its node as it left it.
  if (store.find("nodes", "", name)) {
    wake(state, name);
    return;
  }
  store.create("nodes", nodeOf(machine, clock.now()));
  followStartup(state, name, startup);
}

/** As its kubelet registers it. */
function nodeOf(machine: JoiningMachine, now: number): NewObject {
  const { name, zone, instanceId, instanceType, labels, allocatable, startup = {} } = machine;
  const taints = [
    ...(machine.taints ?? []),
    ...(startup.taints ?? []).map(({ forMs: _, ...taint }) => taint),
  ];
  const isReady = !startup.readyAfterMs;
  return {
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
      nodeInfo: nodeInfoOf(instanceId),
      conditions: [readiness(isReady ? "True" : "False", isReady ? "KubeletReady" : "KubeletNotReady", now)],
    },
  };
}

const nodeInfoOf = (instanceId: string) => ({
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
});

function wake({ store, clock }: ClusterState, name: string): void {
  const node = store.get("nodes", "", name);
  const conditions = [readiness("True", "KubeletReady", clock.now())];
  store.replace("nodes", { ...node, status: { ...node.status, conditions } });
}

/** What happens to the node after it has joined, in its own time. */
function followStartup(state: ClusterState, name: string, startup: NodeStartup): void {
  const { store, timers, clock } = state;
  const uid = store.get("nodes", "", name).metadata.uid;
  const after = (ms: number, change: (node: KubeObject) => void) =>
    timers.after(ms, () => {
      const node = store.find("nodes", "", name);
      if (node?.metadata.uid === uid) change(node);
    });
  const { readyAfterMs = 0, taints = [], devices, volumes } = startup;
  if (readyAfterMs > 0) {
    after(readyAfterMs, (node) => {
      // A kubelet that has fallen silent meanwhile does not come back.
      if (textAt(node, "status.conditions.0.status") !== "False") return;
      const conditions = [readiness("True", "KubeletReady", clock.now())];
      store.replace("nodes", { ...node, status: { ...node.status, conditions } });
    });
  }
  for (const { key, forMs } of taints) after(forMs, (node) => removeTaints(state, node, [key]));
  if (devices) {
    after(devices.afterMs, (node) => {
      const allocatable = { ...Object(at(node, "status.allocatable")), ...devices.allocatable };
      store.replace("nodes", { ...node, status: { ...node.status, allocatable, capacity: allocatable } });
    });
  }
  if (volumes) {
    after(volumes.afterMs, () => {
      const driver = { name: volumes.driver, nodeID: name, allocatable: { count: volumes.count } };
      store.create("csinodes", {
        apiVersion: "storage.k8s.io/v1",
        kind: "CSINode",
        metadata: { name },
        spec: { drivers: [driver] },
      });
    });
  }
}

/** Takes the taints with these keys away. */
export function removeTaints({ store }: ClusterState, node: KubeObject, keys: readonly string[]): void {
  const taints = at(node, "spec.taints");
  if (!Array.isArray(taints)) return;
  const left = taints.filter((taint) => !keys.includes(textAt(taint, "key")));
  if (left.length < taints.length) store.replace("nodes", { ...node, spec: { ...node.spec, taints: left } });
}

const readiness = (status: "True" | "False" | "Unknown", reason: string, now: number) => ({
  type: "Ready",
  status,
  reason,
  message: reason,
  lastHeartbeatTime: timestamp(now),
  lastTransitionTime: timestamp(now),
});

/** The kubelet is not heard any more: the node is no longer ready, and what ran on it runs no more. */
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

/** The cloud's controller has seen that the machine is gone: the node goes, and its pods with it. */
export function removeNode(state: ClusterState, name: string): void {
  const { store } = state;
  if (!store.find("nodes", "", name)) return;
  for (const { metadata } of podsOn(state, name))
    store.remove("pods", metadata.namespace ?? "", metadata.name);
  store.remove("nodes", "", name);
  if (store.find("csinodes", "", name)) store.remove("csinodes", "", name);
}

const podsOn = ({ store }: ClusterState, node: string): KubeObject[] =>
  store.list("pods").filter((pod) => textAt(pod, "spec.nodeName") === node);
