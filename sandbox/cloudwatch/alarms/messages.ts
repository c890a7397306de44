import type { BusEvent, TopicMessage } from "../../deliveries.ts";
import { createEvent } from "../../events/event.ts";
import { ACCOUNT_ID } from "../../service.ts";
import { dimensionsOf } from "../metrics/metric.ts";
import type { MetricDataQuery } from "../query.ts";
import { awsTime } from "../time.ts";
import {
  type Alarm,
  type AlarmConfiguration,
  type AlarmState,
  alarmPeriodMs,
  type Contributor,
  queriesOf,
} from "./alarm.ts";

/** The three shapes of the message about one state change. */
export interface StateChange {
  /** As it is after the change. */
  readonly alarm: Alarm;
  readonly previous: AlarmState;
  readonly region: string;
  /** Of an alarm on several series: the one that changed. Absent: the alarm as a whole. */
  readonly contributor?: Contributor;
}

/** Alarm messages name a region as the console does. */
const REGION_NAMES: Readonly<Record<string, string>> = {
  "us-east-1": "US East (N. Virginia)",
  "us-east-2": "US East (Ohio)",
  "us-west-1": "US West (N. California)",
  "us-west-2": "US West (Oregon)",
  "ca-central-1": "Canada (Central)",
  "sa-east-1": "South America (Sao Paulo)",
  "eu-central-1": "EU (Frankfurt)",
  "eu-north-1": "EU (Stockholm)",
  "eu-west-1": "EU (Ireland)",
  "eu-west-2": "EU (London)",
  "eu-west-3": "EU (Paris)",
  "ap-northeast-1": "Asia Pacific (Tokyo)",
  "ap-northeast-2": "Asia Pacific (Seoul)",
  "ap-south-1": "Asia Pacific (Mumbai)",
  "ap-southeast-1": "Asia Pacific (Singapore)",
  "ap-southeast-2": "Asia Pacific (Sydney)",
};

/** What an alarm publishes to an SNS topic. */
export function topicMessage({ alarm, previous, region, contributor }: StateChange): TopicMessage {
  const { configuration, state } = alarm;
  const name = REGION_NAMES[region] ?? region;
  const message = {
    AlarmName: configuration.AlarmName,
    AlarmDescription: configuration.AlarmDescription ?? null,
    AWSAccountId: ACCOUNT_ID,
    AlarmConfigurationUpdatedTimestamp: awsTime(alarm.configuredAt),
    NewStateValue: state.value,
    NewStateReason: state.reason,
    StateChangeTime: awsTime(state.at),
    Region: name,
    AlarmArn: alarm.arn,
    OldStateValue: previous.value,
    OKActions: configuration.OKActions ?? [],
    AlarmActions: configuration.AlarmActions ?? [],
    InsufficientDataActions: configuration.InsufficientDataActions ?? [],
    Trigger: triggerOf(configuration),
    ...(contributor && {
      AlarmContributorId: contributor.id,
      AlarmContributorAttributes: contributor.attributes,
    }),
  };
  return {
    subject: `${state.value}: "${configuration.AlarmName}" in ${name}`,
    message: JSON.stringify(message),
  };
}

function triggerOf(configuration: AlarmConfiguration) {
  const rule = {
    Period: alarmPeriodMs(configuration) / 1000,
    EvaluationPeriods: configuration.EvaluationPeriods,
    DatapointsToAlarm: configuration.DatapointsToAlarm ?? configuration.EvaluationPeriods,
    ComparisonOperator: configuration.ComparisonOperator,
    Threshold: configuration.Threshold,
    TreatMissingData: configuration.TreatMissingData,
    EvaluateLowSampleCountPercentile: "",
  };
  if (configuration.Metrics) return { ...rule, Metrics: configuration.Metrics.map(topicMetric) };
  const { MetricName, Namespace, Statistic, ExtendedStatistic, Unit, Dimensions = [] } = configuration;
  return {
    MetricName,
    Namespace,
    StatisticType: Statistic ? "Statistic" : "ExtendedStatistic",
    ...(Statistic ? { Statistic: Statistic.toUpperCase() } : { ExtendedStatistic }),
    Unit: Unit ?? null,
    Dimensions: Dimensions.map(({ Name, Value }) => ({ value: Value, name: Name })),
    ...rule,
  };
}

