import * as z from "zod/mini";
import type { KubernetesApi } from "./api/api.ts";
import { keptOf } from "./api/list/kept.ts";
import { type LeaveOut, listFromCache } from "./api/list/list.ts";
import { readAs } from "./api/parse.ts";

/** A namespace, as far as a pod's affinity selects it. */
export interface Namespace {
  readonly name: string;
  /** With `kubernetes.io/metadata.name`, which the API server sets. */
  readonly labels: Readonly<Record<string, string>>;
}

const namespaceShape = z.object({
  metadata: z.object({ name: z.string(), labels: z._default(z.record(z.string(), z.string()), {}) }),
});

function parseNamespace(answer: unknown): Namespace {
  const { name, labels } = readAs(namespaceShape, answer, "namespace").metadata;
  return { name, labels: { ...labels, "kubernetes.io/metadata.name": name } };
}

/** All namespaces of the cluster. */
export const listNamespaces = (
  api: KubernetesApi,
  signal?: AbortSignal,
  leaveOut?: LeaveOut,
): Promise<Namespace[]> =>
  listFromCache(
    api,
    {
      path: "/api/v1/namespaces",
      resource: "namespaces",
      kept: keptOf(namespaceShape),
      parse: parseNamespace,
    },
    { signal, leaveOut },
  );
