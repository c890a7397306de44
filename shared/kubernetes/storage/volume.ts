import * as z from "zod/mini";
import type { KubernetesApi } from "../api/api.ts";
import { keptOf } from "../api/list/kept.ts";
import { type LeaveOut, listFromCache } from "../api/list/list.ts";
import { readAs } from "../api/parse.ts";
import type { NodeRequirement, NodeTerm } from "../scheduling/node-term.ts";
import { nodeTermsShape } from "../scheduling/node-term-shape.ts";
import { EBS_DRIVER } from "./driver.ts";

/** A PersistentVolume that a claim is bound to: a pod with that claim can only run where the volume is. */
export interface BoundVolume {
  readonly name: string;
  /** The claim's namespace and name. */
  readonly claim: { readonly namespace: string; readonly name: string };
  /** The CSI driver that attaches it, for example `ebs.csi.aws.com`; undefined for a volume of another kind. */
  readonly driver?: string | undefined;
  /** Required node affinity: one of these terms must hold; empty when the volume can be anywhere. */
  readonly nodeTerms: readonly NodeTerm[];
}

/** Labels by which a volume from before node affinity says where it is; several zones are separated by `__`. */
const PLACE_LABEL = /^(?:topology|failure-domain\.beta)\.kubernetes\.io\/(zone|region)$/;

const volumeShape = z.lazy(() =>
  z.object({
    metadata: z.object({ name: z.string(), labels: z._default(z.record(z.string(), z.string()), {}) }),
    spec: z.object({
      csi: z.optional(z.object({ driver: z.string() })),
      awsElasticBlockStore: z.optional(z.unknown()),
      claimRef: z.optional(z.object({ namespace: z.string(), name: z.string() })),
      nodeAffinity: z.optional(
        z.object({
          required: z.optional(nodeTermsShape),
        }),
      ),
    }),
  }),
);

function parseVolume(answer: unknown): readonly BoundVolume[] {
  const { metadata, spec } = readAs(volumeShape, answer, "persistentvolume");
  if (!spec.claimRef) return [];
  const { claimRef, csi, awsElasticBlockStore, nodeAffinity } = spec;
  // The old kind of EBS volume is attached by the CSI driver, too.
  const driver = csi?.driver ?? (awsElasticBlockStore === undefined ? undefined : EBS_DRIVER);
  const nodeTerms = nodeAffinity?.required ?? [];
  const places = placesOf(metadata.labels);
  return [{ name: metadata.name, claim: claimRef, driver, nodeTerms: withPlaces(nodeTerms, places) }];
}

const placesOf = (labels: Readonly<Record<string, string>>): NodeRequirement[] =>
  Object.entries(labels).flatMap(([label, value]) => {
    const kind = PLACE_LABEL.exec(label)?.[1];
    const key = `topology.kubernetes.io/${kind}`;
    return kind === undefined ? [] : [{ key, operator: "In", values: value.split("__") }];
  });

function withPlaces(terms: readonly NodeTerm[], places: readonly NodeRequirement[]): readonly NodeTerm[] {
  if (places.length === 0) return terms;
  if (terms.length === 0) return [{ labels: places, fields: [] }];
  return terms.map(({ labels, fields }) => ({ labels: [...labels, ...places], fields }));
}

/** The PersistentVolumes that are bound to a claim. */
export const listBoundVolumes = async (
  api: KubernetesApi,
  signal?: AbortSignal,
  leaveOut?: LeaveOut,
): Promise<BoundVolume[]> =>
  (
    await listFromCache(
      api,
      {
        path: "/api/v1/persistentvolumes",
        resource: "persistentvolumes",
        kept: keptOf(volumeShape),
        parse: parseVolume,
      },
      { signal, leaveOut },
    )
  ).flat();
