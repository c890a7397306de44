import { basename } from "node:path";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import { type CsvFormat, type CsvRow, csvMinutes, readText } from "../history/csv-rows.ts";
import { MINUTE_MS } from "../history/history.ts";
import { METRICS } from "./container-insights.ts";
import type { ClusterHistory, NodeMinute } from "./history.ts";

type Column = Exclude<keyof NodeMinute, "at">;

/** Twice as many as Kubernetes is made for. https://kubernetes.io/docs/setup/best-practices/cluster-large/ */
const MOST_NODES = 10_000;

/** By our names, and by those of Container Insights. */
const FORMAT: CsvFormat<Column> = {
  columns: {
    nodes: ["nodes", METRICS.nodes],
    cpuReserved: ["cpuReserved", METRICS.cpuReserved],
    memoryReserved: ["memoryReserved", METRICS.memoryReserved],
    pods: ["pods", METRICS.pods],
    cpuLimit: ["cpuLimit", METRICS.cpuLimit],
    memoryLimit: ["memoryLimit", METRICS.memoryLimit],
    failedNodes: ["failedNodes", METRICS.failedNodes],
  },
  isEnough: (has) => has("nodes") && has("cpuReserved") && has("memoryReserved"),
  expected: "nodes, cpuReserved and memoryReserved",
  expectedNumber: "the minute's mean",
  most: { nodes: MOST_NODES, pods: MOST_NODES * 1_000, failedNodes: MOST_NODES },
};

/**
 * Reads a cluster's history from a CSV file with a header: `time`, `nodes`, `cpuReserved` and `memoryReserved` in percent, and
 * where known `pods`, `cpuLimit`, `memoryLimit`, `failedNodes`. One row a minute, in any order.
 *
 * @throws {Misconfigured} with file, line, what was found and what was expected
 */
export function readNodeCsv(file: string): ClusterHistory {
  return nodeCsv(readText(file), file);
}

/** @param name as messages name the file */
export function nodeCsv(text: string, name: string): ClusterHistory {
  const recorded = csvMinutes(text, name, FORMAT, minuteOf).flat();
  const [first, last] = [recorded[0], recorded.at(-1)];
  if (!first || !last) {
    throw new Misconfigured(`${name}: found no minute with all of nodes, cpuReserved and memoryReserved`);
  }
  const cluster = basename(name).replace(/\.csv$/i, "");
  return { cluster, source: name, from: first.at, to: last.at + MINUTE_MS, recorded, notes: [] };
}

function minuteOf({ at, place, value }: CsvRow<Column>): NodeMinute[] {
  const [nodes, cpuReserved, memoryReserved] = [
    value("nodes"),
    percent("cpuReserved"),
    percent("memoryReserved"),
  ];
  if (nodes === undefined || cpuReserved === undefined || memoryReserved === undefined) return [];
  const others = (["pods", "cpuLimit", "memoryLimit", "failedNodes"] as const).flatMap((column) => {
    const found = value(column);
    return found === undefined ? [] : [[column, found] as const];
  });
  return [{ at, nodes, cpuReserved, memoryReserved, ...Object.fromEntries(others) }];

  /** Requests never exceed what the nodes have: a larger number is not in percent. */
  function percent(column: "cpuReserved" | "memoryReserved"): number | undefined {
    const found = value(column);
    if (found === undefined || found <= 100) return found;
    throw new Misconfigured(
      `${place}: ${column}: found "${found}", expected percent of the nodes' capacity, 0 to 100`,
    );
  }
}
