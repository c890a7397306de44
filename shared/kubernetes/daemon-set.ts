import * as z from "zod/mini";
import type { KubernetesApi } from "./api/api.ts";
import { keptOf } from "./api/list/kept.ts";
import { type LeaveOut, listFromCache } from "./api/list/list.ts";
import { readAs } from "./api/parse.ts";
import { type Pod, parsePod } from "./pod.ts";

/** A DaemonSet, by a pod as its controller would make it on a node. */
export interface DaemonSet {
  readonly namespace: string;
  readonly name: string;
  /** Without a node; its tolerations are those of the template and those that the controller adds. */
  readonly pod: Pod;
}

const daemonSetShape = z.lazy(() =>
  z.object({
    metadata: z.object({ namespace: z.string(), name: z.string(), uid: z.string() }),
    spec: z.object({
      template: z.object({
        metadata: z._default(z.looseObject({}), {}),
        spec: z.looseObject({ tolerations: z.nullish(z.array(z.unknown())) }),
      }),
    }),
  }),
);

/** What the DaemonSet controller adds to every pod. https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/ */
const ADDED_TOLERATIONS = [
  { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" },
  { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute" },
  { key: "node.kubernetes.io/disk-pressure", operator: "Exists", effect: "NoSchedule" },
  { key: "node.kubernetes.io/memory-pressure", operator: "Exists", effect: "NoSchedule" },
  { key: "node.kubernetes.io/pid-pressure", operator: "Exists", effect: "NoSchedule" },
  { key: "node.kubernetes.io/unschedulable", operator: "Exists", effect: "NoSchedule" },
];

function parseDaemonSet(answer: unknown): DaemonSet {
  const { metadata, spec } = readAs(daemonSetShape, answer, "daemonset");
  const { namespace, name, uid } = metadata;
  const { template } = spec;
  const tolerations = [...(template.spec.tolerations ?? []), ...ADDED_TOLERATIONS];
  const pod = parsePod({
    metadata: {
      ...template.metadata,
      namespace,
      name,
      uid,
      creationTimestamp: new Date(0).toISOString(),
      ownerReferences: [{ kind: "DaemonSet", name, controller: true }],
    },
    spec: { ...template.spec, tolerations },
    status: {},
  });
  return { namespace, name, pod };
}

/** All DaemonSets of the cluster. */
export const listDaemonSets = (
  api: KubernetesApi,
  signal?: AbortSignal,
  leaveOut?: LeaveOut,
): Promise<DaemonSet[]> =>
  listFromCache(
    api,
    {
      path: "/apis/apps/v1/daemonsets",
      resource: "daemonsets",
      kept: keptOf(daemonSetShape),
      parse: parseDaemonSet,
    },
    { signal, leaveOut },
  );
