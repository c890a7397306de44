import type { Held } from "./held.ts";

const COLUMNS = 96;
const BARS = "▁▂▃▄▅▆▇█";

/** One row of bars for each measure, from the start to the end; its least and most beside it. */
export function plot(held: readonly Held[]): string {
  const rows = (
    ["heapMegabytes", "residentMegabytes", "sockets", "timers", "listeners", "faults"] as const
  ).map((what) => {
    const values = sampled(held.map((one) => one[what]));
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const bars = values.map((value) => BARS[Math.round((value / (most || 1)) * (BARS.length - 1))]);
    return `${what.padEnd(18)} ${bars.join("")}  ${Math.round(least)} to ${Math.round(most)}`;
  });
  return rows.join("\n");
}

/** At most one value a column. */
function sampled(values: readonly number[]): readonly number[] {
  const columns = Math.min(COLUMNS, values.length);
  return Array.from({ length: columns }, (_none, column) => {
    return values[Math.floor((column * values.length) / columns)] ?? 0;
  });
}
