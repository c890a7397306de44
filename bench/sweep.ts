/**
 * What a sweep of reshard-streams over 500 streams asks of AWS: calls and rounds, beside a scaler that asks for
 * each metric of each stream every minute. Both run against the same sandbox, and the endpoint counts.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CloudWatchClient,
  GetMetricStatisticsCommand,
  PutMetricAlarmCommand,
} from "@aws-sdk/client-cloudwatch";
import { CreateStreamCommand, DescribeStreamCommand, KinesisClient } from "@aws-sdk/client-kinesis";
import { streamPolicy } from "../functions/reshard-streams/config/policy.ts";
import { queriesFor } from "../functions/reshard-streams/observe/metric-queries.ts";
import { MAX_DUE_PER_SWEEP } from "../functions/reshard-streams/triggers/watchlist.ts";
import { type Account, startAccount } from "../sandbox/account.ts";
import { clientFor } from "../sandbox/demos/client.ts";
import { type Call, rounds } from "../sandbox/endpoint/calls.ts";
import { packageService } from "../sandbox/template/package-service.ts";
import { inParallel } from "../shared/aws/in-parallel.ts";
import { printTable } from "./table.ts";

const STREAMS = 500;
const IN_ALARM = 20;
const MINUTE = 60_000;

const FUNCTION = "reflex-dev-reshard-streams";

/** Real ms each call takes at least: far longer than the sandbox needs, so that calls sent together overlap. */
const LATENCY_MS = 250;

/** The peer's, and reshard-streams' own: so the rounds differ only by what is asked. */
const PEER_CONCURRENCY = 10;

/** The longest there is: once all streams have been looked at, nothing is due for an hour. */
const POLICY = { max: 4, scanIntervalMinutes: 60 };

const METRICS_OF_A_LOOK = queriesFor("bench", streamPolicy.parse(POLICY), "bench").length;

/** What the peer asks for, each by a call of its own. */
const METRICS = [
  { MetricName: "IncomingBytes", Statistics: ["Sum" as const] },
  { MetricName: "IncomingRecords", Statistics: ["Sum" as const] },
  { MetricName: "WriteProvisionedThroughputExceeded", Statistics: ["Sum" as const] },
  { MetricName: "GetRecords.IteratorAgeMilliseconds", Statistics: ["Maximum" as const] },
];

/**
 * USD for each request, and for each metric that one GetMetricData asks for. us-east-1.
 * https://aws.amazon.com/cloudwatch/pricing/
 */
const CLOUDWATCH_REQUEST = 0.01 / 1000;
const MINUTES_A_MONTH = 730 * 60;

interface Measured {
  readonly name: string;
  readonly calls: readonly Call[];
  /** CloudWatch requests as they are billed: a GetMetricData counts as many as it has metrics. */
  readonly billed: number;
}

export async function sweep(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "reflex-bench-"));
  const config = join(dir, "config.yml");
  writeFileSync(config, JSON.stringify({ mode: "act", streams: { "bench-*": POLICY } }));
  const built = await packageService();
  try {
    const account = await startAccount({
      packageDir: built.dir,
      speed: 0,
      latencyMs: LATENCY_MS,
      environment: { [FUNCTION]: { REFLEX_CONFIG: config } },
      log: (line) => console.error(line),
    });
    try {
      report(await measure(account));
    } finally {
      await account.stop();
    }
  } finally {
    built.remove();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measure(account: Account): Promise<Measured[]> {
  const kinesis = new KinesisClient(clientFor(account));
  const cloudwatch = new CloudWatchClient(clientFor(account));
  const names = Array.from({ length: STREAMS }, (_, index) => `bench-${index}`);
  await inParallel(names, 50, (StreamName) =>
    kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 })),
  );

  const first = await oneSweep(account, "the first of a new process: 100 streams are looked at");
  const due = await oneSweep(account, "100 streams due, as in each with scanIntervalMinutes: 5");
  // Until all were looked at.
  await account.clock.advance((STREAMS / MAX_DUE_PER_SWEEP - 2) * MINUTE);
  const quiet = await oneSweep(account, "nothing due");
  await inParallel(names.slice(0, IN_ALARM), 10, (name) => putStandingAlarm(cloudwatch, name));
  // Until they are in ALARM.
  await account.clock.advance(MINUTE);
  const alarmed = await oneSweep(account, `${IN_ALARM} streams in ALARM`);
  const peer = await naiveScaler(account, names, kinesis, cloudwatch);
  kinesis.destroy();
  cloudwatch.destroy();
  return [first, due, quiet, alarmed, peer];
}

