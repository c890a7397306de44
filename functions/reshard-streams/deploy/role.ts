import { allowAlarmsToInvoke } from "../../../shared/cloudformation/allow-alarms-to-invoke.ts";
import { readSecrets } from "../../../shared/cloudformation/read-secrets.ts";
import { arn, type Resource } from "../../../shared/cloudformation/resource.ts";
import {
  functionRole,
  keepLedger,
  logAndTrace,
  notifyAndDeadLetter,
  type Statement,
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
  return {
    ReshardStreamsRole: functionRole("reshard-streams", [
      ...changeStreams(policies),
      ...findStreams(),
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

function changeStreams(policies: StreamPolicies): readonly Statement[] {
  const spread = arnsOf(policies, ({ distribution }) => distribution === "auto");
  const switched = arnsOf(policies, ({ streamMode }) => streamMode === "switch");
  return [
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
    // On no stream where the config does not allow them: such a statement is left out.
    { sid: "DistributeEvenly", actions: ["kinesis:UpdateStreamRecordDistributionStrategy"], on: spread },
    { sid: "SwitchMode", actions: ["kinesis:UpdateStreamMode"], on: switched },
  ];
}

function findStreams(): readonly Statement[] {
  return [
    // AWS has no resource level for these.
    { sid: "FindStreams", actions: ["kinesis:ListStreams", "kinesis:DescribeAccountSettings"], on: ["*"] },
    { sid: "ReadMetrics", actions: ["cloudwatch:GetMetricData"], on: ["*"] },
    // By the beginning of their names, which AWS allows on all alarms or none.
    { sid: "FindStreamsInAlarm", actions: ["cloudwatch:DescribeAlarms"], on: [arn("cloudwatch", "alarm:*")] },
  ];
}

/** IAM's patterns are the config's: `*` stands for any characters. */
function arnsOf(policies: StreamPolicies, is: (policy: StreamPolicy) => boolean) {
  return namesWith(policies, is).map((name) => arn("kinesis", `stream/${name}`));
}
