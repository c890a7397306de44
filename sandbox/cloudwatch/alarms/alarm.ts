import * as z from "zod/mini";
import { ACCOUNT_ID } from "../../service.ts";
import { AwsError } from "../../wire/error.ts";
import { boolean, integer, list, number } from "../../wire/scalars.ts";
import { isInsightsQuery, parseInsightsQuery } from "../metrics-insights.ts";
import {
  checkQueries,
  dimensionSchema,
  type MetricDataQuery,
  metricDataQuerySchema,
  periodSchema,
  searches,
} from "../query.ts";

export const STATES = ["OK", "ALARM", "INSUFFICIENT_DATA"] as const;
export type StateValue = (typeof STATES)[number];

const actions = z.optional(list(z.string()));
const atLeastOne = z.pipe(integer, z.number().check(z.gte(1, { error: "expected 1 or more" })));

/** PutMetricAlarm's input; the properties of AWS::CloudWatch::Alarm are the same but for the optional name. */
export const alarmSchema = z.object({
  AlarmName: z.string().check(z.minLength(1), z.maxLength(255)),
  AlarmDescription: z.optional(z.string()),
  ActionsEnabled: z._default(boolean, true),
  OKActions: actions,
  AlarmActions: actions,
  InsufficientDataActions: actions,
  MetricName: z.optional(z.string()),
  Namespace: z.optional(z.string()),
  Statistic: z.optional(z.string()),
  ExtendedStatistic: z.optional(z.string()),
  Dimensions: z.optional(list(dimensionSchema)),
  Period: z.optional(periodSchema),
  Unit: z.optional(z.string()),
  EvaluationPeriods: atLeastOne,
  DatapointsToAlarm: z.optional(atLeastOne),
  Threshold: number,
  ComparisonOperator: z.enum([
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
  ]),
  TreatMissingData: z._default(z.enum(["missing", "ignore", "breaching", "notBreaching"]), "missing"),
  Metrics: z.optional(list(metricDataQuerySchema)),
});

/** What a person configured. */
export type AlarmConfiguration = z.infer<typeof alarmSchema>;

export interface AlarmState {
  readonly value: StateValue;
  readonly reason: string;
  /** JSON; left out where there is none. */
  readonly reasonData?: string | undefined;
  /** When this was found, ms since the epoch. */
  readonly at: number;
}

/** One time series of an alarm on a query that gives several. It is in ALARM or OK, never without data. */
export interface Contributor {
  /** Of sixteen characters. */
  readonly id: string;
  /** What it is grouped by: `{ "Resource": "stream/orders" }`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly reason: string;
  /** When it went to ALARM, ms since the epoch. */
  readonly at: number;
}

export interface Alarm {
  readonly arn: string;
  readonly configuration: AlarmConfiguration;
  /** When it was last put, ms since the epoch. */
  readonly configuredAt: number;
  readonly state: AlarmState;
  /** The series of a Metrics Insights query that are in ALARM, by what they are grouped by. */
  readonly contributors: ReadonlyMap<string, Contributor>;
  /** When the state's value last changed, ms since the epoch. */
  readonly transitionedAt: number;
}

/** CloudWatch allows ten metrics in an alarm's expression. */
const MOST_METRICS = 10;

export function alarmArn(region: string, name: string): string {
  return `arn:aws:cloudwatch:${region}:${ACCOUNT_ID}:alarm:${name}`;
}

/**
 * Checks a configuration beyond its shape.
 *
 * @throws {AwsError} ValidationError, saying what AWS or the sandbox does not take
 */
