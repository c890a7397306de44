import { allowAlarmsToInvoke } from "../../../shared/cloudformation/allow-alarms-to-invoke.ts";
import { arn, type Resource } from "../../../shared/cloudformation/resource.ts";
import {
  functionRole,
  keepLedger,
  logAndTrace,
  notifyAndDeadLetter,
} from "../../../shared/cloudformation/role.ts";
import type { StreamPolicies } from "../config/streams.ts";

/** What the function may do, on the streams of the config and no others, and who may invoke it. */
export function roleFor(policies: StreamPolicies, stage: string): Record<string, Resource> {
  return {
    ReshardStreamsRole: functionRole("reshard-streams", [
      {
        sid: "ObserveAndReshardStreams",
        actions: [
          "kinesis:DescribeStreamSummary",
          "kinesis:ListShards",
          "kinesis:UpdateShardCount",
          "kinesis:SplitShard",
          "kinesis:MergeShards",
        ],
        // IAM's patterns are the config's: `*` stands for any characters.
        on: Object.keys(policies).map((stream) => arn("kinesis", `stream/${stream}`)),
      },
      // AWS has no resource level for these.
      { sid: "FindStreams", actions: ["kinesis:ListStreams"], on: ["*"] },
      { sid: "ReadMetrics", actions: ["cloudwatch:GetMetricData"], on: ["*"] },
      // By the beginning of their names, which AWS allows on all alarms or none.
      {
        sid: "FindStreamsInAlarm",
        actions: ["cloudwatch:DescribeAlarms"],
        on: [arn("cloudwatch", "alarm:*")],
      },
      ...keepLedger(),
      ...notifyAndDeadLetter(),
      ...logAndTrace(`reflex-${stage}-reshard-streams`),
    ]),
    ReshardStreamsAlarmPermission: allowAlarmsToInvoke(
      "ReshardDashstreamsLambdaFunction",
      `reflex-${stage}-stream-*`,
    ),
  };
}
