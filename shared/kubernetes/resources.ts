import { milliCpu, wholeUnits } from "./quantity.ts";

/** An amount of what the scheduler counts. Integers only, so that sums and comparisons are exact. */
export interface Resources {
  /** Thousandths of a core. */
  readonly milliCpu: number;
  /** Bytes. */
  readonly memory: number;
  /** Pods: what a node can hold; 1 for a pod. */
  readonly pods: number;
  /** Bytes; absent when none is requested, or it is not known what a node has. */
  readonly ephemeralStorage?: number;
  /** Extended resources and huge pages by full name, for example `{ "nvidia.com/gpu": 1 }`; absent when there are none. */
  readonly extended?: Readonly<Record<string, number>>;
}

/** Kubernetes' own notation, for example `{ cpu: "250m", memory: "1Gi" }`. */
export type Quantities = Readonly<Record<string, string>>;

/** Extended resources are the ones with a domain; huge pages of each size are counted like them. */
export const isExtended = (name: string): boolean => name.includes("/") || name.startsWith("hugepages-");

/** Parses a resource list. `pods` is 0 when the list does not name it. */
export function resources(quantities: Quantities, of: string): Resources {
  const extended = Object.entries(quantities)
    .filter(([name]) => isExtended(name))
    .map(([name, amount]) => [name, wholeUnits(amount, `${of}: ${name}`)] as const);
  const storage = quantities["ephemeral-storage"];
  return {
    milliCpu: milliCpu(quantities.cpu ?? "0", `${of}: cpu`),
    memory: wholeUnits(quantities.memory ?? "0", `${of}: memory`),
    pods: wholeUnits(quantities.pods ?? "0", `${of}: pods`),
    ...(storage !== undefined && { ephemeralStorage: wholeUnits(storage, `${of}: ephemeral-storage`) }),
    ...(extended.length > 0 && { extended: Object.fromEntries(extended) }),
  };
}

/** What one container (or a pod's overhead) asks for, with how it runs. */
export interface ContainerRequest {
  readonly requests: Quantities;
  /** What it holds on its node while that is being changed: it takes the most of these and of what it requests. */
  readonly held?: readonly Quantities[];
  /** An init container with `restartPolicy: Always` keeps running beside the pod's containers. */
  readonly sidecar?: boolean;
}

/**
 * What a pod takes from its node: the containers and sidecars together, or the largest init container with the
 * sidecars started before it, whichever is more; plus the overhead. Requests of the pod itself replace the sum.
 * https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
export function podRequests(
  containers: readonly ContainerRequest[],
  initContainers: readonly ContainerRequest[],
  overhead: Quantities,
  podLevel: { readonly requests: Quantities; readonly limits: Quantities },
  of: string,
): Resources {
  let sidecars = resources({}, of);
  let starting = resources({}, of);
  for (const init of initContainers) {
    const own = takenBy(init, of);
    starting = largest(starting, add(sidecars, own));
    if (init.sidecar) sidecars = add(sidecars, own);
  }
  const running = containers.reduce((sum, each) => add(sum, takenBy(each, of)), sidecars);
  const asked = largest(starting, running);
  return { ...add(withPodLevel(asked, podLevel, of), resources(overhead, of)), pods: 1 };
}

const takenBy = ({ requests, held = [] }: ContainerRequest, of: string): Resources =>
  held.reduce((most, each) => largest(most, resources(each, of)), resources(requests, of));

/** What the pod itself requests, or is limited to where nobody requests anything. */
function withPodLevel(
  asked: Resources,
  { requests, limits }: { readonly requests: Quantities; readonly limits: Quantities },
  of: string,
): Resources {
  const own = resources(requests, of);
  const most = resources(limits, of);
  const extended = Object.fromEntries(
    Object.entries({ ...most.extended, ...asked.extended, ...own.extended }).filter(
      ([, amount]) => amount > 0,
    ),
  );
  return {
    ...asked,
    milliCpu: "cpu" in requests ? own.milliCpu : asked.milliCpu || most.milliCpu,
    memory: "memory" in requests ? own.memory : asked.memory || most.memory,
    ...(Object.keys(extended).length > 0 && { extended }),
  };
}

/** The sum, resource by resource. */
export const add = (a: Resources, b: Resources): Resources => combine(a, b, (x, y) => x + y);

/** What is left of `a`; negative where `b` is more. What `a` has of ephemeral storage stays unknown if it was. */
export function subtract(a: Resources, b: Resources): Resources {
  const { ephemeralStorage, ...left } = combine(a, b, (x, y) => x - y);
  return a.ephemeralStorage === undefined || ephemeralStorage === undefined
    ? left
    : { ...left, ephemeralStorage };
}

/** The larger amount of each resource. */
export const largest = (a: Resources, b: Resources): Resources => combine(a, b, Math.max);

function combine(a: Resources, b: Resources, of: (x: number, y: number) => number): Resources {
  const together = {
    milliCpu: of(a.milliCpu, b.milliCpu),
    memory: of(a.memory, b.memory),
    pods: of(a.pods, b.pods),
    ...((a.ephemeralStorage !== undefined || b.ephemeralStorage !== undefined) && {
      ephemeralStorage: of(a.ephemeralStorage ?? 0, b.ephemeralStorage ?? 0),
    }),
  };
  if (!a.extended && !b.extended) return together;
  const names = new Set([...Object.keys(a.extended ?? {}), ...Object.keys(b.extended ?? {})]);
  const extended = [...names].map(
    (name) => [name, of(a.extended?.[name] ?? 0, b.extended?.[name] ?? 0)] as const,
  );
  return { ...together, extended: Object.fromEntries(extended) };
}

/** True when `asked` fits into `free`; what is not asked for fits everywhere, an overcommitted node too. */
export function fits(asked: Resources, free: Resources): boolean {
  const room = (need: number, left: number): boolean => need === 0 || need <= left;
  return (
    room(asked.milliCpu, free.milliCpu) &&
    room(asked.memory, free.memory) &&
    room(asked.pods, free.pods) &&
    (free.ephemeralStorage === undefined || room(asked.ephemeralStorage ?? 0, free.ephemeralStorage)) &&
    Object.entries(asked.extended ?? {}).every(([name, need]) => room(need, free.extended?.[name] ?? 0))
  );
}