export function checkAlarm(configuration: AlarmConfiguration): void {
  const { DatapointsToAlarm = 1, EvaluationPeriods, Metrics, MetricName } = configuration;
  if (DatapointsToAlarm > EvaluationPeriods) {
    throw refused(
      configuration,
      `DatapointsToAlarm ${DatapointsToAlarm} is above EvaluationPeriods ${EvaluationPeriods}`,
    );
  }
  if ((Metrics === undefined) === (MetricName === undefined)) {
    throw refused(configuration, "expected either MetricName or Metrics");
  }
  const queries = queriesOf(configuration);
  checkQueries(queries);
  if (searches(queries)) {
    throw refused(configuration, "an alarm cannot watch what SEARCH finds: that may be several time series");
  }
  const insights = queries.filter(({ Expression = "" }) => isInsightsQuery(Expression));
  if (insights.length > 0) {
    checkInsightsAlarm(configuration, queries);
    return;
  }
  const metrics = queries.filter((query) => query.MetricStat);
  if (metrics.length === 0 || metrics.length > MOST_METRICS) {
    throw refused(configuration, `it watches ${metrics.length} metrics; an alarm takes 1 to ${MOST_METRICS}`);
  }
  const returned = queries.filter((query) => query.ReturnData !== false).map((query) => query.Id);
  if (returned.length !== 1) {
    const found = returned.join(", ") || "none has";
    throw refused(configuration, `exactly one query must have ReturnData true, found ${found}`);
  }
  const periods = new Set(metrics.map((query) => query.MetricStat?.Period));
  if (periods.size > 1)
    throw refused(configuration, `its metrics have different periods: ${[...periods].join(", ")}`);
}

/** CloudWatch evaluates the last three hours of a Metrics Insights query. */
const INSIGHTS_RANGE_SECONDS = 3 * 3600;

/** Beside the query itself, CloudWatch takes metric math over it; the sandbox does not. */
function checkInsightsAlarm(configuration: AlarmConfiguration, queries: readonly MetricDataQuery[]): void {
  const [query, ...others] = queries;
  if (!query || others.length > 0) {
    throw refused(configuration, "a Metrics Insights query beside other queries is not simulated");
  }
  if (query.Period === undefined) throw refused(configuration, `its query ${query.Id} has no Period`);
  if (query.Period * configuration.EvaluationPeriods > INSIGHTS_RANGE_SECONDS) {
    throw refused(configuration, "a Metrics Insights query is evaluated over three hours at most");
  }
}

function refused(configuration: AlarmConfiguration, why: string): AwsError {
  return new AwsError("ValidationError", `The alarm ${configuration.AlarmName}: ${why}.`);
}

/** What the alarm evaluates; a single-metric alarm is one query. */
export function queriesOf(configuration: AlarmConfiguration): MetricDataQuery[] {
  if (configuration.Metrics) return configuration.Metrics;
  const { Namespace, MetricName, Dimensions, Period, Statistic, ExtendedStatistic, Unit } = configuration;
  const stat = Statistic ?? ExtendedStatistic;
  if (Namespace === undefined || MetricName === undefined || Period === undefined || stat === undefined) {
    const parts = { Namespace, Period, "Statistic or ExtendedStatistic": stat };
    const missing = Object.entries(parts).filter(([, value]) => value === undefined);
    throw refused(
      configuration,
      `an alarm on ${MetricName} needs ${missing.map(([name]) => name).join(" and ")}`,
    );
  }
  const Metric = { Namespace, MetricName, Dimensions };
  return [{ Id: "m1", MetricStat: { Metric, Period, Stat: stat, Unit }, ReturnData: true }];
}

/** Whether it watches a Metrics Insights query that groups: each of its series is evaluated by itself. */
export const isGrouped = (configuration: AlarmConfiguration): boolean =>
  queriesOf(configuration).some(
    ({ Expression = "" }) => isInsightsQuery(Expression) && parseInsightsQuery(Expression).groupBy.length > 0,
  );

/** In milliseconds. */
export function alarmPeriodMs(configuration: AlarmConfiguration): number {
  const queries = queriesOf(configuration);
  const metric = queries.find((query) => query.MetricStat);
  return (metric?.MetricStat?.Period ?? queries[0]?.Period ?? 60) * 1000;
}
