/** `1 node`, `3 nodes`. */
export const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

/** A time of day: `14:05 UTC`. */
export const timeOf = (at: number): string => `${new Date(at).toISOString().slice(11, 16)} UTC`;

/** A duration in whole minutes: `10 minutes`. */
export const minutes = (ms: number): string => count(Math.ceil(ms / 60_000), "minute");

/** Tenths of a percent, as `71.4 %`. */
export const percent = (tenths: number | undefined): string =>
  tenths === undefined ? "more than all" : `${(tenths / 10).toFixed(1)} %`;

/** `a, b, c and 4 more`. */
export function list(names: readonly string[], most = 3): string {
  const rest = names.length - most;
  return rest > 0 ? `${names.slice(0, most).join(", ")} and ${rest} more` : names.join(", ");
}

/** How many pods, and one of them by its name: `3 pods (shop/web-1 and 2 more)`. */
export function podsNamed(pods: readonly { readonly id: string }[]): string {
  const ids = list(
    pods.map(({ id }) => id),
    1,
  );
  return `${count(pods.length, "pod")} (${ids})`;
}
