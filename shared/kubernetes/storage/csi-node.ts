import * as z from "zod/mini";
import type { KubernetesApi } from "../api/api.ts";
import { keptOf } from "../api/list/kept.ts";
import { type LeaveOut, listFromCache } from "../api/list/list.ts";
import { readAs } from "../api/parse.ts";

/** How many volumes of each CSI driver a node can have, by the driver's name; a driver without a limit is left out. */
export type VolumeLimits = Readonly<Record<string, number>>;

const csiNodeShape = z.lazy(() =>
  z.object({
    metadata: z.object({ name: z.string() }),
    spec: z.object({
      drivers: z.nullish(
        z.array(
          z.object({
            name: z.string(),
            allocatable: z.nullish(z.object({ count: z.nullish(z.number()) })),
          }),
        ),
      ),
    }),
  }),
);

function parseCsiNode(answer: unknown): readonly [string, VolumeLimits] {
  const { metadata, spec } = readAs(csiNodeShape, answer, "csinode");
  const limits = (spec.drivers ?? []).flatMap(({ name, allocatable }) =>
    typeof allocatable?.count === "number" ? [[name, allocatable.count] as const] : [],
  );
  return [metadata.name, Object.fromEntries(limits)];
}

/** The volume limits of every node whose CSI drivers have registered, by the node's name. */
export const listVolumeLimits = async (
  api: KubernetesApi,
  signal?: AbortSignal,
  leaveOut?: LeaveOut,
): Promise<Map<string, VolumeLimits>> =>
  new Map(
    await listFromCache(
      api,
      {
        path: "/apis/storage.k8s.io/v1/csinodes",
        resource: "csinodes",
        kept: keptOf(csiNodeShape),
        parse: parseCsiNode,
      },
      { signal, leaveOut },
    ),
  );
