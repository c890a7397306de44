import * as z from "zod/mini";
import { messageOf } from "../errors/message-of.ts";
import type { KubernetesApi } from "./api/api.ts";
import { keptOf } from "./api/list/kept.ts";
import type { Listed } from "./api/list/list.ts";
import { pages } from "./api/list/pages.ts";
import { readAs } from "./api/parse.ts";
import { podRequests, type Resources } from "./resources.ts";
import type { NodeTerm } from "./scheduling/node-term.ts";
import { nodeTermsShape } from "./scheduling/node-term-shape.ts";
import type { Toleration } from "./scheduling/toleration.ts";
import {
  podAffinityShape,
  spreadShape,
  type TopologyRule,
  topologyRules,
} from "./scheduling/topology-rule.ts";

export type PodPhase = "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown";

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
  /** It was told to end; ms since the epoch. */
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
}

const strings = z._default(z.record(z.string(), z.string()), {});
const quantities = z._default(
  z.record(z.string(), z.union([z.string(), z.pipe(z.number(), z.transform(String))])),
  {},
);
const containers = z._default(
  z.array(
    z.object({
      resources: z.optional(z.object({ requests: quantities })),
      restartPolicy: z.optional(z.string()),
      ports: z._default(
        z.array(
          z.object({
            hostPort: z.optional(z.number()),
            hostIP: z.optional(z.string()),
            protocol: z._default(z.string(), "TCP"),
          }),
        ),
        [],
      ),
    }),
  ),
  [],
);
const podShape = z.object({
  metadata: z.object({
    namespace: z.string(),
    name: z.string(),
    uid: z.string(),
    creationTimestamp: z.string(),
    deletionTimestamp: z.optional(z.string()),
    labels: strings,
    annotations: strings,
    ownerReferences: z._default(
      z.array(z.object({ kind: z.string(), name: z.string(), controller: z.optional(z.boolean()) })),
      [],
    ),
  }),
  spec: z.object({
    nodeName: z.optional(z.string()),
    nodeSelector: strings,
    priority: z._default(z.number(), 0),
    terminationGracePeriodSeconds: z._default(z.number(), 30),
    containers,
    initContainers: containers,
    overhead: quantities,
    resources: z.optional(z.object({ requests: quantities })),
    tolerations: z._default(
      z.array(
        z.object({
          key: z.optional(z.string()),
          operator: z._default(z.enum(["Exists", "Equal"]), "Equal"),
          value: z.optional(z.string()),
          effect: z.optional(z.string()),
        }),
      ),
      [],
    ),
    affinity: z.optional(
      z.object({
        nodeAffinity: z.optional(
          z.object({
            requiredDuringSchedulingIgnoredDuringExecution: z.optional(nodeTermsShape),
          }),
        ),
        ...podAffinityShape,
      }),
    ),
    topologySpreadConstraints: spreadShape,
    volumes: z._default(
      z.array(
        z.object({
          name: z.string(),
          emptyDir: z.optional(z.unknown()),
          persistentVolumeClaim: z.optional(z.object({ claimName: z.string() })),
          ephemeral: z.optional(z.unknown()),
        }),
      ),
      [],
    ),
  }),
  status: z.object({
    nominatedNodeName: z.optional(z.string()),
    phase: z._default(z.enum(["Pending", "Running", "Succeeded", "Failed", "Unknown"]), "Pending"),
    conditions: z._default(
      z.array(
        z.object({
          type: z.string(),
          status: z.string(),
          reason: z.optional(z.string()),
          message: z.optional(z.string()),
        }),
      ),
      [],
    ),
  }),
});

type Parsed = z.infer<typeof podShape>;

