import { type CloudWatchClient, type MetricAlarm, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import type { CallRates } from "../../../shared/aws/call-rates.ts";
import { asFailure } from "../../../shared/aws/failure.ts";

/** A stream whose alarm is in ALARM, and that alarm's name. */
export type InAlarm = ReadonlyMap<string, string>;

/**
 * The streams whose alarms are in ALARM now: one DescribeAlarms for every 100 of them. An alarm acts on a
 * change of state only; this is how a run goes on with one that stays in ALARM.
 */
export async function streamsInAlarm(
  cloudwatch: CloudWatchClient,
  alarmNamePrefix: string,
  rates: CallRates,
  signal: AbortSignal,
): Promise<InAlarm> {
  const inAlarm = new Map<string, string>();
  try {
    await rates.take("DescribeAlarms");
    for await (const { MetricAlarms = [], NextToken } of paginateDescribeAlarms(
      { client: cloudwatch },
      { AlarmNamePrefix: alarmNamePrefix, StateValue: "ALARM", AlarmTypes: ["MetricAlarm"] },
      { abortSignal: signal },
    )) {
      for (const alarm of MetricAlarms) {
        for (const stream of streamsOf(alarm)) inAlarm.set(stream, alarm.AlarmName ?? "");
      }
      if (NextToken !== undefined) await rates.take("DescribeAlarms");
    }
  } catch (error) {
    throw asFailure(error, "cloudwatch:DescribeAlarms", alarmNamePrefix);
  }
  return inAlarm;
}

function streamsOf({ Dimensions = [], Metrics = [] }: MetricAlarm): string[] {
  const all = [...Dimensions, ...Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric?.Dimensions ?? [])];
  return [...new Set(all.flatMap(({ Name, Value }) => (Name === "StreamName" && Value ? [Value] : [])))];
}
