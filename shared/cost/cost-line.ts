/** One line of a month's bill. */
export interface CostLine {
  readonly what: string;
  /** USD a month. */
  readonly usd: number;
}

/** A part of the service with its lines. */
export interface CostPart {
  readonly name: string;
  readonly lines: readonly CostLine[];
}

export const sumOf = (lines: readonly CostLine[]): number => lines.reduce((sum, { usd }) => sum + usd, 0);