async function oneSweep(account: Account, name: string): Promise<Measured> {
  account.calls.clear();
  await account.clock.advance(MINUTE);
  const failed = account.lambda.invocations(FUNCTION).find(({ result }) => !result.ok);
  if (failed) throw new Error(`a sweep failed:\n${failed.log.join("\n")}`);
  const calls = account.calls.where({ functionName: FUNCTION });
  const looks = countOf(calls, "DescribeStreamSummary");
  return { name, calls, billed: countOf(calls, "DescribeAlarms") + looks * METRICS_OF_A_LOOK };
}

/** One that is in ALARM because its metric has no datapoint. */
async function putStandingAlarm(cloudwatch: CloudWatchClient, stream: string): Promise<void> {
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: `reflex-dev-stream-${stream}`,
      Namespace: "AWS/Kinesis",
      MetricName: "IncomingRecords",
      Dimensions: [{ Name: "StreamName", Value: stream }],
      Statistic: "Sum",
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: "LessThanThreshold",
      TreatMissingData: "breaching",
    }),
  );
}

/** What it asks of a stream it asks all at once, and of as many streams at once as reshard-streams. */
async function naiveScaler(
  account: Account,
  names: readonly string[],
  kinesis: KinesisClient,
  cloudwatch: CloudWatchClient,
): Promise<Measured> {
  account.calls.clear();
  const EndTime = new Date(account.clock.now());
  const StartTime = new Date(account.clock.now() - 5 * MINUTE);
  await inParallel(names, PEER_CONCURRENCY, async (StreamName) => {
    const Dimensions = [{ Name: "StreamName", Value: StreamName }];
    await Promise.all([
      kinesis.send(new DescribeStreamCommand({ StreamName })),
      ...METRICS.map((metric) =>
        cloudwatch.send(
          new GetMetricStatisticsCommand({
            Namespace: "AWS/Kinesis",
            Dimensions,
            StartTime,
            EndTime,
            Period: 60,
            ...metric,
          }),
        ),
      ),
    ]);
  });
  const calls = account.calls.all().filter(({ functionName }) => functionName === undefined);
  return { name: "peer: every metric of every stream", calls, billed: countOf(calls, "GetMetricStatistics") };
}

function report(measured: readonly Measured[]): void {
  const peer = measured.at(-1);
  if (!peer) return;
  printTable(
    `One sweep over ${STREAMS} streams, in the sandbox at ${LATENCY_MS} ms a call`,
    ["", "calls", "calls / peer", "rounds", "rounds / peer", "CloudWatch $ a month, if each were so"],
    measured.map(({ name, calls, billed }) => [
      name,
      String(calls.length),
      ratio(calls.length, peer.calls.length),
      String(rounds(calls)),
      ratio(rounds(calls), rounds(peer.calls)),
      (billed * CLOUDWATCH_REQUEST * MINUTES_A_MONTH).toFixed(2),
    ]),
  );
  const operations = [...new Set(measured.flatMap(({ calls }) => calls.map(({ operation }) => operation)))];
  printTable(
    "Calls by operation; and the most calls within a second of the one that AWS limits to 20 (peer: 10)",
    ["", ...operations, "in a second"],
    measured.map(({ name, calls }) => [
      name,
      ...operations.map((operation) => String(countOf(calls, operation))),
      String(mostInASecond(calls.filter(({ operation }) => operation.startsWith("DescribeStream")))),
    ]),
  );
}

function countOf(calls: readonly Call[], operation: string): number {
  return calls.filter((call) => call.operation === operation).length;
}

/** The most calls that began within one second. */
function mostInASecond(calls: readonly Call[]): number {
  return Math.max(
    0,
    ...calls.map(({ startedMs: from }) => {
      return calls.filter(({ startedMs }) => startedMs >= from && startedMs < from + 1000).length;
    }),
  );
}

function ratio(ours: number, theirs: number): string {
  return (ours / theirs).toFixed(3);
}
