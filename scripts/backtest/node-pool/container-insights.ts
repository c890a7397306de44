import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import { type MetricOf, readMetricMinutes, spanOf, type Window } from "../history/metric-minutes.ts";
import type { ClusterHistory, NodeMinute } from "./history.ts";

type Series = Exclude<keyof NodeMinute, "at">;

/**
 * What each number of a minute is called in `ContainerInsights`, with the dimension ClusterName alone: of nodes those are means.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-EKS.html
 */
export const METRICS: Readonly<Record<Series, string>> = {
  nodes: "cluster_node_count",
  cpuReserved: "node_cpu_reserved_capacity",
  memoryReserved: "node_memory_reserved_capacity",
  pods: "namespace_number_of_running_pods",
  cpuLimit: "node_cpu_limit",
  memoryLimit: "node_memory_limit",
  failedNodes: "cluster_failed_node_count",
};

/** One datapoint a minute of the cluster; the pods have one of each namespace. */
const stat = (series: Series): MetricOf<Series>["stat"] => (series === "pods" ? "Sum" : "Average");

/**
 * Reads a cluster's minutes of the last days from Container Insights. Reads only: cloudwatch:GetMetricData.
 *
 * @throws {Misconfigured} when CloudWatch has nothing of the cluster
 */
export async function readContainerInsights(
  cluster: string,
  cloudwatch: CloudWatchClient,
  window: Window,
): Promise<ClusterHistory> {
  const span = spanOf(window);
  const source = `Container Insights, ${await cloudwatch.config.region()}`;
  const metrics = (Object.keys(METRICS) as Series[]).map((series) => ({
    ...{ series, name: METRICS[series], stat: stat(series), namespace: "ContainerInsights" },
    dimensions: { ClusterName: cluster },
  }));
  const { minutes, notes } = await readMetricMinutes(cloudwatch, metrics, span);
  const recorded = minutes.flatMap(([at, { nodes, cpuReserved, memoryReserved, ...others }]) =>
    nodes === undefined || cpuReserved === undefined || memoryReserved === undefined
      ? []
      : [{ at, nodes, cpuReserved, memoryReserved, ...others }],
  );
  const from = recorded[0]?.at;
  if (from === undefined) {
    const need = `${METRICS.nodes}, ${METRICS.cpuReserved} and ${METRICS.memoryReserved}`;
    throw new Misconfigured(
      `${cluster}: ${source} has no minute of it with ${need}, expected Container Insights to be on in this cluster (by its ClusterName)`,
    );
  }
  return { cluster, source, from, to: span.to, recorded, notes };
}
