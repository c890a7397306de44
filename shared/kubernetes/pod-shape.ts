import * as z from "zod/mini";
import { quantitiesShape } from "./quantities-shape.ts";
import { nodeTermsShape } from "./scheduling/node-term-shape.ts";
import { podAffinityShape, spreadShape } from "./scheduling/topology-rule.ts";

const strings = z._default(z.record(z.string(), z.string()), {});
const resourcesShape = z.optional(z.object({ requests: quantitiesShape, limits: quantitiesShape }));
const containers = z._default(
  z.array(
    z.object({
      name: z._default(z.string(), ""),
      resources: resourcesShape,
      restartPolicy: z.optional(z.string()),
      ports: z._default(
        z.array(
          z.object({
            containerPort: z.optional(z.number()),
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

/** What the kubelet has given each container; it differs from what is requested while that is being changed. */
const containerStatuses = z._default(
  z.array(z.object({ name: z.string(), resources: resourcesShape, allocatedResources: quantitiesShape })),
  [],
);

export const phaseShape = z.enum(["Pending", "Running", "Succeeded", "Failed", "Unknown"]);

/** Whose a pod is and how far it has come: what is read also of a pod whose rest cannot be read. */
export const podMetadataShape = z.object({
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
});

/** A pod as far as it is read. */
export const podShape = z.object({
  metadata: podMetadataShape,
  spec: z.object({
    nodeName: z.optional(z.string()),
    hostNetwork: z._default(z.boolean(), false),
    nodeSelector: strings,
    priority: z._default(z.number(), 0),
    terminationGracePeriodSeconds: z._default(z.number(), 30),
    containers,
    initContainers: containers,
    overhead: quantitiesShape,
    resources: resourcesShape,
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
      z.lazy(() =>
        z.object({
          nodeAffinity: z.optional(
            z.object({ requiredDuringSchedulingIgnoredDuringExecution: z.optional(nodeTermsShape) }),
          ),
          ...podAffinityShape(),
        }),
      ),
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
    phase: z._default(phaseShape, "Pending"),
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

/** What is read beside it of a pod whose resources are being changed: of 150,000 pods that is next to none. */
export const resizedPodShape = z.object({
  status: z.object({ containerStatuses, initContainerStatuses: containerStatuses }),
});

/** What is kept of a pod from a list: nothing else of it is read. */
export const keptPodShape = z.extend(podShape, {
  status: z.extend(podShape.shape.status, resizedPodShape.shape.status.shape),
});

export type ResizedStatus = z.infer<typeof resizedPodShape>["status"];
export type ParsedPod = z.infer<typeof podShape>;
