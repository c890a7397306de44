import * as z from "zod/mini";
import { messageOf } from "../errors/message-of.ts";
import type { KubernetesApi } from "./api/api.ts";
import type { ApiCall } from "./api/call.ts";
import { keptOf } from "./api/list/kept.ts";
import { type LeaveOut, type Listed, listFromCache } from "./api/list/list.ts";
import { collect, pages } from "./api/list/pages.ts";
import { readAs } from "./api/parse.ts";
import { type InstanceRef, parseProviderId } from "./provider-id.ts";
import { quantitiesShape } from "./quantities-shape.ts";
import { type Resources, resources } from "./resources.ts";

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: z.infer<typeof effectShape>;
}

/** A node as far as sizing and draining read it. */
export interface Node {
  readonly name: string;
  readonly uid: string;
  /** A patch that carries it fails with 409 when somebody changed the node meanwhile. */
  readonly resourceVersion: string;
  /** When it joined, ms since the epoch. */
  readonly createdAt: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Undefined for what is no EC2 instance. */
  readonly machine: InstanceRef | undefined;
  /** Cordoned. */
  readonly unschedulable: boolean;
  readonly taints: readonly Taint[];
  /** The `Ready` condition is `True`. */
  readonly ready: boolean;
  /** Since when that condition is not `True`, ms since the epoch; undefined while it is, or when it is not known. */
  readonly notReadySince?: number | undefined;
  readonly allocatable: Resources;
  /**
   * Of a node that this version cannot read: where in it, and what was expected there. Its taints are those that can be
   * read: it must not be patched.
   */
  readonly unreadable?: string | undefined;
}

const strings = z._default(z.record(z.string(), z.string()), {});

const conditionShape = z.object({
  type: z.string(),
  status: z.string(),
  lastTransitionTime: z.nullish(z.string()),
});

const metadataShape = z.object({
  name: z.string(),
  uid: z.string(),
  resourceVersion: z.string(),
  creationTimestamp: z.string(),
  labels: strings,
  annotations: strings,
});

const effectShape = z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]);

const nodeShape = z.object({
  metadata: metadataShape,
  spec: z.object({
    providerID: z.optional(z.string()),
    unschedulable: z._default(z.boolean(), false),
    taints: z._default(
      z.array(
        z.object({
          key: z.string(),
          value: z.optional(z.string()),
          effect: effectShape,
        }),
      ),
      [],
    ),
  }),
  status: z.object({
    allocatable: quantitiesShape,
    conditions: z._default(z.array(conditionShape), []),
  }),
});

export function parseNode(answer: unknown): Node {
  const { metadata, spec, status } = readAs(nodeShape, answer, "node");
  const readiness = status.conditions.find(({ type }) => type === "Ready");
  const ready = readiness?.status === "True";
  const since = Date.parse(readiness?.lastTransitionTime ?? "");
  return {
    ...identityOf(metadata),
    machine: parseProviderId(spec.providerID),
    unschedulable: spec.unschedulable,
    taints: spec.taints.map(({ key, value, effect }) => ({
      key,
      effect,
      ...(value !== undefined && { value }),
    })),
    ready,
    ...(!ready && Number.isFinite(since) && { notReadySince: since }),
    allocatable: resources(status.allocatable, `node ${metadata.name}: allocatable`),
  };
}

const identityOf = ({
  creationTimestamp,
  ...same
}: z.infer<typeof metadataShape>): Pick<
  Node,
  "name" | "uid" | "resourceVersion" | "createdAt" | "labels" | "annotations"
> => ({ ...same, createdAt: Date.parse(creationTimestamp) });

/** What can be read of a node that has something which this version does not know. */
const readableParts = z.lazy(() =>
  z.object({
    metadata: metadataShape,
    spec: z.object({
      providerID: z.optional(z.string()),
      taints: z._default(
        z.array(z.object({ key: z.string(), value: z.optional(z.string()), effect: z.string() })),
        [],
      ),
    }),
  }),
);

/**
 * The node, or one with `unreadable` that takes no pod and is not to be touched: left out, its instance would count as
 * one that never joined, and its drain as one that never was. Throws RetryLater where it is not known which node it is.
 */
