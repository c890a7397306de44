import type { Account } from "../../../sandbox/account.ts";

/** A group in each zone, `workers-a` and so on, whose machines join the cluster `main`. */
export function createWorkers(
  { autoScaling }: Account,
  zones: readonly string[],
  sizes: { readonly min?: number; readonly max: number; readonly desired: number },
): void {
  for (const zone of zones) {
    autoScaling.groups.create({
      name: `workers-${zone.at(-1)}`,
      min: 0,
      ...sizes,
      zones: [zone],
      launch: { instanceType: "m5.large", spot: false, cluster: "main" },
    });
  }
}
