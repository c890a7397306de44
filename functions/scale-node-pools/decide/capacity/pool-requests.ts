import type { Pod, PodsByNode } from "../../model/cluster.ts";
import type { Member } from "../pool/members.ts";
import { add, NOTHING, type Totals } from "./totals.ts";

/** Whether a pod needs a place somewhere in the cluster, now and after any drain. */
export const needsPlace = ({ role, terminating }: Pod): boolean => role !== "daemon" && !terminating;

/** What these pods request together. */
export const requestsOfPods = (pods: readonly Pod[]): Totals =>
  pods.reduce((sum, { shape }) => add(sum, shape.requirements.requests), NOTHING);

/**
 * What the pool's pods request, wherever in the pool they are: also on nodes that are being drained or are not
 * ready, whose pods come back. Nodes that someone else has cordoned are left out with their pods.
 */
export const requestsOfPool = (members: readonly Member[], pods: PodsByNode): Totals =>
  requestsOfPods(
    members.flatMap(({ node, status }) =>
      node && status !== "cordoned" ? (pods.get(node.name) ?? []).filter(needsPlace) : [],
    ),
  );
