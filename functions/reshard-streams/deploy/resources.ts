import { type NestedStacks, nestedIn } from "../../../shared/cloudformation/nested-stack.ts";
import type { Resource } from "../../../shared/cloudformation/resource.ts";
import { logicalId } from "../../../shared/config/logical-id.ts";
import { isPattern } from "../../../shared/config/patterns.ts";
import { whatToDo } from "../../../shared/notify/what-to-do.ts";
import type { StreamPolicy } from "../config/policy.ts";
import type { StreamPolicies } from "../config/streams.ts";
import { capacityOf } from "../decide/measure/sizing.ts";

const FUNCTION = "ReshardDashstreamsLambdaFunction";

/**
 * The CloudFormation resources that follow from the config: for each stream it names, the scale-out alarm, and
 * the stream itself where it says `create`. Patterns have neither: the sweep finds their streams.
 *
 * @param docs where docs/ can be read, where the config says so
 */
export function resourcesFor(
  policies: StreamPolicies,
  stage: string,
  docs?: string,
): Record<string, Resource> {
  const named = Object.entries(policies).filter(([stream]) => !isPattern(stream));
  const alarms = named.map(
    ([stream, policy]) =>
      [`ScaleOutAlarm${logicalId(stream)}`, scaleOutAlarm(stream, policy, stage, docs)] as const,
  );
  const streams = named.flatMap(([stream, { create }]) =>
    create ? [[`Stream${logicalId(stream)}`, streamResource(stream, create.shards)] as const] : [],
  );
  return { ...nestedIn(STREAM_ALARMS, Object.fromEntries(alarms)), ...Object.fromEntries(streams) };
}

/** Room for some 1,800 streams: about 450 alarms in each. */
const STREAM_ALARMS: NestedStacks = { name: "StreamAlarms", count: 4 };

/**
 * One breaching minute among this many puts the alarm into ALARM. Kinesis publishes a minute's metrics 1 to 2 minutes
 * after it, so the newest minutes have no datapoint yet when CloudWatch evaluates: the breaching one stands further
 * back. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html (on FILL)
 */
const EVALUATED_MINUTES = 5;

/**
 * Fires when the stream is used above `scaleOutAt`, or refuses writes. It divides by the published
 * OpenShardCount, so that neither a reshard nor a deploy has to change it.
 *
 * It fires on a single minute: whether that minute matters is decided from the metrics, not by the alarm. Late series
 * are not filled: a filled value would hide the minute that is not published yet. Refused writes do not depend on
 * OpenShardCount, which is missing while the function does not run.
 */
function scaleOutAlarm(stream: string, policy: StreamPolicy, stage: string, docs?: string): Resource {
  const { bytes, records } = capacityOf(policy);
  return {
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      AlarmName: `reflex-${stage}-stream-${stream}`,
      AlarmDescription: `Utilisation of ${stream} is above ${policy.scaleOutAt} of its open shards, or writes are throttled. Invokes reshard-streams.${whatToDo("A stream's alarm", docs)}`,
      ComparisonOperator: "GreaterThanThreshold",
      Threshold: policy.scaleOutAt,
      EvaluationPeriods: EVALUATED_MINUTES,
      DatapointsToAlarm: 1,
      TreatMissingData: "notBreaching",
      Metrics: [
        {
          Id: "utilisation",
          Label: "utilisation of the open shards; 2 when writes are refused",
          Expression: `MAX([MAX([bytes / ${bytes}, records / ${records}]) / FILL(open, REPEAT), IF(throttled > 0, 2, 0)])`,
          ReturnData: true,
        },
        metric("bytes", "AWS/Kinesis", "IncomingBytes", "Sum", { StreamName: stream }),
        metric("records", "AWS/Kinesis", "IncomingRecords", "Sum", { StreamName: stream }),
        metric("throttled", "AWS/Kinesis", "WriteProvisionedThroughputExceeded", "Sum", {
          StreamName: stream,
        }),
        metric("open", "Reflex", "OpenShardCount", "Maximum", {
          service: "reshard-streams",
          StreamName: stream,
        }),
      ],
      // The alarm invokes the function itself: no topic in between to encrypt and to pay for.
      AlarmActions: [{ "Fn::GetAtt": [FUNCTION, "Arn"] }],
    },
  };
}

function metric(
  Id: string,
  Namespace: string,
  MetricName: string,
  Stat: string,
  dimensions: Readonly<Record<string, string>>,
) {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return {
    Id,
    ReturnData: false,
    MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: 60, Stat },
  };
}

/** A stream to try things on: deleted with the stack, never silently replaced. */
function streamResource(stream: string, shards: number): Resource {
  return {
    Type: "AWS::Kinesis::Stream",
    DeletionPolicy: "Delete",
    UpdateReplacePolicy: "Retain",
    Properties: {
      Name: stream,
      // Read by the first deploy only: CloudFormation reshards the stream when this number changes here.
      ShardCount: shards,
      StreamModeDetails: { StreamMode: "PROVISIONED" },
      StreamEncryption: { EncryptionType: "KMS", KeyId: "alias/aws/kinesis" },
    },
  };
}
