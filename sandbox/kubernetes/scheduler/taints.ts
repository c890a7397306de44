import type { Taint } from "../../../shared/kubernetes/node.ts";
import type { Toleration } from "./pod-view.ts";

/** https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#concepts */
export function tolerates({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if (effect !== "" && effect !== taint.effect) return false;
  if (key !== "" && key !== taint.key) return false;
  switch (operator) {
    case "Exists":
      return true;
    case "Equal":
      return key !== "" && value === (taint.value ?? "");
    case "Gt":
      return Number(taint.value) > Number(value);
    case "Lt":
      return Number(taint.value) < Number(value);
    default:
      return false;
  }
}

/** The first taint with one of these effects that none of the tolerations covers. */
export const untolerated = (
  tolerations: readonly Toleration[],
  taints: readonly Taint[],
  effects: readonly Taint["effect"][],
): Taint | undefined =>
  taints.find(
    (taint) => effects.includes(taint.effect) && !tolerations.some((each) => tolerates(each, taint)),
  );