function readNodeObject(answer: unknown): Node {
  try {
    return parseNode(answer);
  } catch (error) {
    const parts = readableParts.safeParse(answer);
    if (!parts.success) throw error;
    const { metadata, spec } = parts.data;
    return {
      ...identityOf(metadata),
      machine: parseProviderId(spec.providerID),
      unschedulable: true,
      taints: spec.taints.flatMap(({ effect, ...taint }) => {
        const known = effectShape.safeParse(effect);
        return known.success ? [{ ...taint, effect: known.data }] : [];
      }),
      ready: true,
      allocatable: { milliCpu: 0, memory: 0, pods: 0 },
      unreadable: messageOf(error),
    };
  }
}

const nodePath = (name: string): string => `/api/v1/nodes/${encodeURIComponent(name)}`;

/** Nodes, to be listed from the cache. */
export const NODES: Listed<Node> = {
  path: "/api/v1/nodes",
  resource: "nodes",
  kept: keptOf(nodeShape),
  parse: readNodeObject,
};

/** All nodes as the cache has them. One that cannot be read goes to `leaveOut`, too. */
export const listNodesFromCache = (
  api: KubernetesApi,
  options: { readonly notOlderThan: string; readonly signal: AbortSignal },
  leaveOut: LeaveOut,
): Promise<Node[]> => {
  const parse = (object: unknown): Node => {
    const node = readNodeObject(object);
    if (node.unreadable !== undefined)
      leaveOut({ kind: NODES.resource, id: node.name, why: node.unreadable });
    return node;
  };
  return listFromCache(api, { ...NODES, parse }, options);
};

/** All nodes, or those that a selector in Kubernetes' own form picks. */
export const listNodes = (api: KubernetesApi, options: ListOptions = {}): Promise<Node[]> =>
  collect(
    pages(api, { path: NODES.path, resource: NODES.resource, ...listOptions(options) }, readNodeObject),
  );

export interface ListOptions {
  /** For example `pool=workers`. */
  readonly labelSelector?: string;
  /** For example `spec.unschedulable=true`. */
  readonly fieldSelector?: string;
  readonly signal?: AbortSignal | undefined;
}

const listOptions = ({ signal, ...selectors }: ListOptions): Pick<ApiCall, "query" | "signal"> => ({
  signal,
  query: selectors,
});

const machineShape = z.object({ spec: z.object({ providerID: z.optional(z.string()) }) });

/**
 * The node on this EC2 instance; undefined when there is none. There is no index by provider ID, so all nodes are
 * listed; what cannot be read of the others is no matter.
 */
export async function findNode(
  api: KubernetesApi,
  instanceId: string,
  signal?: AbortSignal,
): Promise<Node | undefined> {
  const { path, resource } = NODES;
  const withInstance = (answer: unknown) => {
    const { spec } = readAs(machineShape, answer, "node");
    return { answer, instanceId: parseProviderId(spec.providerID)?.instanceId };
  };
  for await (const page of pages(api, { path, resource, signal }, withInstance)) {
    const found = page.find((node) => node.instanceId === instanceId);
    if (found) return parseNode(found.answer);
  }
  return undefined;
}

/** One node. Throws KubernetesError with status 404 when it is gone. */
export const readNode = async (api: KubernetesApi, name: string, signal?: AbortSignal): Promise<Node> =>
  parseNode(await api.call({ method: "GET", path: nodePath(name), verb: "get", resource: "nodes", signal }));

/** A merge patch: `null` takes a key away, a list replaces the whole list. */
export interface NodePatch {
  readonly metadata?: {
    /** Send it whenever a list is replaced, or another writer's change is lost. */
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string | null>>;
    readonly annotations?: Readonly<Record<string, string | null>>;
  };
  readonly spec?: { readonly unschedulable?: boolean | null; readonly taints?: readonly Taint[] };
}

/** Changes a node and answers it as it is then. Throws KubernetesError 404 (gone) or 409 (changed meanwhile). */
export const patchNode = async (
  api: KubernetesApi,
  name: string,
  body: NodePatch,
  signal?: AbortSignal,
): Promise<Node> =>
  parseNode(
    await api.call({ method: "PATCH", path: nodePath(name), body, verb: "patch", resource: "nodes", signal }),
  );
