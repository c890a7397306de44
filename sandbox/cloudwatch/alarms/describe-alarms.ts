import * as z from "zod/mini";
import { page } from "../../wire/page.ts";
import { parse } from "../../wire/parse.ts";
import { integer, list, timestamp } from "../../wire/scalars.ts";
import { dimensionsOf, metricKey } from "../metrics/metric.ts";
import { dimensionSchema } from "../query.ts";
import { type Alarm, STATES } from "./alarm.ts";
import type { Alarms } from "./alarms.ts";
import type { CompositeAlarm, CompositeAlarms } from "./composite-alarms.ts";
import { HISTORY_ITEM_TYPES } from "./history.ts";

/** DescribeAlarms answers 50 alarms a page by default, and at most 100. */
const maxRecords = z._default(z.pipe(integer, z.number().check(z.gte(1), z.lte(100))), 50);

const describeSchema = z.object({
  AlarmNames: z.optional(list(z.string()).check(z.maxLength(100))),
  AlarmNamePrefix: z.optional(z.string()),
  AlarmTypes: z._default(list(z.enum(["CompositeAlarm", "MetricAlarm", "LogAlarm"])), ["MetricAlarm"]),
  StateValue: z.optional(z.enum(STATES)),
  ActionPrefix: z.optional(z.string()),
  MaxRecords: maxRecords,
  NextToken: z.optional(z.string()),
});

export function describeAlarms(alarms: Alarms, composites: Pick<CompositeAlarms, "list">, input: unknown) {
  const filter = parse(describeSchema, input);
  const names = filter.AlarmNames && new Set(filter.AlarmNames);
  const found = alarms.list().filter(({ configuration, state }) => {
    if (!filter.AlarmTypes.includes("MetricAlarm")) return false;
    if (names && names.size > 0 && !names.has(configuration.AlarmName)) return false;
    if (!configuration.AlarmName.startsWith(filter.AlarmNamePrefix ?? "")) return false;
    if (filter.StateValue !== undefined && filter.StateValue !== state.value) return false;
    const prefix = filter.ActionPrefix;
    return prefix === undefined || actionsOf(configuration).some((action) => action.startsWith(prefix));
  });
  const { items, nextToken } = page(found, filter.NextToken, filter.MaxRecords);
  // They are few: the first page has them all.
  const isFirst = filter.NextToken === undefined && filter.AlarmTypes.includes("CompositeAlarm");
  const CompositeAlarms = isFirst ? matchingComposites(composites.list(), filter) : [];
  return { MetricAlarms: items.map(describe), CompositeAlarms, NextToken: nextToken };
}

function matchingComposites(
  all: readonly CompositeAlarm[],
  { AlarmNames = [], AlarmNamePrefix = "", StateValue, ActionPrefix }: z.infer<typeof describeSchema>,
) {
  return all
    .filter(({ configuration: { AlarmName }, state }) => {
      if (AlarmNames.length > 0 && !AlarmNames.includes(AlarmName)) return false;
      if (StateValue !== undefined && StateValue !== state.value) return false;
      return AlarmName.startsWith(AlarmNamePrefix) && ActionPrefix === undefined;
    })
    .map(({ arn, configuration, state }) => ({
      ...configuration,
      AlarmArn: arn,
      StateValue: state.value,
      StateReason: state.reason,
      StateUpdatedTimestamp: new Date(state.at),
    }));
}

function actionsOf({
  AlarmActions = [],
  OKActions = [],
  InsufficientDataActions = [],
}: Alarm["configuration"]) {
  return [...AlarmActions, ...OKActions, ...InsufficientDataActions];
}

const forMetricSchema = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z._default(list(dimensionSchema), []),
});

/** Alarms on one metric; alarms on metric math are not found by it, as on AWS. */
export function describeAlarmsForMetric(alarms: Alarms, input: unknown) {
  const { Namespace, MetricName, Dimensions } = parse(forMetricSchema, input);
  const wanted = metricKey({ namespace: Namespace, name: MetricName, dimensions: dimensionsOf(Dimensions) });
  const found = alarms.list().filter(({ configuration }) => {
    const { Namespace: namespace, MetricName: name, Dimensions: dimensions = [] } = configuration;
    if (namespace === undefined || name === undefined) return false;
    return metricKey({ namespace, name, dimensions: dimensionsOf(dimensions) }) === wanted;
  });
  return { MetricAlarms: found.map(describe) };
}

const contributorsSchema = z.object({ AlarmName: z.string(), NextToken: z.optional(z.string()) });

/** The series of an alarm on several that are in ALARM. */
export function describeAlarmContributors(alarms: Alarms, input: unknown) {
  const { contributors } = alarms.get(parse(contributorsSchema, input).AlarmName);
  const AlarmContributors = [...contributors.values()].map(({ id, attributes, reason, at }) => ({
    ContributorId: id,
    ContributorAttributes: attributes,
    StateReason: reason,
    StateTransitionedTimestamp: new Date(at),
  }));
  return { AlarmContributors };
}

function describe({ arn, configuration, configuredAt, state, transitionedAt }: Alarm) {
  return {
    ...configuration,
    AlarmArn: arn,
    OKActions: configuration.OKActions ?? [],
    AlarmActions: configuration.AlarmActions ?? [],
    InsufficientDataActions: configuration.InsufficientDataActions ?? [],
    Dimensions: configuration.Dimensions ?? [],
    Metrics: configuration.Metrics?.map((query) => ({ ...query, ReturnData: query.ReturnData ?? true })),
    AlarmConfigurationUpdatedTimestamp: new Date(configuredAt),
    StateValue: state.value,
    StateReason: state.reason,
    StateReasonData: state.reasonData,
    StateUpdatedTimestamp: new Date(state.at),
    StateTransitionedTimestamp: new Date(transitionedAt),
  };
}

const historySchema = z.object({
  AlarmName: z.optional(z.string()),
  HistoryItemType: z.optional(z.enum(HISTORY_ITEM_TYPES)),
  StartDate: z.optional(timestamp),
  EndDate: z.optional(timestamp),
  ScanBy: z._default(z.enum(["TimestampDescending", "TimestampAscending"]), "TimestampDescending"),
  MaxRecords: maxRecords,
  NextToken: z.optional(z.string()),
});

export function describeAlarmHistory(alarms: Alarms, input: unknown) {
  const filter = parse(historySchema, input);
  const { StartDate = 0, EndDate = Number.POSITIVE_INFINITY } = filter;
  const found = alarms.history.items().filter(({ alarmName, type, at }) => {
    if (filter.AlarmName !== undefined && filter.AlarmName !== alarmName) return false;
    if (filter.HistoryItemType !== undefined && filter.HistoryItemType !== type) return false;
    return at >= StartDate && at <= EndDate;
  });
  const ordered = filter.ScanBy === "TimestampAscending" ? found : found.toReversed();
  const { items, nextToken } = page(ordered, filter.NextToken, filter.MaxRecords);
  const AlarmHistoryItems = items.map(({ alarmName, type, at, summary, data }) => ({
    AlarmName: alarmName,
    AlarmType: "MetricAlarm",
    Timestamp: new Date(at),
    HistoryItemType: type,
    HistorySummary: summary,
    HistoryData: data,
  }));
  return { AlarmHistoryItems, NextToken: nextToken };
}
