/** One line of a month's bill. */
export interface CostLine {
  readonly what: string;
  /** USD a month. */
  readonly usd: number;
}

export const sumOf = (lines: readonly CostLine[]): number => lines.reduce((sum, { usd }) => sum + usd, 0);
