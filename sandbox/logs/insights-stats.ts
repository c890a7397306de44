import type { Fields } from "./event.ts";
import { order } from "./expression.ts";

/** One column of `stats`. */
export interface Statistic {
  /** The column's name: `max(Duration)`, or what `as` calls it. */
  readonly as: string;
  /** Of the rows of one group; undefined where none of them has the field. */
  of(rows: readonly Fields[]): string | undefined;
}

/** A field's values, by the time of their rows. */
type Reduce = (values: readonly string[]) => string | undefined;

const numbers = (values: readonly string[]): readonly number[] =>
  values.map(Number).filter((value) => !Number.isNaN(value));

const overNumbers =
  (reduce: (values: readonly number[]) => number): Reduce =>
  (values) => {
    const found = numbers(values);
    return found.length === 0 ? undefined : String(reduce(found));
  };

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const FUNCTIONS: Readonly<Record<string, Reduce>> = {
  count: (values) => String(values.length),
  count_distinct: (values) => String(new Set(values).size),
  sum: overNumbers(sum),
  avg: overNumbers((values) => sum(values) / values.length),
  min: (values) => values.toSorted(order)[0],
  max: (values) => values.toSorted(order).at(-1),
  earliest: (values) => values[0],
  latest: (values) => values.at(-1),
};

/** A function of `stats` over a field, `*` for the rows themselves; undefined for one the sandbox does not have. */
export function statisticOf(name: string, field: string, as: string): Statistic | undefined {
  const reduce = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  return (
    reduce && {
      as,
      of: (rows) => reduce(rows.flatMap((row) => row.get(field === "*" ? "@message" : field) ?? [])),
    }
  );
}

/** One row for each group of rows that have the same values in `by`. */
export function aggregate(
  rows: readonly Fields[],
  statistics: readonly Statistic[],
  by: readonly string[],
): readonly Fields[] {
  const inTime = rows.toSorted((a, b) => order(a.get("@timestamp") ?? "", b.get("@timestamp") ?? ""));
  const groups = Map.groupBy(inTime, (row) => JSON.stringify(by.map((field) => row.get(field))));
  return [...groups.values()].map((group) => {
    const keys = by.map((field) => [field, group[0]?.get(field)] as const);
    const values = statistics.map(({ as, of }) => [as, of(group)] as const);
    return new Map(
      [...keys, ...values].flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
  });
}
