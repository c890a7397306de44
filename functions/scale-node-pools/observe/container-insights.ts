import type { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { asFailure } from "../../../shared/aws/failure.ts";
import { inCalls } from "../../../shared/aws/in-calls.ts";
import type { ReservedCapacity } from "../model/cluster.ts";

/** Container Insights has one datapoint a minute, a minute or two late. */
const LOOK_BACK_MS = 10 * 60_000;

/** GetMetricData takes 500 queries a call: two for each cluster. */
const CLUSTERS_A_CALL = 250;

/**
 * The newest reservation of each cluster by Container Insights, in one call for 250 clusters.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-EKS.html
 */
export async function readReservedCapacity(
  client: CloudWatch,
  clusters: readonly string[],
  now: number,
  abortSignal: AbortSignal,
): Promise<Map<string, ReservedCapacity>> {
  try {
    const answers = await Promise.all(
      inCalls(clusters, CLUSTERS_A_CALL).map((each) => ask(client, each, now, abortSignal)),
    );
    return new Map(answers.flat());
  } catch (error) {
    throw asFailure(error, "cloudwatch:GetMetricData", clusters.join(", "));
  }
}

async function ask(
  client: CloudWatch,
  clusters: readonly string[],
  now: number,
  abortSignal: AbortSignal,
): Promise<(readonly [string, ReservedCapacity])[]> {
  const { MetricDataResults = [] } = await client.getMetricData(
    {
      StartTime: new Date(now - LOOK_BACK_MS),
      EndTime: new Date(now),
      ScanBy: "TimestampDescending",
      MetricDataQueries: clusters.flatMap((cluster, index) => [
        query(`cpu${index}`, "node_cpu_reserved_capacity", cluster),
        query(`memory${index}`, "node_memory_reserved_capacity", cluster),
      ]),
    },
    { abortSignal },
  );
  const newest = new Map(
    MetricDataResults.map(({ Id = "", Values = [], Timestamps = [] }) => [
      Id,
      { value: Values[0], at: Timestamps[0] },
    ]),
  );
  return clusters.flatMap((cluster, index) => {
    const cpu = newest.get(`cpu${index}`);
    const memory = newest.get(`memory${index}`);
    if (cpu?.value === undefined || memory?.value === undefined || !cpu.at) return [];
    return [
      [
        cluster,
        { cpu: hundredths(cpu.value), memory: hundredths(memory.value), at: cpu.at.getTime() },
      ] as const,
    ];
  });
}

const query = (Id: string, MetricName: string, ClusterName: string) => ({
  Id,
  MetricStat: {
    Metric: {
      Namespace: "ContainerInsights",
      MetricName,
      Dimensions: [{ Name: "ClusterName", Value: ClusterName }],
    },
    Period: 60,
    Stat: "Average",
  },
});

/** Rounded up, so that what is just above the target stays above it. */
const hundredths = (percent: number): number => Math.ceil(percent * 100);
