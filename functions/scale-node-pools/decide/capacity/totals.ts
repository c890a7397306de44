import type { Resources } from "../../../../shared/kubernetes/resources.ts";

/** Sums over a pool. Big integers: the bytes of a large pool, times a hundred, go beyond 2^53. */
export interface Totals {
  readonly milliCpu: bigint;
  readonly memory: bigint;
  readonly pods: bigint;
}

export const NOTHING: Totals = { milliCpu: 0n, memory: 0n, pods: 0n };

export const add = (total: Totals, { milliCpu, memory, pods }: Resources): Totals => ({
  milliCpu: total.milliCpu + BigInt(milliCpu),
  memory: total.memory + BigInt(memory),
  pods: total.pods + BigInt(pods),
});

/** The sum of two sums. */
export const sum = (a: Totals, b: Totals): Totals => ({
  milliCpu: a.milliCpu + b.milliCpu,
  memory: a.memory + b.memory,
  pods: a.pods + b.pods,
});

export const subtract = (total: Totals, { milliCpu, memory, pods }: Resources): Totals => ({
  milliCpu: total.milliCpu - BigInt(milliCpu),
  memory: total.memory - BigInt(memory),
  pods: total.pods - BigInt(pods),
});

/** True when every resource's `requests` is at most `percent` percent of `capacity`, exactly. */
export const within = (requests: Totals, capacity: Totals, percent: number): boolean =>
  requests.milliCpu * 100n <= capacity.milliCpu * BigInt(percent) &&
  requests.memory * 100n <= capacity.memory * BigInt(percent) &&
  requests.pods * 100n <= capacity.pods * BigInt(percent);

/** Whether nodes of `each` add to every resource of which more than `percent` percent of `capacity` is requested. */
export const addsWhereMissing = (
  requests: Totals,
  capacity: Totals,
  each: Resources,
  percent: number,
): boolean =>
  (["milliCpu", "memory", "pods"] as const).every(
    (resource) => requests[resource] * 100n <= capacity[resource] * BigInt(percent) || each[resource] > 0,
  );

/** True when every resource's `requests` is less than `percent` percent of `capacity`; without capacity that is never so. */
export const below = (requests: Totals, capacity: Totals, percent: number): boolean =>
  requests.milliCpu * 100n < capacity.milliCpu * BigInt(percent) &&
  requests.memory * 100n < capacity.memory * BigInt(percent) &&
  requests.pods * 100n < capacity.pods * BigInt(percent);

/**
 * The largest utilisation of the three in tenths of a percent, rounded up; for people, never for a decision.
 * Undefined when there is requests and no capacity.
 */
export function utilisation(requests: Totals, capacity: Totals): number | undefined {
  let largest = 0n;
  for (const resource of ["milliCpu", "memory", "pods"] as const) {
    if (requests[resource] === 0n) continue;
    if (capacity[resource] <= 0n) return undefined;
    const share = (requests[resource] * 1000n + capacity[resource] - 1n) / capacity[resource];
    if (share > largest) largest = share;
  }
  return Number(largest);
}
