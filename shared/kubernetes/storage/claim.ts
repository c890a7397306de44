import * as z from "zod/mini";
import type { KubernetesApi } from "../api/api.ts";
import { keptOf } from "../api/list/kept.ts";
import { type LeaveOut, listFromCache } from "../api/list/list.ts";
import { readAs } from "../api/parse.ts";
import type { NodeTerm } from "../scheduling/node-term.ts";
import { csiDriverOf } from "./driver.ts";

/** A PersistentVolumeClaim. */
export interface Claim {
  readonly namespace: string;
  readonly name: string;
  readonly storageClass: string | undefined;
  /** A volume is bound to it. */
  readonly bound: boolean;
  /** Its volume is lost, or it is being deleted: the scheduler places no pod with it. */
  readonly isUnusable: boolean;
}

const claimShape = z.lazy(() =>
  z.object({
    metadata: z.object({
      namespace: z.string(),
      name: z.string(),
      deletionTimestamp: z.optional(z.string()),
    }),
    spec: z.object({
      storageClassName: z.optional(z.string()),
      volumeName: z.optional(z.string()),
    }),
    status: z.optional(z.object({ phase: z.optional(z.string()) })),
  }),
);

function parseClaim(answer: unknown): Claim {
  const { metadata, spec, status } = readAs(claimShape, answer, "persistentvolumeclaim");
  const { namespace, name, deletionTimestamp } = metadata;
  const { storageClassName, volumeName } = spec;
  return {
    namespace,
    name,
    storageClass: storageClassName || undefined,
    bound: Boolean(volumeName),
    isUnusable: status?.phase === "Lost" || deletionTimestamp !== undefined,
  };
}

/** All PersistentVolumeClaims of the cluster. */
export const listClaims = (api: KubernetesApi, signal?: AbortSignal, leaveOut?: LeaveOut): Promise<Claim[]> =>
  listFromCache(
    api,
    {
      path: "/api/v1/persistentvolumeclaims",
      resource: "persistentvolumeclaims",
      kept: keptOf(claimShape),
      parse: parseClaim,
    },
    { signal, leaveOut },
  );

/** A StorageClass: who makes the volumes of its claims, and when. */
export interface StorageClass {
  readonly name: string;
  /** The CSI driver, for example `ebs.csi.aws.com`. */
  readonly driver: string;
  /** A volume is made when a pod that uses it is scheduled; otherwise at once, and the pod waits for it. */
  readonly waitsForConsumer: boolean;
  /** Where volumes may be made: one of these terms must hold; empty for anywhere. */
  readonly nodeTerms: readonly NodeTerm[];
}

const storageClassShape = z.lazy(() =>
  z.object({
    metadata: z.object({ name: z.string() }),
    provisioner: z.string(),
    volumeBindingMode: z.optional(z.string()),
    allowedTopologies: z._default(
      z.array(
        z.object({
          matchLabelExpressions: z._default(
            z.array(z.object({ key: z.string(), values: z.array(z.string()) })),
            [],
          ),
        }),
      ),
      [],
    ),
  }),
);

function parseStorageClass(answer: unknown): StorageClass {
  const { metadata, provisioner, volumeBindingMode, allowedTopologies } = readAs(
    storageClassShape,
    answer,
    "storageclass",
  );
  return {
    name: metadata.name,
    driver: csiDriverOf(provisioner),
    waitsForConsumer: volumeBindingMode === "WaitForFirstConsumer",
    nodeTerms: allowedTopologies.map(({ matchLabelExpressions }) => ({
      labels: matchLabelExpressions.map(({ key, values }) => ({ key, operator: "In" as const, values })),
      fields: [],
    })),
  };
}

/** All StorageClasses of the cluster. */
export const listStorageClasses = (
  api: KubernetesApi,
  signal?: AbortSignal,
  leaveOut?: LeaveOut,
): Promise<StorageClass[]> =>
  listFromCache(
    api,
    {
      path: "/apis/storage.k8s.io/v1/storageclasses",
      resource: "storageclasses",
      kept: keptOf(storageClassShape),
      parse: parseStorageClass,
    },
    { signal, leaveOut },
  );
