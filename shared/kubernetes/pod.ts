import * as z from "zod/mini";
import { messageOf } from "../errors/message-of.ts";
import type { KubernetesApi } from "./api/api.ts";
import { keptOf } from "./api/list/kept.ts";
import type { Listed } from "./api/list/list.ts";
import { pages } from "./api/list/pages.ts";
import { readAs } from "./api/parse.ts";
import {
  keptPodShape,
  type ParsedPod,
  phaseShape,
  podMetadataShape,
  podShape,
  type ResizedStatus,
  resizedPodShape,
} from "./pod-shape.ts";
import { type ContainerRequest, podRequests, type Resources } from "./resources.ts";
import type { NodeTerm } from "./scheduling/node-term.ts";
import type { Toleration } from "./scheduling/toleration.ts";
import { type TopologyRule, topologyRules } from "./scheduling/topology-rule.ts";

export type PodPhase = z.infer<typeof phaseShape>;

/** A pod as far as sizing and draining read it. */
export interface Pod {
  readonly namespace: string;
  readonly name: string;
  /** A pod of the same name and another UID is another pod. */
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The owner that would make it anew, for example `ReplicaSet web-5d9`. */
  readonly controller: { readonly kind: string; readonly name: string } | undefined;
  readonly phase: PodPhase;
  /** ms since the epoch. */
  readonly createdAt: number;
  /** Its deletion was requested; ms since the epoch. */
  readonly deletedAt: number | undefined;
  /** Undefined while it has no node. */
  readonly nodeName: string | undefined;
  /** The scheduler looked and found no node for it. */
  readonly unschedulable: boolean;
  /** What the scheduler says about that, for people; undefined when it has not said anything. */
  readonly schedulerMessage?: string | undefined;
  /** The node on which the scheduler makes room for it by preemption. */
  readonly nominatedNodeName?: string | undefined;
  readonly priority: number;
  readonly gracePeriodSeconds: number;
  readonly requests: Resources;
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Required node affinity: one of these terms must hold; empty when there is none. */
  readonly nodeTerms: readonly NodeTerm[];
  readonly tolerations: readonly Toleration[];
  /** Where it may be beside other pods: required affinity, anti-affinity, spread. */
  readonly topology: readonly TopologyRule[];
  /** Ports of the node it takes, for example `TCP/8080`, or `TCP/8080@127.0.0.1` of one address of it. */
  readonly hostPorts: readonly string[];
  /** Volumes of type `emptyDir`, by name: their data ends with the pod. */
  readonly emptyDirs: readonly string[];
  /** PersistentVolumeClaims it mounts, by name, those of ephemeral volumes with them; they live in the pod's namespace. */
  readonly claims: readonly string[];
  /**
   * Of a pod that this version cannot read: where in it, and what was expected there. Who it is and whose is known, what
   * it requests and requires is not.
   */
  readonly unreadable?: string | undefined;
}

/** Throws RetryLater for a pod that this version cannot read. */
export function parsePod(answer: unknown): Pod {
  const { metadata, spec, status } = readAs(podShape, answer, "pod");
  const unschedulable = status.conditions.find(
    ({ type, status, reason }) => type === "PodScheduled" && status === "False" && reason === "Unschedulable",
  );
  return {
    ...identityOf(metadata),
    labels: metadata.labels,
    phase: status.phase,
    createdAt: Date.parse(metadata.creationTimestamp),
    nodeName: spec.nodeName || undefined,
    unschedulable: unschedulable !== undefined,
    schedulerMessage: unschedulable?.message,
    nominatedNodeName: status.nominatedNodeName || undefined,
    priority: spec.priority,
    gracePeriodSeconds: spec.terminationGracePeriodSeconds,
    requests: requestsOf(spec, resizeOf(status, answer), `pod ${metadata.namespace}/${metadata.name}`),
    nodeSelector: spec.nodeSelector,
    nodeTerms: spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
    tolerations: spec.tolerations.map(toleration),
    topology: topologyRules({
      namespace: metadata.namespace,
      labels: metadata.labels,
      affinity: spec.affinity ?? {},
      spread: spec.topologySpreadConstraints,
    }),
    hostPorts: hostPortsOf(spec),
    emptyDirs: spec.volumes.flatMap((volume) => (volume.emptyDir === undefined ? [] : volume.name)),
    claims: claimsOf(metadata.name, spec),
  };
}

/** Who a pod is, whose it is, and whether it ends. */
function identityOf({
  namespace,
  name,
  uid,
  annotations,
  ownerReferences,
  deletionTimestamp,
}: ParsedPod["metadata"]): Pick<
  Pod,
  "namespace" | "name" | "uid" | "annotations" | "controller" | "deletedAt"
> {
  const controller = ownerReferences.find((owner) => owner.controller === true);
  return {
    namespace,
    name,
    uid,
    annotations,
    controller: controller && { kind: controller.kind, name: controller.name },
    deletedAt: deletionTimestamp === undefined ? undefined : Date.parse(deletionTimestamp),
  };
}

type Spec = ParsedPod["spec"];
type Container = Spec["containers"][number];

/** A change of a running pod's resources that is not done, and what its containers hold meanwhile. */
interface Resize extends ResizedStatus {
  readonly reason: string | undefined;
}

