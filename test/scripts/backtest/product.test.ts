import { Logger } from "@aws-lambda-powertools/logger";
import { CloudWatchClient, DescribeAlarmsCommand, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import {
  DescribeStreamSummaryCommand,
  KinesisClient,
  LimitExceededException,
  ListShardsCommand,
  MergeShardsCommand,
  SplitShardCommand,
  UpdateShardCountCommand,
} from "@aws-sdk/client-kinesis";
import { SNSClient } from "@aws-sdk/client-sns";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { streamPolicies } from "../../../functions/reshard-streams/config/streams.ts";
import { resourcesFor } from "../../../functions/reshard-streams/deploy/resources.ts";
import type { Minute } from "../../../functions/reshard-streams/model/observation.ts";
import { reshardStreams } from "../../../functions/reshard-streams/reshard-streams.ts";
import type { Dependencies } from "../../../functions/reshard-streams/run/dependencies.ts";
import { createWatchlist } from "../../../functions/reshard-streams/triggers/watchlist.ts";
import { createWatchlistStore } from "../../../functions/reshard-streams/triggers/watchlist-store.ts";
import { getMetricData } from "../../../sandbox/cloudwatch/get-metric-data.ts";
import type { Answer, KinesisModel } from "../../../scripts/backtest/kinesis-model.ts";
import { reflexController } from "../../../scripts/backtest/reflex-controller.ts";
import { Simulation, simulate } from "../../../scripts/backtest/simulate.ts";
import { ofShards } from "../../../scripts/backtest/traffic.ts";
import { createRequestStore } from "../../../shared/approvals/store.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { createLedger } from "../../../shared/ledger/ledger.ts";
import { createOutbox } from "../../../shared/ledger/outbox.ts";
import { createNotify } from "../../../shared/notify/notify.ts";
import { tick } from "../../functions/reshard-streams/account.ts";
import { cloudWatchAt } from "../../sandbox/cloudwatch/cloudwatch-at.ts";
import { type LedgerTable, startLedgerTable } from "../../shared/ledger/table.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const START = Date.parse("2026-11-14T00:00:00Z");
const CREATED = START - DAY;
const LATE_MS = 90_000;
/** CloudWatch evaluates an alarm a few seconds into a minute. */
const EVALUATED_MS = 6_000;

let table: LedgerTable;
beforeAll(async () => {
  table = await startLedgerTable();
});
afterAll(() => table.stop());

/**
 * The product as it is deployed, on the model of Kinesis: `reshardStreams` is invoked every minute, its ledger is in DynamoDB,
 * CloudWatch and the stream's own alarm are the sandbox's.
 */
async function product(config: object) {
  const policies = streamPolicies.parse({ orders: config });
  const { clock, cloudwatch } = cloudWatchAt(START - MINUTE);
  const [alarm] = Object.values(resourcesFor(policies, "test"));
  const configuration: Parameters<typeof cloudwatch.alarms.put>[0] = JSON.parse(
    JSON.stringify(alarm?.Properties),
  );
  cloudwatch.alarms.put({ ...configuration, AlarmActions: [], ActionsEnabled: false });
  const [kinesisClient, cloudwatchClient] = [new KinesisClient({}), new CloudWatchClient({})];
  const [kinesis, metrics] = [mockClient(kinesisClient), mockClient(cloudwatchClient)];
  const sns = new SNSClient({});
  mockClient(sns).onAnyCommand().resolves({ MessageId: "1" });
  const state: { model: KinesisModel | undefined; now: number } = { model: undefined, now: START };
  const model = () => {
    if (!state.model) throw new Error("no minute has begun");
    return state.model;
  };
  const answered = (answer: Answer) => {
    if (answer === "accepted") return {};
    throw new LimitExceededException({ message: `10 times in 24 hours: ${answer}`, $metadata: {} });
  };
  kinesis.on(DescribeStreamSummaryCommand).callsFake(() => ({
    StreamDescriptionSummary: {
      StreamName: "orders",
      StreamARN: "arn:aws:kinesis:us-east-1:000000000000:stream/orders",
      StreamStatus: model().isUpdating(state.now) ? "UPDATING" : "ACTIVE",
      StreamModeDetails: { StreamMode: "PROVISIONED" },
      StreamCreationTimestamp: new Date(CREATED),
      OpenShardCount: model().shardsAt(state.now).length,
    },
  }));
  kinesis.on(ListShardsCommand).callsFake(() => ({
    Shards: model()
      .shardsAt(state.now)
      .map(({ id, parentId, from, to }) => ({
        ShardId: id,
        ...(parentId !== undefined && { ParentShardId: parentId }),
        HashKeyRange: { StartingHashKey: String(from), EndingHashKey: String(to) },
        SequenceNumberRange: { StartingSequenceNumber: "0" },
      })),
  }));
  kinesis
    .on(UpdateShardCountCommand)
    .callsFake(({ TargetShardCount }) => answered(model().updateShardCount(TargetShardCount, state.now)));
  kinesis
    .on(SplitShardCommand)
    .callsFake(({ ShardToSplit, NewStartingHashKey }) =>
      answered(model().splitShard(ShardToSplit, BigInt(NewStartingHashKey), state.now)),
    );
  kinesis
    .on(MergeShardsCommand)
    .callsFake(({ ShardToMerge, AdjacentShardToMerge }) =>
      answered(model().mergeShards(ShardToMerge, AdjacentShardToMerge, state.now)),
    );
  metrics.on(DescribeAlarmsCommand).callsFake(() => ({
    MetricAlarms:
      cloudwatch.alarms.get("reflex-test-stream-orders").state.value === "ALARM"
        ? [{ AlarmName: "reflex-test-stream-orders", Dimensions: [{ Name: "StreamName", Value: "orders" }] }]
        : [],
  }));
  metrics.on(GetMetricDataCommand).callsFake(({ StartTime, EndTime, ...query }) => {
    return getMetricData(cloudwatch.metrics, {
      ...query,
      ...{ StartTime: StartTime.getTime() / 1000, EndTime: EndTime.getTime() / 1000 },
    });
  });

  const name = await table.another();
  const deps: Dependencies = {
    ...{ kinesis: kinesisClient, cloudwatch: cloudwatchClient, mode: "act" },
    outbox: createOutbox(table.client, { table: name, keepMs: 90 * DAY }),
    ledger: createLedger(table.client, { table: name, leaseMs: 90_000, keepMs: 90 * DAY }),
    notify: createNotify(sns, "reflex-test-notify"),
    watchlist: createWatchlist(policies),
    watchlistStore: createWatchlistStore(table.client, { table: name, keepMs: 90 * DAY }),
    requests: createRequestStore(table.client, name),
    // Its runs have no time to wait: one decision a minute, as in the backtest.
    pause: async () => false,
    deployStage: "test",
    alarmNamePrefix: "reflex-test-stream-",
  };
  const put = (
    namespace: string,
    metric: string,
    dimensions: Record<string, string>,
    value: number,
    at: number,
  ) => cloudwatch.metrics.put(namespace, metric, dimensions, { value }, "Count", at);
  const run: Run = {
    ...{ automation: "reshard-streams", id: "run", traceId: undefined, functionArn: undefined },
    clock: { now: () => state.now },
    signal: new AbortController().signal,
    remainingMs: () => 60_000,
    log: new Logger({ logLevel: "SILENT" }),
    metrics: {
      count: () => {},
      record: (metric, _unit, value, dimensions = {}) =>
        put("Reflex", metric, { service: "reshard-streams", ...dimensions }, value, state.now),
      note: () => {},
      flush: () => {},
    },
    annotate: () => {},
    stage: (_name, body) => body({ annotate: () => {}, metadata: () => {} }),
    progress: () => {},
  };

  return {
    /** The minute's run, after the alarm was evaluated. */
    async minute(now: number, theModel: KinesisModel) {
      Object.assign(state, { now, model: theModel });
      await clock.advance(now + EVALUATED_MS - clock.now());
      const { streams } = await reshardStreams(tick(), run, deps);
      return streams[0];
    },
    /** Kinesis publishes a minute once it is over, and late. */
    publish({ at, bytes, records, throttled }: Minute) {
      if (bytes + records + throttled === 0) return;
      clock.at(at + MINUTE + LATE_MS, () => {
        const stream = { StreamName: "orders" };
        put("AWS/Kinesis", "IncomingBytes", stream, bytes, at);
        put("AWS/Kinesis", "IncomingRecords", stream, records, at);
        put("AWS/Kinesis", "WriteProvisionedThroughputExceeded", stream, throttled, at);
      });
    },
  };
}

interface Scene {
  readonly policy: object;
  readonly initialShards: number;
  /** Of each minute, in shards' worth. */
  readonly demand: readonly number[];
}

const minutesOf = (count: number, demandAt: (minute: number) => number) =>
  Array.from({ length: count }, (_, minute) => demandAt(minute));

/** Steps, slopes, bursts and silence, so that calls, splits, merges, refusals and cool-downs all come. */
const SCENES: Readonly<Record<string, Scene>> = {
  "a square wave that spends the quota": {
    policy: {
      max: 60,
      lookBackMinutes: 5,
      scaleInCooldownMinutes: 1,
      refusalPrice: 0,
      reserveForScaleOut: 0,
    },
    initialShards: 4,
    demand: minutesOf(50, (minute) => (Math.floor(minute / 8) % 2 === 0 ? 3 : 4 + minute / 6)),
  },
  "slopes, a silence and a burst at max": {
    policy: { max: 12, lookBackMinutes: 10, scaleInCooldownMinutes: 5 },
    initialShards: 10,
    demand: minutesOf(95, (minute) => {
      if (minute < 40) return 3 + minute / 8;
      if (minute < 60) return 0;
      return minute >= 80 && minute < 86 ? 20 : 4;
    }),
  },
};

function options({ demand, initialShards }: Scene) {
  return {
    ...{ offered: demand.map(ofShards), start: START, initialShards },
    ...{ metricsLateMs: LATE_MS, retries: true },
  };
}

describe("the loop of the backtest is the product's", () => {
  it.each(Object.entries(SCENES))("%s: the same changes at the same moments", async (_, scene) => {
    const backtested = simulate(
      reflexController(streamPolicies.parse({ orders: scene.policy }).orders ?? never(), CREATED),
      options(scene),
    );

    const simulation = new Simulation(options(scene));
    const deployed = await product(scene.policy);
    const observed: string[] = [];
    for (let moment = simulation.next(); moment; moment = simulation.next()) {
      const result = await deployed.minute(moment.now, moment.model);
      if (result) observed.push(line(moment.now, result.verdict, result.action));
      deployed.publish(simulation.end(undefined));
    }

    expect(observed).toEqual(
      backtested.decisions.map((one) =>
        line(one.at, one.verdict, one.kind === "hold" ? "none" : `${one.kind} ${one.from} -> ${one.to}`),
      ),
    );
    expect(simulation.result().open).toEqual(backtested.open);
    expect(new Set(backtested.changes.map(({ kind }) => kind)).size).toBeGreaterThan(1);
  });
});

function line(at: number, verdict: string, action: string): string {
  return `${(at - START) / MINUTE}: ${verdict}: ${action}`;
}

function never(): never {
  throw new Error("the scene has a policy");
}
