import { Misconfigured } from "../../../shared/lambda/errors.ts";
import type { BacktestReport } from "./report.ts";

/** What a condition can be about: the unit that a number of it has, and where it stands in a report. */
export type Measures<Report> = Readonly<
  Record<string, { readonly unit: string; readonly of: (report: Report) => number }>
>;

const EXPECTED =
  '"refused > 0.1 %", "abandoned > 0", "delay > 5 min", "cost > 400 usd", "saved < 0 usd", "calls > 8 a day"';

const MEASURES: Measures<BacktestReport> = {
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

/** One condition under which a backtest fails: what it found when it holds. */
export type FailIf<Report = BacktestReport> = (report: Report) => string | undefined;

/** Of a stream's backtest. @throws {Misconfigured} when the text is no condition */
export const failIf = (text: string): FailIf => conditionOn(text, MEASURES, EXPECTED);

/**
 * @param examples for the message
 * @throws {Misconfigured} when the text is no condition on these measures
 */
export function conditionOn<Report>(
  text: string,
  measures: Measures<Report>,
  examples: string,
): FailIf<Report> {
  const [, name = "", comparison = "", number = "", unit = ""] =
    /^\s*([a-z]+)\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)\s*(%|min|usd|a day|)\s*$/i.exec(text) ?? [];
  const measure = measures[name.toLowerCase()];
  const compare = COMPARISONS[comparison];
  if (!measure || !compare || (unit !== "" && unit.toLowerCase() !== measure.unit)) {
    throw new Misconfigured(
      `--fail-if: found "${text}", expected a measure, a comparison and a number: ${examples}`,
    );
  }
  return (report) => {
    const value = measure.of(report);
    if (!compare(value, Number(number))) return undefined;
    return `${text.trim()}: found ${Number(value.toPrecision(4))} ${measure.unit}`.trim();
  };
}
