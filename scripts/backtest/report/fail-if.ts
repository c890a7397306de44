import { Misconfigured } from "../../../shared/lambda/errors.ts";
import type { BacktestReport } from "./report.ts";

const EXPECTED =
  'expected a measure, a comparison and a number: "refused > 0.1 %", "abandoned > 0", "delay > 5 min", "cost > 400 usd", "saved < 0 usd", "calls > 8 a day"';

/** What `--fail-if` can be about, and the unit that a number of it has. */
const MEASURES: Readonly<
  Record<string, { readonly unit: string; readonly of: (report: BacktestReport) => number }>
> = {
  refused: { unit: "%", of: ({ about }) => 100 * (about.refusedShare ?? 0) },
  abandoned: { unit: "", of: ({ about }) => about.abandonedRecords ?? 0 },
  delay: { unit: "min", of: ({ about }) => about.worstDelayMinutes ?? 0 },
  cost: { unit: "usd", of: ({ about }) => about.usdPerMonth },
  saved: { unit: "usd", of: ({ about, baseline }) => baseline.usdPerMonth - about.usdPerMonth },
  calls: { unit: "a day", of: ({ about }) => about.callsPerDay ?? 0 },
};

const COMPARISONS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  ">": (value, limit) => value > limit,
  ">=": (value, limit) => value >= limit,
  "<": (value, limit) => value < limit,
  "<=": (value, limit) => value <= limit,
};

/** One condition under which the backtest fails: what it found when it holds. */
export type FailIf = (report: BacktestReport) => string | undefined;

/** @throws {Misconfigured} when the text is no condition */
export function failIf(text: string): FailIf {
  const [, name = "", comparison = "", number = "", unit = ""] =
    /^\s*([a-z]+)\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)\s*(%|min|usd|a day|)\s*$/i.exec(text) ?? [];
  const measure = MEASURES[name.toLowerCase()];
  const compare = COMPARISONS[comparison];
  if (!measure || !compare || (unit !== "" && unit.toLowerCase() !== measure.unit)) {
    throw new Misconfigured(`--fail-if: found "${text}", ${EXPECTED}`);
  }
  return (report) => {
    const value = measure.of(report);
    if (!compare(value, Number(number))) return undefined;
    return `${text.trim()}: found ${Number(value.toPrecision(4))} ${measure.unit}`.trim();
  };
}
