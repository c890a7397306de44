import { CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { mockClient } from "aws-sdk-client-mock";
import { describe, expect, it } from "vitest";
import { getMetricData } from "../../../sandbox/cloudwatch/get-metric-data.ts";
import { readContainerInsights } from "../../../scripts/backtest/node-pool/container-insights.ts";
import { nodeCsv } from "../../../scripts/backtest/node-pool/csv.ts";
import type { ClusterHistory, NodeMinute } from "../../../scripts/backtest/node-pool/history.ts";
import { poolHtml } from "../../../scripts/backtest/node-pool/html.ts";
import { poolOf } from "../../../scripts/backtest/node-pool/pool.ts";
import { backtestPool, poolFailIf } from "../../../scripts/backtest/node-pool/report.ts";
import { poolText } from "../../../scripts/backtest/node-pool/text.ts";
import { optionsFrom } from "../../../scripts/backtest/options.ts";
import { parseConfigFile } from "../../../shared/config/read-file.ts";
import { cloudWatchAt } from "../../sandbox/cloudwatch/cloudwatch-at.ts";

const MINUTE = 60_000;
const START = Date.parse("2026-11-14T00:00:00Z");

const configWith = (workers: string) =>
  parseConfigFile(
    `nodePools:\n  workers: { cluster: main, autoScalingGroups: [w], min: 2, max: 30, ${workers} }\n` +
      "  grows: { containerInsights: stats, autoScalingGroups: [g], max: 30 }\n",
    "config/dev.yml",
  );

/** So many hours of a cluster with 20 nodes, by how many nodes its requests fill in each hour. */
function history(hours: number, filled: (hour: number) => number, over: Partial<NodeMinute> = {}) {
  const recorded = Array.from({ length: hours * 60 }, (_, minute): NodeMinute => {
    const cpuReserved = (100 * filled(Math.floor(minute / 60))) / 20;
    return {
      ...{ at: START + minute * MINUTE, nodes: 20, cpuReserved, memoryReserved: cpuReserved / 2 },
      ...{ cpuLimit: 4000, memoryLimit: 16e9, ...over },
    };
  });
  const to = START + hours * 60 * MINUTE;
  return { cluster: "main", source: "a test", from: START, to, recorded, notes: [] } satisfies ClusterHistory;
}

const run = (past: ClusterHistory, workers = "", settings: string[] = [], name = "main/workers") =>
  backtestPool(past, poolOf(configWith(workers), name, settings));
const sizes = ({ run: { nodes } }: ReturnType<typeof run>, ...hours: number[]) =>
  hours.map((hour) => nodes[Math.round(hour * 60) - 1]);

describe("a node pool's policy over the requests of the past", () => {
  it("goes down to what they need at the target, as fast as delays and the disruption budget let it", () => {
    const past = run(history(8, () => 7));
    // 7 nodes' worth are 10 nodes at 70 %; below 60 % nodes go, from 11 on they do not.
    expect(sizes(past, 0.1, 8)).toEqual([20, 11]);
    expect(past.report.about.shortMinutes).toBe(0);
    expect(past.report.alternatives.map(({ kind, meanNodes }) => [kind, Math.round(meanNodes)])).toEqual([
      ["recorded", 20],
      ["policy", 12],
      ["static", 10],
      ["hindsight", 10],
    ]);
  });

  it("goes up in one step, and is short of nodes until they have joined", () => {
    const { run: result, report } = run(history(6, (hour) => (hour < 5 ? 4 : 14)));
    const out = result.changes.find(({ verdict }) => verdict === "scale-out");
    expect(out).toMatchObject({ at: START + 5 * 60 * MINUTE, to: 20 });
    expect(report.about).toMatchObject({ shortMinutes: 3 });
  });

  it("keeps min, max, windows and headroom", () => {
    const idle = history(8, () => 0.2);
    expect(sizes(run(idle), 8)).toEqual([2]);
    expect(sizes(run(idle, 'windows: [{ during: "Sat-Sun 02:00-23:00 UTC", min: 9 }]'), 8)).toEqual([9]);
    expect(sizes(run(idle, "headroom: 4"), 8)[0]).toBeGreaterThanOrEqual(5);
    // 16 vCPUs are four nodes of this history; kept free beside the target.
    expect(sizes(run(idle, 'headroom: { cpu: "16" }'), 8)[0]).toBeGreaterThanOrEqual(5);
    const full = run(
      history(2, () => 19),
      "",
      ["max=21"],
    );
    expect(Math.max(...full.run.nodes)).toBe(21);
  });

  it("counts pods where the config says how many a node takes", () => {
    const shape = 'nodeShape: { cpu: "4", memory: 16G, pods: 10 }';
    const past = history(8, () => 2, { pods: 80 });
    expect(sizes(run(past), 8)[0]).toBeLessThan(6);
    expect(sizes(run(past, shape), 8)[0]).toBeGreaterThanOrEqual(12);
  });

  it("of a pool that is known by metrics only grows, as decideByMetrics does", () => {
    const past = run(
      history(6, (hour) => (hour === 2 ? 18 : 6)),
      "",
      [],
      "stats/grows",
    );
    // 18 of 20 nodes are 90 %: 26 at 70 %.
    expect(sizes(past, 1, 6)).toEqual([20, 26]);
    expect(poolText(past.report)).toContain("only grows");
  });

  it("says what such a history cannot show, whatever it is", () => {
    const { warnings } = run(history(25, () => 7)).report;
    expect(warnings.join("\n")).toMatch(/What each pod requests, where it may go .* are not in it/);
    expect(warnings.join("\n")).toMatch(/Pods that waited for a node are not in it/);
    expect(warnings.join("\n")).not.toMatch(/may have waited|no datapoint|less than a day/);
  });

  it("warns of full minutes, gaps, failed nodes, short histories and nodes of other pools", () => {
    const past = history(2, () => 19.5, { failedNodes: 1 });
    const gap = { ...past, recorded: past.recorded.filter((_, minute) => minute < 30 || minute > 40) };
    const config = parseConfigFile(
      "nodePools:\n  a: { cluster: main, autoScalingGroups: [a] }\n  b: { cluster: main, autoScalingGroups: [b] }\n",
      "config/dev.yml",
    );
    const { warnings } = backtestPool(gap, poolOf(config, "main/a", [])).report;
    for (const part of [
      "In 120 minutes 95 % or more",
      "11 minutes have no datapoint",
      "In 120 minutes nodes had failed",
      "less than a day",
      "requests of b are in it too",
    ])
      expect(warnings.join("\n")).toContain(part);
  });

  it("is priced where the pool has a price, and compared with what it was", () => {
    const { report } = run(
      history(24, () => 7),
      "pricePerHour: 0.1",
    );
    expect(report.baseline.costPerMonth).toBeCloseTo(20 * 730 * 0.1);
    expect(poolText(report)).toMatch(/^main\/workers, 24\.0 hours to .* in place of 1460\.00 a month/);
    expect(poolFailIf("saved < 50 %")(report)).toMatch(/^saved < 50 %: found 4\d\.\d+ %$/);
    expect(poolFailIf("short > 0 min")(report)).toBeUndefined();
  });

  it("of a cluster that had no node says no percentage of it", () => {
    const { report } = run(history(1, () => 0, { nodes: 0 }));
    expect(poolText(report)).toMatch(/ nodes in the mean against 0\.0 as it was, and /);
    expect(poolText(run(history(1, () => 7)).report)).toMatch(
      / against 20\.0 as it was \(\d+ % (?:fewer|more)\), and /,
    );
  });

  it("is one HTML file, with every change as text", () => {
    const past = run(history(8, () => 7));
    const html = poolHtml(past);
    expect(html).toContain("Backtest of main/workers");
    expect(html.match(/<li>2026-/g)?.length).toBeGreaterThan(0);
    expect(html).not.toMatch(/\b(?:src|href|url)\s*[=(]/);
  });
});

describe("a cluster's history", () => {
  it("is read from Container Insights, without the minutes that may still come", async () => {
    const { cloudwatch } = cloudWatchAt(START);
    const put = (name: string, value: number, minute: number) =>
      cloudwatch.metrics.put(
        ...(["ContainerInsights", name, { ClusterName: "main" }, { value }, "None"] as const),
        START + minute * MINUTE,
      );
    for (const minute of [0, 1, 2]) {
      put("cluster_node_count", 4, minute);
      put("node_cpu_reserved_capacity", 50, minute);
      put("node_cpu_limit", 2000, minute);
      // One datapoint of each namespace.
      for (const pods of [3, 5]) put("namespace_number_of_running_pods", pods, minute);
    }
    for (const minute of [1, 2]) put("node_memory_reserved_capacity", 30, minute);
    const client = new CloudWatchClient({ region: "us-east-1" });
    mockClient(client)
      .on(GetMetricDataCommand)
      .callsFake(({ StartTime, EndTime, ...query }) =>
        getMetricData(cloudwatch.metrics, {
          ...query,
          ...{ StartTime: StartTime.getTime() / 1000, EndTime: EndTime.getTime() / 1000 },
        }),
      );
    const window = { days: 1, now: START + 6 * MINUTE };
    expect(await readContainerInsights("main", client, window)).toMatchObject({
      ...{ cluster: "main", from: START + MINUTE, to: START + 2 * MINUTE },
      recorded: [
        { at: START + MINUTE, nodes: 4, cpuReserved: 50, memoryReserved: 30, pods: 8, cpuLimit: 2000 },
      ],
    });
    await expect(readContainerInsights("other", client, window)).rejects.toThrow(
      /other: Container Insights, us-east-1 has no minute of it with cluster_node_count, .* expected Container Insights to be on/,
    );
  });

  it("is read from a file by our names or CloudWatch's", () => {
    const text =
      "time,cluster_node_count,cpuReserved,memoryReserved\n2026-11-14T00:00Z,4,50,30\n2026-11-14T00:01Z,4,,30\n2026-11-14T00:02Z,5,60,30";
    expect(nodeCsv(text, "main.csv").recorded.map(({ nodes, cpuReserved }) => [nodes, cpuReserved])).toEqual([
      [4, 50],
      [5, 60],
    ]);
  });

  it.each([
    [
      "time,nodes,cpuReserved",
      "main.csv:1: found the columns time, nodes, cpuReserved, expected time, and nodes, cpuReserved and memoryReserved",
    ],
    [
      "time,nodes,cpuReserved,memoryReserved\n2026-11-14T00:00Z,4,150,30",
      'main.csv:2: cpuReserved: found "150", expected percent',
    ],
    [
      "time,nodes,cpuReserved,memoryReserved\n2026-11-14T00:00Z,10001,50,30",
      'main.csv:2: nodes: found "10001", expected the minute\'s mean, at most 10,000',
    ],
    [
      "time,nodes,cpuReserved,memoryReserved\n2026-11-14T00:00Z,4,,30\n2026-11-14T00:01Z,4,,30",
      "main.csv: found no minute with all of",
    ],
  ])("%j is an error that says where, what was found and what was expected", (text, message) => {
    expect(() => nodeCsv(text, "main.csv")).toThrow(message);
  });
});

describe("a backtest of a node pool", () => {
  it.each([
    [
      "main/others",
      [],
      '--node-pool: found "main/others", expected <cluster>/<pool> as in config/dev.yml, which has main/workers, stats/grows',
    ],
    ["main/workers", ["max=many"], '--set max=many: nodePools.workers.max: found "many"'],
    ["main/workers", ["max"], '--set: found "max", expected a key and a value'],
  ])("of %s with %j is an error", (name, settings, message) => {
    expect(() => poolOf(configWith(""), name, settings)).toThrow(message);
  });

  it.each([
    [["--node-pool", "a/b", "--stream", "a"], "found --stream and --node-pool, expected one of them"],
    [["--node-pool", "a/b", "--all"], "--all: found --node-pool too, which is about one node pool"],
    [
      ["--node-pool", "a/b", "--fail-if", "refused > 1"],
      '--fail-if: found "refused > 1", expected a measure',
    ],
  ])("with %j is called wrongly", (args, message) => {
    expect(() => optionsFrom(args)).toThrow(message);
  });
});
