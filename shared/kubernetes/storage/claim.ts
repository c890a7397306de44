import * as z from "zod/mini";
import type { KubernetesApi } from "../api/api.ts";
import { keptOf } from "../api/list/kept.ts";
import { type LeaveOut, listFromCache } from "../api/list/list.ts";
import { readAs } from "../api/parse.ts";

/** A PersistentVolumeClaim. */
export interface Claim {
  readonly namespace: string;
  readonly name: string;
  readonly storageClass: string | undefined;
  /** A volume is bound to it. */
  readonly bound: boolean;
}

const claimShape = z.object({
  metadata: z.object({ namespace: z.string(), name: z.string() }),
  spec: z.object({ storageClassName: z.optional(z.string()), volumeName: z.optional(z.string()) }),
});

function parseClaim(answer: unknown): Claim {
  const { metadata, spec } = readAs(claimShape, answer, "persistentvolumeclaim");
  const { storageClassName, volumeName } = spec;
  return { ...metadata, storageClass: storageClassName || undefined, bound: Boolean(volumeName) };
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
  readonly provisioner: string;
  /** A volume is made when a pod that uses it is scheduled; otherwise at once, and the pod waits for it. */
  readonly waitsForConsumer: boolean;
}

const storageClassShape = z.object({
  metadata: z.object({ name: z.string() }),
  provisioner: z.string(),
  volumeBindingMode: z.optional(z.string()),
});

function parseStorageClass(answer: unknown): StorageClass {
  const { metadata, provisioner, volumeBindingMode } = readAs(storageClassShape, answer, "storageclass");
  return {
    name: metadata.name,
    provisioner,
    waitsForConsumer: volumeBindingMode === "WaitForFirstConsumer",
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
