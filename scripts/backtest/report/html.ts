import { escapeHtml } from "../../../shared/html/escape-html.ts";
import type { Episode } from "../episodes.ts";
import { pageOf } from "./page.ts";
import { plotOf } from "./plot.ts";
import type { Backtest } from "./report.ts";
import { ALTERNATIVE_COLUMNS, alternativeCells, costliest, episodeLines, headlineOf } from "./text.ts";

/** The report of a stream as one HTML file. */
export function htmlOf(backtest: Backtest): string {
  const { report } = backtest;
  const [, ...columns] = ALTERNATIVE_COLUMNS;
  return pageOf({
    title: `Backtest of ${report.stream}`,
    headline: headlineOf(report),
    source: report.source,
    plot: plotOf(backtest),
    plotTitle: "Demand, capacity and what was refused",
    legend: {
      ...{ demand: "demand", capacity: "open shards", refused: "refused" },
      ...{ out: "scale-out", in: "scale-in" },
    },
    columns: ["way to run it", ...columns],
    rows: report.alternatives.map(alternativeCells),
    sections: `${costs(report.verdicts)}\n<h2>Refusals</h2>\n${episodes(report.episodes)}`,
    notes: report.warnings,
  });
}

function costs(verdicts: Backtest["report"]["verdicts"]): string {
  const lines = costliest(verdicts).filter(Boolean);
  return lines.map((line) => `<p>${escapeHtml(line)}.</p>`).join("\n");
}

function episodes(all: readonly Episode[]): string {
  if (all.length === 0) return "<p>It refused no record.</p>";
  const item = ([what = "", answer = ""]: readonly string[]) =>
    `<li>${escapeHtml(what)}<br><strong>${escapeHtml(answer)}</strong></li>`;
  return `<ol>${all.map((episode) => item(episodeLines(episode))).join("\n")}</ol>`;
}
