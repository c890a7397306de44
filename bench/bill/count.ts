import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import * as z from "zod/mini";
import type { Account } from "../../sandbox/account.ts";
import { clientFor } from "../../sandbox/demos/client.ts";
import { rounds } from "../../sandbox/endpoint/calls.ts";
import type { Invocation } from "../../sandbox/lambda/function.ts";
import type { Template } from "../../shared/cloudformation/resource.ts";
import type { Units } from "../../shared/cost/cost-line.ts";
import { GB } from "../../shared/cost/prices.ts";

const MINUTE = 60_000;

/**
 * What a run takes: its own computing at the memory it has, and each round of calls, one after the other. Both are
 * assumptions about Lambda, of which the sandbox has neither the processor nor the network; the rounds are counted.
 */
const OWN_MS = 80;
const ROUND_MS = 20;

/**
 * Lets so many minutes go by, with one event to land, and counts what is billed in them at rest: what landing the event itself
 * takes is billed by events, but for its metrics.
 */
export async function unitsUsedIn(account: Account, minutes: number): Promise<Units> {
  const { calls, clock, cloudwatch, dynamodb, lambda } = account;
  const [from, before, requested] = [clock.now(), dynamodb.requestUnits(), cloudwatch.metricsRequested()];
  const kinesis = new KinesisClient(clientFor(account));
  // Another each time: one that is there already is counted by another metric.
  const event = Buffer.from(JSON.stringify({ id: String(from) }));
  await kinesis.send(new PutRecordCommand({ StreamName: "events", PartitionKey: "1", Data: event }));
  kinesis.destroy();
  await clock.advance(minutes * MINUTE);
  const after = dynamodb.requestUnits();
  const all = lambda.invocations().filter(({ at }) => at > from);
  const runs = all.filter(({ functionName }) => functionName !== "reflex-dev-ingest-events");
  const bytes = runs.flatMap(({ log }) => log).reduce((sum, line) => sum + Buffer.byteLength(line), 0);
  return {
    lambdaRequest: runs.length,
    lambdaArmGbSecond: gbSecondsOf(runs, account),
    xrayTrace: tracesOf(runs),
    cloudwatchApiRequest: calls.where({ operation: "DescribeAlarms" }).filter(({ at }) => at > from).length,
    cloudwatchMetricRequested: cloudwatch.metricsRequested() - requested,
    cloudwatchLogGb: bytes / GB,
    cloudwatchCustomMetric: cloudwatch.metrics
      .list()
      .filter((metric) => metric.namespace === "Reflex" && !cloudwatch.metrics.isSilentSince(metric, from))
      .length,
    dynamodbRead: after.read - before.read,
    dynamodbWrite: after.write - before.write,
  };
}

/** A run that another one invoked is in its trace. */
const tracesOf = (runs: readonly Invocation[]): number =>
  new Set(
    runs.flatMap(({ traceHeader }) =>
      /Sampled=1/.test(traceHeader) ? traceHeader.match(/Root=[^;]+/g) : [],
    ),
  ).size;

function gbSecondsOf(runs: readonly Invocation[], { calls, lambda }: Account): number {
  const memory = new Map(lambda.configurations().map(({ name, memoryMb }) => [name, memoryMb / 1024]));
  const byRun = Map.groupBy(calls.all(), ({ requestId }) => requestId);
  return runs.reduce((sum, { functionName, requestId }) => {
    const ms = OWN_MS + ROUND_MS * rounds(byRun.get(requestId) ?? []);
    return sum + (ms / 1000) * (memory.get(functionName) ?? 0);
  }, 0);
}

const alarm = z.object({
  Metrics: z.optional(
    z.array(z.object({ MetricStat: z.optional(z.unknown()), Expression: z.optional(z.string()) })),
  ),
});

/** What a stack's alarms are billed for. A query is billed by what it finds, and finds nothing at rest. */
export function alarmUnitsOf({ Resources }: Template): Units {
  const ofType = (type: string) => Object.values(Resources).filter(({ Type }) => Type === type);
  const metrics = ofType("AWS::CloudWatch::Alarm").map(({ Properties }) => {
    const { Metrics } = z.parse(alarm, Properties);
    return Metrics === undefined ? 1 : Metrics.filter(({ MetricStat }) => MetricStat !== undefined).length;
  });
  return {
    cloudwatchAlarmMetric: metrics.reduce((sum, count) => sum + count, 0),
    cloudwatchCompositeAlarm: ofType("AWS::CloudWatch::CompositeAlarm").length,
  };
}
