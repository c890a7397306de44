import { allowAlarmsToInvoke } from "../../../shared/cloudformation/allow-alarms-to-invoke.ts";
import { readSecrets } from "../../../shared/cloudformation/read-secrets.ts";
import { arn, type Resource } from "../../../shared/cloudformation/resource.ts";
import {
  functionRole,
  keepLedger,
  logAndTrace,
  notifyAndDeadLetter,
} from "../../../shared/cloudformation/role.ts";
import type { SecretRef } from "../../../shared/secrets/secret-ref.ts";
import type { StreamPolicy } from "../config/policy.ts";
import { namesWith, type StreamPolicies } from "../config/streams.ts";

/** What the function may do, on the streams of the config and no others, and who may invoke it. */
export function roleFor(
  policies: StreamPolicies,
  stage: string,
  secrets: readonly SecretRef[],
): Record<string, Resource> {
  const spread = arnsOf(policies, ({ distribution }) => distribution === "auto");
  const switched = arnsOf(policies, ({ streamMode }) => streamMode === "switch");
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
          "kinesis:UpdateStreamWarmThroughput",
        ],
        on: arnsOf(policies, () => true),
      },
      // Only where the config allows them.
      ...(spread.length === 0
        ? []
        : [
            {
              ...{ sid: "DistributeEvenly", on: spread },
              actions: ["kinesis:UpdateStreamRecordDistributionStrategy"],
            },
          ]),
      ...(switched.length === 0
        ? []
        : [{ sid: "SwitchMode", actions: ["kinesis:UpdateStreamMode"], on: switched }]),
      // AWS has no resource level for these.
      {
        sid: "FindStreams",
        actions: ["kinesis:ListStreams", "kinesis:DescribeAccountSettings"],
        on: ["*"],
      },
      { sid: "ReadMetrics", actions: ["cloudwatch:GetMetricData"], on: ["*"] },
      // By the beginning of their names, which AWS allows on all alarms or none.
      {
        sid: "FindStreamsInAlarm",
        actions: ["cloudwatch:DescribeAlarms"],
        on: [arn("cloudwatch", "alarm:*")],
      },
      ...readSecrets(secrets),
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

/** IAM's patterns are the config's: `*` stands for any characters. */
function arnsOf(policies: StreamPolicies, is: (policy: StreamPolicy) => boolean) {
  return namesWith(policies, is).map((name) => arn("kinesis", `stream/${name}`));
}
