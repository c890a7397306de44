import { pageOf } from "../report/page.ts";
import type { PoolBacktest } from "./report.ts";
import { nodesFor } from "./simulate.ts";
import { poolCells, poolColumns, poolHeadline } from "./text.ts";

/** The report of a node pool as one HTML file. */
export function poolHtml({ report, one, run }: PoolBacktest): string {
  const [, ...columns] = poolColumns(report);
  return pageOf({
    title: `Backtest of ${report.cluster}/${report.pool}`,
    headline: poolHeadline(report),
    source: report.source,
    plot: {
      ...{ from: report.from, to: report.to, unit: "nodes" },
      demand: one.requests.map((requests) => nodesFor(one, requests, 100)),
      capacity: run.nodes,
      ...{ lacking: run.short, lackingName: "nodes that were lacking" },
      changes: run.changes,
    },
    plotTitle: "Requests, nodes and what was lacking",
    legend: {
      ...{ demand: "nodes that the requests fill", capacity: "nodes", refused: "lacking" },
      ...{ out: "scale-out", in: "scale-in" },
    },
    columns: ["way to run it", ...columns],
    rows: report.alternatives.map(poolCells),
    sections: "",
    notes: report.warnings,
  });
}
