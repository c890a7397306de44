import { tableLines } from "../../cli/table.ts";
import { daysOf } from "../report/text.ts";
import { type PoolAlternative, type PoolReport, savedPercent } from "./report.ts";

/** The report for a terminal. */
export function poolText(report: PoolReport): string {
  const { alternatives, warnings } = report;
  return [
    poolHeadline(report),
    "",
    ...tableLines(poolColumns(report), alternatives.map(poolCells)),
    "",
    ...warnings.map((warning) => `Note: ${warning}`),
  ].join("\n");
}

/** One sentence: nodes, saved, what was lacking. */
export function poolHeadline(report: PoolReport): string {
  const { cluster, pool, from, to, about, baseline } = report;
  const saved = savedPercent(report);
  const what = about.kind === "changed" ? `the policy ${about.name}` : about.name;
  const compared = [
    baseline.meanNodes > 0 && `${Math.abs(saved).toFixed(0)} % ${saved >= 0 ? "fewer" : "more"}`,
    about.costPerMonth !== undefined &&
      baseline.costPerMonth !== undefined &&
      `${about.costPerMonth.toFixed(2)} in place of ${baseline.costPerMonth.toFixed(2)} a month`,
  ].filter((each) => each !== false);
  const brackets = compared.length === 0 ? "" : ` (${compared.join(", ")})`;
  const short =
    about.shortMinutes === 0
      ? "always has room for what was requested"
      : `lacks nodes for what was requested in ${about.shortMinutes} min, ${about.worstShortNodes} at worst`;
  return `${cluster}/${pool}, ${daysOf(from, to)}: ${what} has ${about.meanNodes.toFixed(1)} nodes in the mean against ${baseline.meanNodes.toFixed(1)} as it was${brackets}, and ${short}; ${(about.changesPerDay ?? 0).toFixed(1)} changes a day`;
}

/** Without a price there is no column of it. */
export const poolColumns = ({ baseline }: Pick<PoolReport, "baseline">): string[] => [
  "",
  "nodes",
  "node-hours a day",
  ...(baseline.costPerMonth === undefined ? [] : ["cost a month"]),
  "short of nodes",
  "at worst",
  "changes a day",
];

/** One alternative by those columns; what is not known of it is a dash. */
export function poolCells(one: PoolAlternative): string[] {
  const text = (value: number | undefined, of: (known: number) => string) =>
    value === undefined ? "-" : of(value);
  return [
    one.name,
    one.meanNodes.toFixed(1),
    (24 * one.meanNodes).toFixed(0),
    ...(one.costPerMonth === undefined ? [] : [one.costPerMonth.toFixed(2)]),
    text(one.shortMinutes, (minutes) => `${minutes} min`),
    text(one.worstShortNodes, (nodes) => String(nodes)),
    text(one.changesPerDay, (changes) => changes.toFixed(1)),
  ];
}
