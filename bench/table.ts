import { tableLines } from "../scripts/cli/table.ts";

/** Prints rows under a title, the columns as wide as they need to be; numbers to the right. */
export function printTable(
  title: string,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  console.log([`\n${title}\n`, ...tableLines(header, rows)].join("\n"));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
