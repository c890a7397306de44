import { milliCpu, wholeUnits } from "../../../shared/kubernetes/quantity.ts";
import { at } from "../object.ts";

/** Amounts by resource name, `cpu` in thousandths of a core, all others in whole units. Whole numbers only. */
export type Amounts = Readonly<Record<string, number>>;

/** A resource list in Kubernetes' notation: `{ cpu: "250m", memory: "1Gi", "nvidia.com/gpu": 1 }`. */
export function amountsOf(list: unknown): Amounts {
  if (typeof list !== "object" || list === null) return {};
  return Object.fromEntries(
    Object.entries(list).map(([name, quantity]) => [
      name,
      name === "cpu" ? milliCpu(String(quantity), name) : wholeUnits(String(quantity), name),
    ]),
  );
}

export const plus = (a: Amounts, b: Amounts): Amounts => combined(a, b, (x, y) => x + y);
export const minus = (a: Amounts, b: Amounts): Amounts => combined(a, b, (x, y) => x - y);
const larger = (a: Amounts, b: Amounts): Amounts => combined(a, b, Math.max);

function combined(a: Amounts, b: Amounts, of: (x: number, y: number) => number): Amounts {
  const result: Record<string, number> = { ...a };
  for (const [name, amount] of Object.entries(b)) result[name] = of(a[name] ?? 0, amount);
  for (const name of Object.keys(a)) if (!(name in b)) result[name] = of(a[name] ?? 0, 0);
  return result;
}

/** The resources of which `free` has less than is asked for; what is not asked for is never short. */
export const shortOf = (asked: Amounts, free: Amounts): string[] =>
  Object.keys(asked).filter((name) => (asked[name] ?? 0) > 0 && (asked[name] ?? 0) > (free[name] ?? 0));

/**
 * What a pod takes from its node: containers and sidecars together, or the largest init container with the
 * sidecars before it, whichever is more; plus the overhead. Requests of the pod itself replace the sum.
 */
export function requestsOf(pod: unknown): Amounts {
  let sidecars: Amounts = {};
  let starting: Amounts = {};
  for (const init of listAt(pod, "spec.initContainers")) {
    const own = takenBy(pod, init, "status.initContainerStatuses");
    starting = larger(starting, plus(sidecars, own));
    if (at(init, "restartPolicy") === "Always") sidecars = plus(sidecars, own);
  }
  const running = listAt(pod, "spec.containers").reduce<Amounts>(
    (sum, container) => plus(sum, takenBy(pod, container, "status.containerStatuses")),
    sidecars,
  );
  const own = amountsOf(at(pod, "spec.resources.requests"));
  return { ...plus({ ...larger(starting, running), ...own }, amountsOf(at(pod, "spec.overhead"))), pods: 1 };
}

/** As the scheduler counts a container that may be in the middle of a resize in place. */
function takenBy(pod: unknown, container: unknown, statuses: string): Amounts {
  const requested = amountsOf(at(container, "resources.requests"));
  const resize = listAt(pod, "status.conditions").find((each) =>
    ["PodResizePending", "PodResizeInProgress"].includes(String(at(each, "type"))),
  );
  const status = listAt(pod, statuses).find((each) => at(each, "name") === at(container, "name"));
  if (!resize || !status) return requested;
  const held = larger(
    amountsOf(at(status, "resources.requests")),
    amountsOf(at(status, "allocatedResources")),
  );
  return at(resize, "reason") === "Infeasible" ? held : larger(requested, held);
}

/** The list at a path; empty where there is none. */
export function listAt(value: unknown, path: string): readonly unknown[] {
  const found = at(value, path);
  return Array.isArray(found) ? found : [];
}
