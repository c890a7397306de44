import type { Taint } from "../node.ts";

export interface Toleration {
  /** Absent with `Exists`: tolerates every taint. */
  readonly key?: string;
  readonly operator: "Exists" | "Equal";
  readonly value?: string;
  /** Absent: every effect. */
  readonly effect?: string;
}

/** The taint of a node that is being drained; its value is when the drain started, in Unix seconds. */
export const DRAIN_TAINT = "reflex/draining";

/** The taint a cordoned node gets from Kubernetes itself. */
const CORDONED: Taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

/** True when no taint of the node keeps a pod with these tolerations from being bound to it. */
export function toleratesNode(
  tolerations: readonly Toleration[],
  node: { readonly taints: readonly Taint[]; readonly unschedulable: boolean },
): boolean {
  const taints = node.unschedulable ? [...node.taints, CORDONED] : node.taints;
  return taints.every(
    (taint) => taint.effect === "PreferNoSchedule" || tolerations.some((each) => tolerates(each, taint)),
  );
}

/** https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#concepts */
function tolerates({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if (effect !== undefined && effect !== taint.effect) return false;
  if (key === undefined) return operator === "Exists";
  return key === taint.key && (operator === "Exists" || (value ?? "") === (taint.value ?? ""));
}
