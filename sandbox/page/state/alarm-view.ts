import { type Alarm, queriesOf, STATES } from "../../cloudwatch/alarms/alarm.ts";
import type { HistoryItem } from "../../cloudwatch/alarms/history.ts";
import type { MetricStore } from "../../cloudwatch/metrics/store.ts";
import { evaluateQueries } from "../../cloudwatch/query.ts";
import { AwsError } from "../../wire/error.ts";
import { byMinute } from "./minutes.ts";
import type { AlarmStateName, AlarmView, Minutes } from "./state.ts";

/** On which side of the threshold a value breaches. */
const COMPARISONS: Readonly<Record<Alarm["configuration"]["ComparisonOperator"], string>> = {
  GreaterThanOrEqualToThreshold: "at or above",
  GreaterThanThreshold: "above",
  LessThanThreshold: "below",
  LessThanOrEqualToThreshold: "at or below",
};

/** An alarm with what it compares, evaluated as CloudWatch does, and the states it went through. */
export function alarmView(
  alarm: Alarm,
  store: MetricStore,
  history: readonly HistoryItem[],
  minutes: Minutes,
): AlarmView {
  const { configuration, state, transitionedAt } = alarm;
  const { AlarmName, AlarmDescription = "", Threshold, ComparisonOperator } = configuration;
  return {
    name: AlarmName,
    description: AlarmDescription,
    state: state.value,
    since: transitionedAt,
    reason: state.reason,
    threshold: Threshold,
    comparison: COMPARISONS[ComparisonOperator],
    values: valuesOf(alarm, store, minutes),
    states: statesOf(alarm, history, minutes),
    invokesFunction: (configuration.AlarmActions ?? []).some((action) =>
      action.startsWith("arn:aws:lambda:"),
    ),
  };
}

/** The stream an alarm's metrics are about; undefined where they are about none. */
export function streamOfAlarm({ configuration }: Alarm): string | undefined {
  const dimensions = queriesOf(configuration).flatMap(
    ({ MetricStat }) => MetricStat?.Metric.Dimensions ?? [],
  );
  return dimensions.find(({ Name }) => Name === "StreamName")?.Value;
}

function valuesOf({ configuration }: Alarm, store: MetricStore, minutes: Minutes): (number | null)[] {
  const queries = queriesOf(configuration);
  const returned = queries.find(({ ReturnData }) => ReturnData !== false)?.Id ?? "";
  try {
    const [series] = evaluateQueries(store, queries, minutes).seriesOf(returned);
    return byMinute(minutes, series?.points ?? new Map());
  } catch (error) {
    // An expression over metrics that are not there yet: the alarm is INSUFFICIENT_DATA, the chart empty.
    if (error instanceof AwsError) return byMinute(minutes, new Map());
    throw error;
  }
}

const CHANGE = new RegExp(`from (${STATES.join("|")}) to (${STATES.join("|")})$`);

function statesOf(
  { configuration, state }: Alarm,
  history: readonly HistoryItem[],
  { from }: Minutes,
): AlarmView["states"] {
  const changes = history.flatMap(({ alarmName, type, at, summary }) => {
    if (alarmName !== configuration.AlarmName || type !== "StateUpdate" || at < from) return [];
    const [, before, after] = CHANGE.exec(summary) ?? [];
    return isState(before) && isState(after) ? [{ at, before, after }] : [];
  });
  const first = changes[0]?.before ?? state.value;
  return [{ at: from, state: first }, ...changes.map(({ at, after }) => ({ at, state: after }))];
}

function isState(text: string | undefined): text is AlarmStateName {
  return STATES.some((state) => state === text);
}
