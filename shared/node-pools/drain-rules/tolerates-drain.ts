import type { Pod } from "../../kubernetes/pod.ts";
import { DRAIN_TAINT, toleratesNode } from "../../kubernetes/scheduling/toleration.ts";
import { block, type DrainRule } from "./rule.ts";

/** Evicted, it may be bound to the same node again: cordoned and empty, that is the node the scheduler likes best. */
export const toleratingDrain: DrainRule = ({ tolerations }, { evictProtected }) =>
  !evictProtected && toleratesDrain({ tolerations })
    ? block("tolerates-drain", "tolerates every taint, so it may come back (evictProtected: true evicts it)")
    : undefined;

/** Whether a node that is being drained is open to this pod. */
export const toleratesDrain = ({ tolerations }: Pick<Pod, "tolerations">): boolean =>
  toleratesNode(tolerations, { unschedulable: true, taints: [{ key: DRAIN_TAINT, effect: "NoSchedule" }] });
