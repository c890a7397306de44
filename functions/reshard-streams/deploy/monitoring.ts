import { isPattern } from "../../../shared/config/patterns.ts";
import { sweepAlarm } from "../../../shared/monitoring/function-alarms.ts";
import { type Metric, reflexMetric } from "../../../shared/monitoring/metric.ts";
import type { Monitoring, StageInfo } from "../../../shared/monitoring/monitoring.ts";
import { COLOURS, type DashboardSection, type Graph, type Line } from "../../../shared/monitoring/section.ts";
import type { StreamPolicy } from "../config/policy.ts";
import type { StreamPolicies } from "../config/streams.ts";

const NAME = "reshard-streams";

export function monitoring(policies: StreamPolicies, info: StageInfo): Monitoring {
  return {
    alarms: [sweepAlarm(NAME, info)],
    section: section(policies),
  };
}

function section(policies: StreamPolicies): DashboardSection {
  const streams = Object.entries(policies);
  const hasPattern = streams.some(([name]) => isPattern(name));
  return {
    title: "Streams",
    text: "Traffic and capacity in shards: where the capacity line steps, the stream was resharded.",
    ...(hasPattern && { graphs: [allStreamsGraph] }),
    resources: streams
      .filter(([name]) => !isPattern(name))
      .map(([name, policy]) => ({ name, graphs: [graph(name, policy)] })),
  };
}

/** Includes the streams that only a pattern matches. */
const allStreamsGraph: Graph = {
  title: "Open shards of every stream",
  left: { min: 0 },
  lines: [
    {
      expression: `SEARCH('{Reflex,StreamName,service} MetricName="OpenShardCount"', 'Maximum', 60)`,
      id: "all",
    },
  ],
};

function graph(stream: string, { shardCapacity, scaleOutAt, reads }: StreamPolicy): Graph {
  const { bytesPerSecond, recordsPerSecond, readBytesPerSecond } = shardCapacity;
  const ofStream = (name: string, stat: Metric["stat"]): Metric => ({
    namespace: "AWS/Kinesis",
    name,
    stat,
    dimensions: { StreamName: stream },
  });
  const hidden = (id: string, metric: Metric): Line => ({ id, metric, hidden: true });
  return {
    title: `${stream}: traffic against capacity`,
    left: { label: "shards", min: 0 },
    right: { label: "refused writes; shards more or fewer" },
    lines: [
      hidden("bytes", ofStream("IncomingBytes", "Sum")),
      hidden("records", ofStream("IncomingRecords", "Sum")),
      hidden("open", reflexMetric(NAME, "OpenShardCount", "Maximum", { StreamName: stream })),
      ...(reads ? [hidden("read", ofStream("GetRecords.Bytes", "Sum"))] : []),
      { expression: "FILL(open, REPEAT)", label: "capacity", id: "capacity", color: COLOURS.capacity },
      { expression: `capacity * ${scaleOutAt}`, label: "scales out above", id: "limit" },
      { expression: `bytes / (${bytesPerSecond} * PERIOD(bytes))`, label: "bytes", id: "b" },
      { expression: `records / (${recordsPerSecond} * PERIOD(records))`, label: "records", id: "r" },
      ...(reads
        ? [{ expression: `read / (${readBytesPerSecond} * PERIOD(read))`, label: "reads", id: "g" }]
        : []),
      { expression: "DIFF(capacity)", label: "reshard", id: "reshard", axis: "right", color: COLOURS.change },
      {
        metric: ofStream("WriteProvisionedThroughputExceeded", "Sum"),
        label: "refused writes",
        axis: "right",
        color: COLOURS.bad,
      },
    ],
  };
}