function topicMetric({ Id, Label, Expression, MetricStat, ReturnData = true }: MetricDataQuery) {
  if (!MetricStat) return { Expression, Id, Label, ReturnData };
  const { Dimensions = [], MetricName, Namespace } = MetricStat.Metric;
  const Metric = {
    Dimensions: Dimensions.map(({ Name, Value }) => ({ value: Value, name: Name })),
    MetricName,
    Namespace,
  };
  return { Id, Label, MetricStat: { ...MetricStat, Metric }, ReturnData };
}

/** The event `CloudWatch Alarm State Change` on the default event bus. */
export function busEvent({ alarm, previous, region, contributor }: StateChange): BusEvent {
  return createEvent({
    source: "aws.cloudwatch",
    detailType: contributor ? "CloudWatch Alarm Contributor State Change" : "CloudWatch Alarm State Change",
    region,
    at: alarm.state.at,
    resources: [alarm.arn],
    detail: {
      ...alarmData(alarm, previous),
      ...(contributor && {
        alarmContributor: { id: contributor.id, attributes: contributor.attributes },
      }),
    },
  });
}

/** The event `CloudWatch Alarm Configuration Change` on the default event bus. */
export function configurationEvent(
  { arn, configuration, configuredAt, state }: Alarm,
  operation: "create" | "update" | "delete",
  region: string,
): BusEvent {
  return createEvent({
    source: "aws.cloudwatch",
    detailType: "CloudWatch Alarm Configuration Change",
    region,
    at: configuredAt,
    resources: [arn],
    detail: {
      alarmName: configuration.AlarmName,
      operation,
      state: { value: state.value, timestamp: awsTime(state.at) },
      configuration: {
        evaluationPeriods: configuration.EvaluationPeriods,
        threshold: configuration.Threshold,
        comparisonOperator: configuration.ComparisonOperator,
        treatMissingData: configuration.TreatMissingData,
        metrics: queriesOf(configuration).map(eventMetric),
        alarmName: configuration.AlarmName,
        ...(configuration.AlarmDescription !== undefined && { description: configuration.AlarmDescription }),
        actionsEnabled: configuration.ActionsEnabled,
        timestamp: awsTime(configuredAt),
        okActions: configuration.OKActions ?? [],
        alarmActions: configuration.AlarmActions ?? [],
        insufficientDataActions: configuration.InsufficientDataActions ?? [],
      },
    },
  });
}

/** What a Lambda function that is itself an alarm's action is invoked with. */
export function functionEvent({ alarm, previous, region }: StateChange) {
  return {
    source: "aws.cloudwatch",
    alarmArn: alarm.arn,
    accountId: ACCOUNT_ID,
    time: awsTime(alarm.state.at),
    region,
    alarmData: alarmData(alarm, previous),
  };
}

function alarmData({ configuration, state }: Alarm, previous: AlarmState) {
  return {
    alarmName: configuration.AlarmName,
    state: stateOf(state),
    previousState: stateOf(previous),
    configuration: {
      ...(configuration.AlarmDescription !== undefined && { description: configuration.AlarmDescription }),
      metrics: queriesOf(configuration).map(eventMetric),
    },
  };
}

function stateOf({ value, reason, reasonData, at }: AlarmState) {
  return { value, reason, ...(reasonData !== undefined && { reasonData }), timestamp: awsTime(at) };
}

/** Unlike the topic's message, events have dimensions as a map and names in lower case. */
function eventMetric({ Id, Label, Expression, MetricStat, ReturnData = true }: MetricDataQuery) {
  if (!MetricStat) return { id: Id, expression: Expression, label: Label, returnData: ReturnData };
  const { Dimensions = [], MetricName, Namespace } = MetricStat.Metric;
  const metric = { namespace: Namespace, name: MetricName, dimensions: dimensionsOf(Dimensions) };
  const { Period, Stat, Unit } = MetricStat;
  return {
    id: Id,
    metricStat: { metric, period: Period, stat: Stat, ...(Unit && { unit: Unit }) },
    label: Label,
    returnData: ReturnData,
  };
}
