import { markNested, type NestedStacks } from "../cloudformation/nested-stack.ts";
import { arn, type Resource, ref } from "../cloudformation/resource.ts";
import { logicalId } from "../config/logical-id.ts";
import { whatToDo } from "../notify/what-to-do.ts";
import type { Metric } from "./metric.ts";

/** An alarm on Reflex itself. It notifies a person, and invokes no automation. */
export interface AlarmSpec {
  /** What stands after `reflex-<stage>-watch-`. */
  readonly name: string;
  /** The heading of docs/runbook.md that says what to do. */
  readonly title: string;
  /** One sentence: what happened, and what that means. */
  readonly description: string;
  /**
   * `page`: an objective is not held, or nothing runs: somebody has to look now. `ticket`: a cause, which can wait for the
   * morning. Each has a topic of its own.
   */
  readonly severity: "page" | "ticket";
  readonly of: Metric | Expression | GroupQuery;
  readonly rule: Rule;
  /** Where the config can name hundreds of what it watches. */
  readonly nestedIn?: NestedStacks;
}

/** Metric math; the ids begin with a small letter. CloudWatch takes ten metrics at most. */
export interface Expression {
  /** Named expressions that the last one builds on. */
  readonly steps?: Readonly<Record<string, string>>;
  readonly expression: string;
  /** What the result is. */
  readonly label: string;
  readonly metrics: Readonly<Record<string, Metric>>;
}

/**
 * A Metrics Insights query that groups: each group fires by itself, so one that stands hides no other. AWS bills the metrics
 * that it finds, which are none while nothing is published.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Metrics_Insights_Alarm.html
 */
export interface GroupQuery {
  readonly query: string;
  readonly label: string;
  /** The metric it is about, without what it is grouped by. */
  readonly metric: Metric;
}

/** It fires when `datapoints` of the last `among` are beyond the threshold. */
export interface Rule {
  readonly comparison: "GreaterThanThreshold" | "GreaterThanOrEqualToThreshold" | "LessThanThreshold";
  readonly threshold: number;
  /** Seconds. */
  readonly period: number;
  readonly datapoints: number;
  readonly among: number;
  /**
   * What a period without a datapoint counts as, in CloudWatch's own words: `notBreaching`, `ignore` (the state stays), or
   * `missing`, at which the alarm goes to INSUFFICIENT_DATA. That is what an alarm on a heartbeat notifies at: a new
   * alarm begins in that state, so it notifies nobody until data have come once and then stopped. With `breaching` it
   * would fire after each first deploy, and `npm run release` would roll that deploy back.
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
   */
  readonly treatMissing: "notBreaching" | "ignore" | "missing";
}

export const alarmName = (stage: string, name: string): string => `reflex-${stage}-watch-${name}`;

export const alarmArn = (stage: string, name: string): Resource =>
  arn("cloudwatch", `alarm:${alarmName(stage, name)}`);

/** What an alarm's description begins with: it stands in every message, and an EventBridge rule finds it there. */
export const severityTag = (severity: AlarmSpec["severity"]): string => `[${severity}] `;

/** The topics' logical ids. */
export const TOPIC_OF = { page: "WatchTopic", ticket: "TicketTopic" } as const;

/**
 * Under its logical id. A rule says that it is over (topic.ts): an action of its own would also say so when it is new.
 *
 * @param runbook where docs/ can be read, where the config says so
 */
export function alarmResource(alarm: AlarmSpec, stage: string, runbook?: string): [string, Resource] {
  const { name, title, description, of, rule } = alarm;
  const notified = [ref(TOPIC_OF[alarm.severity])];
  const resource: Resource = {
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      AlarmName: alarmName(stage, name),
      AlarmDescription: `${severityTag(alarm.severity)}${description}${whatToDo(title, runbook)}`,
      ComparisonOperator: rule.comparison,
      Threshold: rule.threshold,
      EvaluationPeriods: rule.among,
      DatapointsToAlarm: rule.datapoints,
      TreatMissingData: rule.treatMissing,
      ...watchedBy(of, rule.period),
      AlarmActions: notified,
      ...(rule.treatMissing === "missing" && { InsufficientDataActions: notified }),
    },
  };
  const id = `WatchAlarm${logicalId(name)}`;
  return [id, alarm.nestedIn ? markNested(alarm.nestedIn, resource) : resource];
}

/** The metrics an alarm watches: AWS bills each. */
export function metricsOf({ of }: AlarmSpec): readonly Metric[] {
  if ("query" in of) return [of.metric];
  return "expression" in of ? Object.values(of.metrics) : [of];
}

function watchedBy(of: AlarmSpec["of"], period: number): Resource {
  if ("query" in of) return queryOf(of, period);
  return "expression" in of ? mathOf(of, period) : statOf(of, period);
}

const queryOf = ({ query, label }: GroupQuery, Period: number): Resource => ({
  Metrics: [{ Id: "watched", Label: label, Expression: query, Period, ReturnData: true }],
});

function statOf({ namespace, name, dimensions, stat }: Metric, Period: number): Resource {
  return {
    Namespace: namespace,
    MetricName: name,
    Dimensions: dimensionList(dimensions),
    Statistic: stat,
    Period,
  };
}

function mathOf({ expression, label, metrics, steps = {} }: Expression, Period: number): Resource {
  return {
    Metrics: [
      { Id: "watched", Label: label, Expression: expression, ReturnData: true },
      ...Object.entries(steps).map(([Id, Expression]) => ({ Id, Expression, ReturnData: false })),
      ...Object.entries(metrics).map(([Id, { namespace, name, dimensions, stat }]) => ({
        Id,
        ReturnData: false,
        MetricStat: {
          Metric: { Namespace: namespace, MetricName: name, Dimensions: dimensionList(dimensions) },
          Period,
          Stat: stat,
        },
      })),
    ],
  };
}

const dimensionList = (dimensions: Metric["dimensions"]) =>
  Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
