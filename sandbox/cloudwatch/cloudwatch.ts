import * as z from "zod/mini";
import type { SandboxClock } from "../clock/clock.ts";
import type { Deliveries } from "../deliveries.ts";
import { type CreatedResource, DEFAULT_REGION, type Properties, type Service } from "../service.ts";
import { answer, type Operation } from "../wire/answer.ts";
import { AwsError } from "../wire/error.ts";
import { parse } from "../wire/parse.ts";
import { list } from "../wire/scalars.ts";
import { alarmSchema, STATES } from "./alarms/alarm.ts";
import { type Alarms, createAlarms } from "./alarms/alarms.ts";
import {
  type CompositeAlarms,
  type CompositeConfiguration,
  compositeAlarmSchema,
  createCompositeAlarms,
} from "./alarms/composite-alarms.ts";
import {
  describeAlarmContributors,
  describeAlarmHistory,
  describeAlarms,
  describeAlarmsForMetric,
} from "./alarms/describe-alarms.ts";
import { muteRuleSchema } from "./alarms/mute-rules.ts";
import { checkedDashboardBody } from "./dashboard-body.ts";
import { getMetricData, metricsIn } from "./get-metric-data.ts";
import { getMetricStatistics } from "./get-metric-statistics.ts";
import { listMetrics } from "./list-metrics.ts";
import { AWS_METRIC_DELAY, type MetricDelay } from "./metrics/publication.ts";
import { createMetricStore, type MetricStore } from "./metrics/store.ts";
import { putMetricData } from "./put-metric-data.ts";

export interface CloudWatchDependencies {
  readonly clock: SandboxClock;
  readonly deliveries: Deliveries;
  /** The one region the sandbox simulates. */
  readonly region?: string;
  /** How late AWS's own metrics come; as AWS's do where absent. */
  readonly metricDelay?: MetricDelay;
}

export interface CloudWatch extends Service {
  /** Other services put their `AWS/…` metrics here. */
  readonly metrics: MetricStore;
  readonly alarms: Alarms;
  /** Metrics that were asked for by GetMetricData since the start, as it is billed: a metric in several statistics once a call. */
  metricsRequested(): number;
}

/** CloudWatch metrics and alarms, by AWS JSON 1.0, Smithy RPC v2 CBOR and AWS Query. */
export function createCloudWatch({
  clock,
  deliveries,
  region = DEFAULT_REGION,
  metricDelay = AWS_METRIC_DELAY,
}: CloudWatchDependencies): CloudWatch {
  const metrics = createMetricStore({ now: () => clock.now(), delay: metricDelay });
  const alarms = createAlarms({ clock, deliveries, store: metrics, region });
  const composites = createCompositeAlarms({ alarms, clock, deliveries, region });
  let requested = 0;
  const service = {
    name: "CloudWatch",
    operations: {
      ...operationsOf(metrics, alarms, composites, clock),
      GetMetricData: (input: unknown) => {
        requested += metricsIn(input);
        return getMetricData(metrics, input);
      },
    },
    xmlNamespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
  };
  return {
    signingNames: ["monitoring"],
    resources: {
      "AWS::CloudWatch::Alarm": async (logicalId, properties) => createAlarm(alarms, logicalId, properties),
      "AWS::CloudWatch::CompositeAlarm": async (_logicalId, properties) =>
        createComposite(composites, parse(compositeAlarmSchema, properties)),
      "AWS::CloudWatch::Dashboard": async (logicalId, properties) => acceptDashboard(logicalId, properties),
    },
    handle: (request) => answer(service, request),
    stop: async () => alarms.stop(),
    metrics,
    alarms,
    metricsRequested: () => requested,
  };
}

const namesSchema = z.object({ AlarmNames: list(z.string()).check(z.maxLength(100)) });

const setStateSchema = z.object({
  AlarmName: z.string(),
  StateValue: z.string(),
  StateReason: z.string(),
  StateReasonData: z.optional(z.string()),
});

const muteNameSchema = z.object({ AlarmMuteRuleName: z.string() });

function operationsOf(
  store: MetricStore,
  alarms: Alarms,
  composites: CompositeAlarms,
  clock: SandboxClock,
): Record<string, Operation> {
  return {
    PutMetricData: (input) => putMetricData(store, clock, input),
    GetMetricStatistics: (input) => getMetricStatistics(store, input),
    ListMetrics: (input) => listMetrics(store, clock, input),
    PutMetricAlarm: (input) => void alarms.put(parse(alarmSchema, input)),
    PutCompositeAlarm: (input) => void composites.put(parse(compositeAlarmSchema, input)),
    PutAlarmMuteRule: (input) => alarms.muteRules.put(parse(muteRuleSchema, input)),
    GetAlarmMuteRule: (input) => alarms.muteRules.get(parse(muteNameSchema, input).AlarmMuteRuleName),
    DeleteAlarmMuteRule: (input) => alarms.muteRules.delete(parse(muteNameSchema, input).AlarmMuteRuleName),
    DescribeAlarms: (input) => describeAlarms(alarms, composites, input),
    DescribeAlarmContributors: (input) => describeAlarmContributors(alarms, input),
    DescribeAlarmsForMetric: (input) => describeAlarmsForMetric(alarms, input),
    DescribeAlarmHistory: (input) => describeAlarmHistory(alarms, input),
    DeleteAlarms: (input) => alarms.delete(parse(namesSchema, input).AlarmNames),
    EnableAlarmActions: (input) => alarms.setActions(parse(namesSchema, input).AlarmNames, "enabled"),
    DisableAlarmActions: (input) => alarms.setActions(parse(namesSchema, input).AlarmNames, "disabled"),
    SetAlarmState: (input) => setAlarmState(alarms, input),
  };
}

function setAlarmState(alarms: Alarms, input: unknown): void {
  const { AlarmName, StateValue, StateReason, StateReasonData } = parse(setStateSchema, input);
  const value = STATES.find((state) => state === StateValue);
  if (!value) {
    const message = `StateValue: found "${StateValue}", expected one of ${STATES.join(", ")}`;
    throw new AwsError("ValidationError", message);
  }
  alarms.setState(AlarmName, value, StateReason, StateReasonData);
}

/** A name for a resource whose template gives none. */
function nameOf(logicalId: string, name: unknown): string {
  return typeof name === "string" && name !== "" ? name : logicalId;
}

function createAlarm(alarms: Alarms, logicalId: string, properties: Properties): CreatedResource {
  const name = nameOf(logicalId, properties.AlarmName);
  const { arn } = alarms.put(parse(alarmSchema, { ...properties, AlarmName: name }));
  return { ref: name, attributes: { Arn: arn }, remove: async () => alarms.delete([name]) };
}

function createComposite(
  composites: CompositeAlarms,
  configuration: CompositeConfiguration,
): CreatedResource {
  const { arn } = composites.put(configuration);
  const name = configuration.AlarmName;
  return { ref: name, attributes: { Arn: arn }, remove: async () => composites.delete(name) };
}

function acceptDashboard(logicalId: string, properties: Properties): CreatedResource {
  const name = nameOf(logicalId, properties.DashboardName);
  checkedDashboardBody(String(properties.DashboardBody));
  return { ref: name, notSimulated: [`The dashboard ${name} is accepted and shown nowhere.`] };
}