export function parsePod(answer: unknown): Pod {
  const { metadata, spec, status } = readAs(podShape, answer, "pod");
  const unschedulable = status.conditions.find(
    ({ type, status, reason }) => type === "PodScheduled" && status === "False" && reason === "Unschedulable",
  );
  const controller = metadata.ownerReferences.find((owner) => owner.controller === true);
  const of = `pod ${metadata.namespace}/${metadata.name}: requests`;
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    labels: metadata.labels,
    annotations: metadata.annotations,
    controller: controller && { kind: controller.kind, name: controller.name },
    phase: status.phase,
    createdAt: Date.parse(metadata.creationTimestamp),
    deletedAt: metadata.deletionTimestamp === undefined ? undefined : Date.parse(metadata.deletionTimestamp),
    nodeName: spec.nodeName || undefined,
    unschedulable: unschedulable !== undefined,
    schedulerMessage: unschedulable?.message,
    nominatedNodeName: status.nominatedNodeName || undefined,
    priority: spec.priority,
    gracePeriodSeconds: spec.terminationGracePeriodSeconds,
    requests: podRequests(
      spec.containers.map(asked),
      spec.initContainers.map(asked),
      spec.overhead,
      spec.resources?.requests ?? {},
      of,
    ),
    nodeSelector: spec.nodeSelector,
    nodeTerms: spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
    tolerations: spec.tolerations.map(toleration),
    topology: topologyRules({
      namespace: metadata.namespace,
      labels: metadata.labels,
      affinity: spec.affinity ?? {},
      spread: spec.topologySpreadConstraints,
    }),
    hostPorts: [...spec.containers, ...spec.initContainers].flatMap(({ ports }) =>
      ports.flatMap((port) => (port.hostPort ? [hostPortOf(port.protocol, port.hostPort, port.hostIP)] : [])),
    ),
    emptyDirs: spec.volumes.flatMap((volume) => (volume.emptyDir === undefined ? [] : volume.name)),
    claims: spec.volumes.flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
      // Kubernetes makes the claim of a generic ephemeral volume, and names it so.
      if (ephemeral !== undefined) return [`${metadata.name}-${name}`];
      return persistentVolumeClaim?.claimName ?? [];
    }),
  };
}

const hostPortOf = (protocol: string, port: number, address = ""): string =>
  address === "" || address === "0.0.0.0" ? `${protocol}/${port}` : `${protocol}/${port}@${address}`;

const asked = (container: Parsed["spec"]["containers"][number]) => ({
  requests: container.resources?.requests ?? {},
  sidecar: container.restartPolicy === "Always",
});

const toleration = ({ key, operator, value, effect }: Parsed["spec"]["tolerations"][number]): Toleration => ({
  operator,
  // An empty key or effect says the same as none.
  ...(key && { key }),
  ...(value !== undefined && { value }),
  ...(effect && { effect }),
});

/** Pods, page by page; `fieldSelector` in Kubernetes' own form, for example `status.phase=Pending`. */
export const podPages = (
  api: KubernetesApi,
  { signal, fieldSelector }: PodListOptions = {},
): AsyncGenerator<readonly Pod[]> =>
  pages(
    api,
    {
      path: "/api/v1/pods",
      resource: "pods",
      signal,
      ...(fieldSelector !== undefined && { query: { fieldSelector } }),
    },
    parsePod,
  );

export interface PodListOptions {
  readonly fieldSelector?: string;
  readonly signal?: AbortSignal | undefined;
}

/** A pod that cannot be read: it has something that this version does not know. */
export interface UnreadablePod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Undefined while it has no node. */
  readonly nodeName: string | undefined;
  /** Where in the pod, and what was expected there. */
  readonly unreadable: string;
}

const identityShape = z.object({
  metadata: z.object({ namespace: z.string(), name: z.string(), uid: z.string() }),
  spec: z.optional(z.object({ nodeName: z.optional(z.string()) })),
});

function parseOrDescribe(answer: unknown): Pod | UnreadablePod {
  try {
    return parsePod(answer);
  } catch (error) {
    const identity = identityShape.safeParse(answer);
    if (!identity.success) throw error;
    const { metadata, spec } = identity.data;
    const unreadable = messageOf(error);
    return { ...metadata, nodeName: spec?.nodeName || undefined, unreadable };
  }
}

/** Pods, to be listed from the cache; one that cannot be read is given as such and stops no other. */
export const READABLE_PODS: Listed<Pod | UnreadablePod> = {
  path: "/api/v1/pods",
  resource: "pods",
  kept: keptOf(podShape),
  parse: parseOrDescribe,
};

/** The pods bound to one node, page by page. */
export const podsOnNode = (
  api: KubernetesApi,
  node: string,
  signal?: AbortSignal,
): AsyncGenerator<readonly Pod[]> => podPages(api, { fieldSelector: `spec.nodeName=${node}`, signal });
