import type { LeaveOut } from "../../../shared/kubernetes/api/list/list.ts";
import type { Namespace } from "../../../shared/kubernetes/namespace.ts";
import type { Pod as ApiPod } from "../../../shared/kubernetes/pod.ts";
import type { NodeTerm } from "../../../shared/kubernetes/scheduling/node-term.ts";
import { inNamespaces } from "../../../shared/kubernetes/scheduling/topology-rule.ts";
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
  readonly #namespaces: readonly Namespace[];
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
    namespaces: readonly Namespace[],
    exceptions: (node: string | undefined) => DrainExceptions,
    leaveOut: LeaveOut,
  ) {
    this.#volumes = volumes;
    this.#namespaces = namespaces;
    this.#exceptions = exceptions;
    this.#leaveOut = leaveOut;
  }

  /** The pod of a cluster-autoscaler, once one was read. */
  get clusterAutoscaler(): string | undefined {
    return this.#clusterAutoscaler;
  }

  /** One that cannot be read gets no node launched; where it runs, its node stays, unless it belongs to the node. */
  read(pod: ApiPod): Pod {
    const id = idOf(pod);
    if (pod.unreadable !== undefined) this.#leaveOut({ kind: "pods", id, why: pod.unreadable });
    if (isClusterAutoscaler(pod)) this.#clusterAutoscaler ??= id;
    const { role, blocker } = this.#roleOf(pod);
    const volumes = this.#volumes.requirementsOf(pod.namespace, pod.claims);
    return {
      id,
      shape: this.#shapeOf(pod, role, volumes),
      role,
      node: pod.nodeName,
      unschedulable: pod.unschedulable,
      terminating: pod.deletedAt !== undefined,
      ...(pod.deletedAt !== undefined && { endsAt: pod.deletedAt }),
      createdAt: pod.createdAt,
      ...(blocker !== undefined && { blocker }),
      ...(pod.controller?.kind === "DaemonSet" && { daemonSet: `${pod.namespace}/${pod.controller.name}` }),
      ...(pod.nodeName === undefined && {
        owner: ownerOf(pod),
        uid: pod.uid,
        schedulerMessage: pod.schedulerMessage,
        unplaceable: volumes.unplaceable,
        nominatedNode: pod.nominatedNodeName,
      }),
    };
  }

  /** Such a pod as its DaemonSet's controller makes on every node. */
  shapeOfDaemonSet(pod: ApiPod): PodShape {
    return this.#shapeOf(pod, "daemon", this.#volumes.requirementsOf(pod.namespace, pod.claims));
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
    const { namespace, labels } = pod;
    const topology = pod.topology.map((rule) => inNamespaces(rule, this.#namespaces));
    const isTerminating = pod.deletedAt !== undefined;
    const key = JSON.stringify([known.index, namespace, labels, topology, isTerminating]);
    const shape = {
      namespace,
      labels,
      requirements: known.value,
      topology,
      ...(isTerminating && { isTerminating }),
    };
    return shared(this.#shapes, key, shape).value;
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

const idOf = ({ namespace, name }: ApiPod): string => `${namespace}/${name}`;

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
