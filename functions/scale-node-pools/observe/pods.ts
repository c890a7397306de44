import type { LeaveOut } from "../../../shared/kubernetes/api/list/list.ts";
import type { Pod as ApiPod, UnreadablePod as UnreadableApiPod } from "../../../shared/kubernetes/pod.ts";
import type { NodeTerm } from "../../../shared/kubernetes/scheduling/node-term.ts";
import { drainStatusOf } from "../../../shared/node-pools/drain-rules/drain-rules.ts";
import type { DrainExceptions } from "../../../shared/node-pools/drain-rules/rule.ts";
import type { Pod, PodRequirements, PodRole, PodShape } from "../model/cluster.ts";
import { ownerOf } from "./owner.ts";
import type { VolumeRequirements, Volumes } from "./volumes.ts";

/** Labels that cluster-autoscaler's own manifest and its Helm chart give its pod. */
const isClusterAutoscaler = ({ labels, phase }: ApiPod): boolean =>
  phase === "Running" &&
  (labels.app === "cluster-autoscaler" || /cluster-autoscaler$/.test(labels["app.kubernetes.io/name"] ?? ""));

/** Reads pods one after the other; what is equal of them is shared. */
export class PodReader {
  readonly #volumes: Volumes;
  readonly #leaveOut: LeaveOut;
  readonly #exceptions: (node: string | undefined) => DrainExceptions;
  readonly #requirements = new Map<string, Shared<PodRequirements>>();
  readonly #shapes = new Map<string, Shared<PodShape>>();
  #clusterAutoscaler: string | undefined;

  /**
   * @param exceptions the drain rules that a node's pool switches off
   * @param leaveOut takes the pods that cannot be read
   */
  constructor(
    volumes: Volumes,
    exceptions: (node: string | undefined) => DrainExceptions,
    leaveOut: LeaveOut,
  ) {
    this.#volumes = volumes;
    this.#exceptions = exceptions;
    this.#leaveOut = leaveOut;
  }

  /** The pod of a cluster-autoscaler, once one was read. */
  get clusterAutoscaler(): string | undefined {
    return this.#clusterAutoscaler;
  }

  read(pod: ApiPod): Pod {
    const id = `${pod.namespace}/${pod.name}`;
    if (isClusterAutoscaler(pod)) this.#clusterAutoscaler ??= id;
    const { role, blocker } = this.#roleOf(pod);
    const volumes = this.#volumes.requirementsOf(pod.namespace, pod.claims);
    return {
      id,
      shape: this.#shapeOf(pod, role, volumes),
      role,
      node: pod.nodeName,
      // The scheduler is making room for a pod that it has nominated a node for.
      unschedulable: pod.unschedulable && pod.nominatedNodeName === undefined,
      terminating: pod.deletedAt !== undefined,
      createdAt: pod.createdAt,
      ...(blocker !== undefined && { blocker }),
      ...(pod.controller?.kind === "DaemonSet" && { daemonSet: `${pod.namespace}/${pod.controller.name}` }),
      ...(pod.nodeName === undefined && {
        owner: ownerOf(pod),
        uid: pod.uid,
        schedulerMessage: pod.schedulerMessage,
        unplaceable: volumes.unplaceable,
      }),
    };
  }

  /** A pod that is left out. Where one runs, its node stays: nobody knows whether it may be evicted. */
  readUnreadable({ namespace, name, nodeName, unreadable }: UnreadableApiPod): Pod | undefined {
    const id = `${namespace}/${name}`;
    this.#leaveOut({ kind: "pods", id, why: unreadable });
    if (nodeName === undefined) return undefined;
    return {
      id,
      shape: UNKNOWN_SHAPE,
      role: "blocking",
      blocker: "cannot be read by this version",
      node: nodeName,
      unschedulable: false,
      terminating: false,
      createdAt: 0,
    };
  }

  #shapeOf(pod: ApiPod, role: PodRole, { nodeSelectors, volumes }: VolumeRequirements): PodShape {
    // The DaemonSet controller binds each of its pods to one node by name: their shape is that of all of them.
    const terms = role === "daemon" ? pod.nodeTerms.flatMap(withoutFields) : pod.nodeTerms;
    const requirements: PodRequirements = {
      requests: pod.requests,
      nodeSelector: pod.nodeSelector,
      nodeSelectors: [...(terms.length > 0 ? [terms] : []), ...nodeSelectors],
      tolerations: pod.tolerations,
      hostPorts: pod.hostPorts,
      ...(Object.keys(volumes).length > 0 && { volumes }),
    };
    const known = shared(this.#requirements, JSON.stringify(requirements), requirements);
    const { namespace, labels, topology } = pod;
    const key = JSON.stringify([known.index, namespace, labels, topology]);
    return shared(this.#shapes, key, { namespace, labels, requirements: known.value, topology }).value;
  }

  #roleOf(pod: ApiPod): { readonly role: PodRole; readonly blocker?: string } {
    const status = drainStatusOf(pod, this.#exceptions(pod.nodeName));
    switch (status.kind) {
      case "skip":
        return { role: "daemon" };
      case "block":
        return { role: "blocking", blocker: status.reason.text };
      case "evict":
      case "wait":
        return { role: "movable" };
    }
  }
}

/** It requests nothing that is known. */
const UNKNOWN_SHAPE: PodShape = {
  namespace: "",
  labels: {},
  requirements: {
    requests: { milliCpu: 0, memory: 0, pods: 1 },
    nodeSelector: {},
    nodeSelectors: [],
    tolerations: [],
    hostPorts: [],
  },
  topology: [],
};

const withoutFields = ({ labels }: NodeTerm): NodeTerm[] =>
  labels.length > 0 ? [{ labels, fields: [] }] : [];

/** An object that stands for all that are equal to it, with a number of its own. */
interface Shared<T> {
  readonly value: T;
  readonly index: number;
}

/** What stands for all objects of this key. */
function shared<T>(all: Map<string, Shared<T>>, key: string, made: T): Shared<T> {
  const known = all.get(key);
  if (known) return known;
  const first = { value: made, index: all.size };
  all.set(key, first);
  return first;
}
