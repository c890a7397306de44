import type { Bucket } from "../../cloudwatch/metrics/bucket.ts";
import type { MetricStore } from "../../cloudwatch/metrics/store.ts";
import { metricByMinute } from "./minutes.ts";
import type { AlarmView, DecisionView, Minutes, StreamView } from "./state.ts";

/** A stream as Kinesis describes it. */
export interface StreamSummary {
  readonly name: string;
  readonly status: string;
  readonly mode: string;
  readonly openShards: number;
}

export interface StreamContext {
  /** As they happen, before CloudWatch publishes them. */
  readonly metrics: Pick<MetricStore, "read">;
  readonly minutes: Minutes;
  readonly alarms: readonly AlarmView[];
  readonly decision?: DecisionView | undefined;
}

export function streamView(
  { name, status, mode, openShards }: StreamSummary,
  { metrics, minutes, alarms, decision }: StreamContext,
): StreamView {
  const sum = ({ sum }: Bucket) => sum;
  const traffic = (metric: string): number[] =>
    metricByMinute(
      metrics,
      { namespace: "AWS/Kinesis", name: metric, dimensions: { StreamName: name } },
      minutes,
      sum,
    ).map((value) => value ?? 0);
  const published = metricByMinute(
    metrics,
    {
      namespace: "Reflex",
      name: "OpenShardCount",
      dimensions: { service: "reshard-streams", StreamName: name },
    },
    minutes,
    ({ max }) => max,
  );
  return {
    name,
    status,
    mode,
    openShards,
    openShardsByMinute: held(published, openShards),
    records: traffic("IncomingRecords"),
    refused: traffic("WriteProvisionedThroughputExceeded"),
    bytes: traffic("IncomingBytes"),
    alarms,
    ...(decision && { decision }),
  };
}

/** The count is published once a look: it holds until the next one, and now is what the stream itself says. */
function held(published: readonly (number | null)[], now: number): (number | null)[] {
  let last: number | null = null;
  return published.map((value, index) => {
    last = index === published.length - 1 ? now : (value ?? last);
    return last;
  });
}