function resizeOf({ conditions }: ParsedPod["status"], answer: unknown): Resize | undefined {
  const resize = conditions.find(({ type }) => type === "PodResizePending" || type === "PodResizeInProgress");
  return resize && { ...readAs(resizedPodShape, answer, "pod").status, reason: resize.reason };
}

const requestsOf = (
  { containers, initContainers, overhead, resources }: Spec,
  resize: Resize | undefined,
  of: string,
): Resources => {
  const read = (
    all: readonly Container[],
    statuses: ResizedStatus["containerStatuses"] = [],
  ): ContainerRequest[] =>
    all.map((each) => (resize ? whileResized(asked(each), each.name, statuses, resize.reason) : asked(each)));
  return podRequests(
    read(containers, resize?.containerStatuses),
    read(initContainers, resize?.initContainerStatuses),
    overhead,
    resources ?? { requests: {}, limits: {} },
    `${of}: requests`,
  );
};

/** A limit is the request where none is given: the API server fills it in for a pod, and not for a DaemonSet's template. */
const asked = ({ resources, restartPolicy }: Container): ContainerRequest => ({
  requests: { ...resources?.limits, ...resources?.requests },
  sidecar: restartPolicy === "Always",
});

/**
 * As kube-scheduler reckons it: the most of what is requested and what is held, and what is held alone where the node can
 * never give what is requested. https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/
 */
function whileResized(
  request: ContainerRequest,
  name: string,
  statuses: ResizedStatus["containerStatuses"],
  reason: string | undefined,
): ContainerRequest {
  const status = statuses.find((each) => each.name === name);
  if (!status) return request;
  const held = [status.resources?.requests ?? {}, status.allocatedResources];
  return reason === "Infeasible" ? { ...request, requests: {}, held } : { ...request, held };
}

/** Of the containers that keep running; on the host's network each port of theirs is one of the node. */
function hostPortsOf({ containers, initContainers, hostNetwork }: Spec): string[] {
  const running = [
    ...containers,
    ...initContainers.filter(({ restartPolicy }) => restartPolicy === "Always"),
  ];
  return running.flatMap(({ ports }) =>
    ports.flatMap(({ containerPort, hostPort = hostNetwork ? containerPort : 0, hostIP, protocol }) =>
      hostPort ? [hostPortOf(protocol, hostPort, hostIP)] : [],
    ),
  );
}

const hostPortOf = (protocol: string, port: number, address = ""): string =>
  address === "" || address === "0.0.0.0" ? `${protocol}/${port}` : `${protocol}/${port}@${address}`;

const claimsOf = (pod: string, { volumes }: Spec): string[] =>
  volumes.flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    // Kubernetes makes the claim of a generic ephemeral volume, and names it so.
    if (ephemeral !== undefined) return [`${pod}-${name}`];
    return persistentVolumeClaim?.claimName ?? [];
  });

const toleration = ({ key, operator, value, effect }: Spec["tolerations"][number]): Toleration => ({
  operator,
  // An empty key or effect says the same as none.
  ...(key && { key }),
  ...(value !== undefined && { value }),
  ...(effect && { effect }),
});

/** What can be read of a pod that has something which this version does not know. */
const readableParts = z.object({
  metadata: podMetadataShape,
  spec: z.optional(z.object({ nodeName: z.optional(z.string()) })),
  status: z.optional(z.object({ phase: z.catch(phaseShape, "Unknown") })),
});

/** Kubernetes' default. */
const GRACE_SECONDS = 30;

/**
 * The pod, or one with `unreadable` that has no more than can be read of it. Throws RetryLater where it is not known
 * which pod it is.
 */
export function readPod(answer: unknown): Pod {
  try {
    return parsePod(answer);
  } catch (error) {
    const parts = readableParts.safeParse(answer);
    if (!parts.success) throw error;
    const { metadata, spec, status } = parts.data;
    return {
      ...identityOf(metadata),
      labels: metadata.labels,
      phase: status?.phase ?? "Unknown",
      createdAt: Date.parse(metadata.creationTimestamp),
      nodeName: spec?.nodeName || undefined,
      unschedulable: false,
      priority: 0,
      gracePeriodSeconds: GRACE_SECONDS,
      requests: { milliCpu: 0, memory: 0, pods: 1 },
      nodeSelector: {},
      nodeTerms: [],
      tolerations: [],
      topology: [],
      hostPorts: [],
      emptyDirs: [],
      claims: [],
      unreadable: messageOf(error),
    };
  }
}

/** Pods, to be listed from the cache. */
export const PODS: Listed<Pod> = {
  path: "/api/v1/pods",
  resource: "pods",
  kept: keptOf(keptPodShape),
  parse: readPod,
};

export interface PodListOptions {
  readonly fieldSelector?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Pods, page by page; `fieldSelector` in Kubernetes' own form, for example `status.phase=Pending`. */
export const podPages = (
  api: KubernetesApi,
  { signal, fieldSelector }: PodListOptions = {},
): AsyncGenerator<readonly Pod[]> => {
  const { path, resource, parse } = PODS;
  const query = fieldSelector === undefined ? {} : { query: { fieldSelector } };
  return pages(api, { path, resource, signal, ...query }, parse);
};

/** The pods bound to one node, page by page. */
export const podsOnNode = (
  api: KubernetesApi,
  node: string,
  signal?: AbortSignal,
): AsyncGenerator<readonly Pod[]> => podPages(api, { fieldSelector: `spec.nodeName=${node}`, signal });
