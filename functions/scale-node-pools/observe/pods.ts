import type { NodeTerm } from "../../../shared/kubernetes/node-term.ts";
import type { Pod as ApiPod } from "../../../shared/kubernetes/pod.ts";
import type { BoundVolume } from "../../../shared/kubernetes/volume.ts";
import { drainStatusOf } from "../../../shared/node-pools/drain-rules/drain-rules.ts";
import type { DrainExceptions } from "../../../shared/node-pools/drain-rules/rule.ts";
import type { Pod, PodRequirements, PodRole, PodShape } from "../model/cluster.ts";

/** Where the volume of a claim can be mounted, by `namespace/name` of the claim. */
export type NodeTermsByClaim = ReadonlyMap<string, readonly NodeTerm[]>;

export const nodeTermsByClaim = (volumes: readonly BoundVolume[]): NodeTermsByClaim =>
  new Map(volumes.map(({ claim, nodeTerms }) => [`${claim.namespace}/${claim.name}`, nodeTerms]));

/** Labels that cluster-autoscaler's own manifest and its Helm chart give its pod. */
const isClusterAutoscaler = ({ labels, phase }: ApiPod): boolean =>
  phase === "Running" &&
  (labels.app === "cluster-autoscaler" || /cluster-autoscaler$/.test(labels["app.kubernetes.io/name"] ?? ""));

/** Reads pods one after the other; what is equal of them is shared. */
export class PodReader {
  readonly #nodeTerms: NodeTermsByClaim;
  readonly #exceptions: (node: string | undefined) => DrainExceptions;
  readonly #requirements = new Map<string, PodRequirements>();
  readonly #shapes = new Map<string, PodShape>();
  /** The pod of a cluster-autoscaler, once one was read. */
  clusterAutoscaler: string | undefined;

  /** @param exceptions the drain rules that a node's pool switches off */
  constructor(nodeTerms: NodeTermsByClaim, exceptions: (node: string | undefined) => DrainExceptions) {
    this.#nodeTerms = nodeTerms;
    this.#exceptions = exceptions;
  }

  read(pod: ApiPod): Pod {
    const id = `${pod.namespace}/${pod.name}`;
    if (isClusterAutoscaler(pod)) this.clusterAutoscaler ??= id;
    const { role, blocker } = this.#roleOf(pod);
    return {
      id,
      shape: this.#shapeOf(pod, role),
      role,
      node: pod.nodeName,
      unschedulable: pod.unschedulable,
      terminating: pod.deletedAt !== undefined,
      createdAt: pod.createdAt,
      ...(blocker !== undefined && { blocker }),
      ...(pod.controller?.kind === "DaemonSet" && { daemonSet: `${pod.namespace}/${pod.controller.name}` }),
    };
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

  #shapeOf(pod: ApiPod, role: PodRole): PodShape {
    const claimed = pod.claims.flatMap((name) => {
      const terms = this.#nodeTerms.get(`${pod.namespace}/${name}`) ?? [];
      return terms.length > 0 ? [terms] : [];
    });
    // The DaemonSet controller binds each of its pods to one node by name: their shape is that of all of them.
    const terms = role === "daemon" ? pod.nodeTerms.flatMap(withoutFields) : pod.nodeTerms;
    const requirements = shared(this.#requirements, {
      requests: pod.requests,
      nodeSelector: pod.nodeSelector,
      nodeSelectors: [...(terms.length > 0 ? [terms] : []), ...claimed],
      tolerations: pod.tolerations,
      hostPorts: pod.hostPorts,
    });
    return shared(this.#shapes, {
      namespace: pod.namespace,
      labels: pod.labels,
      requirements,
      topology: pod.topology,
    });
  }
}

const withoutFields = ({ labels }: NodeTerm): NodeTerm[] =>
  labels.length > 0 ? [{ labels, fields: [] }] : [];

/** The object that is kept of all that are equal to `made`. */
function shared<T>(all: Map<string, T>, made: T): T {
  const key = JSON.stringify(made);
  const known = all.get(key);
  if (known) return known;
  all.set(key, made);
  return made;
}
