import * as z from "zod/mini";
import type { KubernetesApi } from "./api.ts";
import type { NodeTerm } from "./node-term.ts";
import { nodeTermsShape } from "./node-term-shape.ts";
import { collect, pages } from "./pages.ts";
import { readAs } from "./parse.ts";

/** A PersistentVolume that a claim is bound to: a pod with that claim can only run where the volume is. */
export interface BoundVolume {
  readonly name: string;
  /** The claim's namespace and name. */
  readonly claim: { readonly namespace: string; readonly name: string };
  /** Required node affinity: one of these terms must hold; empty when the volume can be anywhere. */
  readonly nodeTerms: readonly NodeTerm[];
}

const volumeShape = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    claimRef: z.optional(z.object({ namespace: z.string(), name: z.string() })),
    nodeAffinity: z.optional(
      z.object({
        required: z.optional(nodeTermsShape),
      }),
    ),
  }),
});

function parseVolume(answer: unknown): readonly BoundVolume[] {
  const { metadata, spec } = readAs(volumeShape, answer, "persistentvolume");
  if (!spec.claimRef) return [];
  return [{ name: metadata.name, claim: spec.claimRef, nodeTerms: spec.nodeAffinity?.required ?? [] }];
}

/** The PersistentVolumes that are bound to a claim. */
export const listBoundVolumes = async (api: KubernetesApi, signal?: AbortSignal): Promise<BoundVolume[]> =>
  (
    await collect(
      pages(api, { path: "/api/v1/persistentvolumes", resource: "persistentvolumes", signal }, parseVolume),
    )
  ).flat();
