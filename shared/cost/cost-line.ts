import { PRICES, type Unit } from "./prices.ts";

/** How much of what AWS bills, by the unit it is billed in. */
export type Units = Readonly<Partial<Record<Unit, number>>>;

/** One line of a month's bill. */
export interface CostLine {
  readonly what: string;
  /** What of it is billed by use; absent where a line comes from another calculation. */
  readonly units?: Units;
  /** USD a month. */
  readonly usd: number;
}

/** A part of the service with its lines. */
export interface CostPart {
  readonly name: string;
  readonly lines: readonly CostLine[];
}

/** A line of so many units a month, at AWS's prices. */
export const costLine = (what: string, units: Units): CostLine => ({
  what,
  units,
  usd: entriesOf(units).reduce((sum, [unit, count]) => sum + count * PRICES[unit], 0),
});

export const sumOf = (lines: readonly CostLine[]): number => lines.reduce((sum, { usd }) => sum + usd, 0);

/** What all lines together use a month. */
export function unitsOf(lines: readonly CostLine[]): Units {
  const sums = new Map<Unit, number>();
  for (const [unit, count] of lines.flatMap(({ units = {} }) => entriesOf(units))) {
    sums.set(unit, (sums.get(unit) ?? 0) + count);
  }
  return Object.fromEntries(sums);
}

const isUnit = (name: string): name is Unit => Object.hasOwn(PRICES, name);

const entriesOf = (units: Units): [Unit, number][] =>
  Object.entries(units).flatMap(([unit, count]): [Unit, number][] => (isUnit(unit) ? [[unit, count]] : []));
