import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient, DescribeAlarmsCommand, type MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
} from "@aws-sdk/client-kinesis";
import { inject } from "vitest";
import type { DemandProfile } from "../../../functions/reshard-streams/model/demand-profile.ts";
import { type Account, type AccountOptions, startAccount } from "../../../sandbox/account.ts";
import { NO_METRIC_DELAY } from "../../../sandbox/cloudwatch/metrics/publication.ts";
import { clientFor } from "../../../sandbox/demos/client.ts";
import type { Invocation } from "../../../sandbox/lambda/function.ts";
import { TEMPLATE_FILE } from "../../../sandbox/template/template.ts";
import type { History } from "../../../shared/ledger/entry.ts";
import { createLedger } from "../../../shared/ledger/ledger.ts";
import { separate } from "../../../shared/notify/message.ts";
import { type Notification, notification } from "../../../shared/notify/notification.ts";
import { withOthersAsleep, withoutMappings } from "./asleep.ts";
import { writeConfig } from "./config-file.ts";

export const FUNCTION = "reflex-dev-reshard-streams";
export const MINUTE = 60_000;
/** Within a minute, so that what is put is in a minute that has begun. */
const START = Date.parse("2026-11-21T12:00:30Z");
const DAY_MS = 24 * 3_600_000;

const ROOT = join(import.meta.dirname, "..", "..", "..");

/** For tests whose subject is not how late AWS's metrics come: they put records, and then invoke the function. */
export const metricsAtOnce = { metricDelay: NO_METRIC_DELAY };

/**
 * The service as it would be deployed, in an account of its own whose clock only `minutes` moves. Nothing wakes
 * the other automations in it.
 */
export interface TestRig {
  readonly account: Account;
  /** What was deployed, JSON. */
  readonly template: string;
  readonly kinesis: KinesisClient;
  /** Moves the clock; everything that falls due is done when it resolves. */
  minutes(count: number): Promise<void>;
  createStream(name: string): Promise<void>;
  put(stream: string, records: number): Promise<void>;
  stream(name: string): Promise<{ open: number; status: string }>;
  /** All shards it ever had: each reshard adds its new ones, so this says how many took effect. */
  shardsEver(stream: string): Promise<number>;
  history(stream: string): Promise<History>;
  /** Puts what a stream's last days were like into the ledger, as the function keeps it. */
  keepProfile(stream: string, profile: DemandProfile): Promise<void>;
  /** What was published about a stream, in order. */
  notifications(stream: string): Notification[];
  alarms(): Promise<MetricAlarm[]>;
  /** Gives the function an event as AWS does, and waits until it is dealt with. */
  wake(event: unknown): Promise<void>;
  /** The runs of the function that have ended, oldest first. */
  runs(): readonly Invocation[];
  stop(): Promise<void>;
}

export interface TestRigOptions extends Pick<AccountOptions, "latencyMs" | "updatingMs" | "metricDelay"> {
  /** A config in place of config/dev.yml. */
  readonly config?: string;
}

export async function startTestRig({ config, ...options }: TestRigOptions = {}): Promise<TestRig> {
  const dir = mkdtempSync(join(tmpdir(), "reflex-e2e-"));
  const file = join(dir, "config.yml");
  if (config !== undefined) writeConfig(file, config);
  cpSync(inject("packageDir"), dir, { recursive: true });
  const packaged = readFileSync(join(dir, TEMPLATE_FILE), "utf8");
  const template = withoutMappings(withOthersAsleep(packaged, "ReshardDashstreams"));
  writeFileSync(join(dir, TEMPLATE_FILE), template);
  const account = await startAccount({
    ...options,
    packageDir: dir,
    speed: 0,
    start: START,
    ...(config !== undefined && { environment: { [FUNCTION]: { REFLEX_CONFIG: file } } }),
    log: (line) => console.error(line),
  });
  const kinesis = new KinesisClient(clientFor(account));
  const cloudwatch = new CloudWatchClient(clientFor(account));
  const dynamodb = new DynamoDBClient(clientFor(account));
  const ledger = createLedger(dynamodb, { table: "reflex-dev-ledger", leaseMs: 0, keepMs: 0 });
  const profiles = createLedger(dynamodb, { table: "reflex-dev-ledger", leaseMs: 0, keepMs: 8 * DAY_MS });
  return {
    account,
    template,
    kinesis,
    minutes: (count) => account.clock.advance(count * MINUTE),
    async createStream(StreamName) {
      await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
    },
    async put(StreamName, records) {
      const Records = Array.from({ length: records }, (_, key) => ({
        PartitionKey: String(key),
        Data: Buffer.from("an order"),
      }));
      await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
    },
    async stream(StreamName) {
      const { StreamDescriptionSummary: summary } = await kinesis.send(
        new DescribeStreamSummaryCommand({ StreamName }),
      );
      return { open: summary?.OpenShardCount ?? 0, status: summary?.StreamStatus ?? "" };
    },
    async shardsEver(StreamName) {
      const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName }));
      return Shards.length;
    },
    history: (stream) => ledger.history(`stream/${stream}`, 0),
    keepProfile: (stream, profile) =>
      profiles.keepProfile(`stream/${stream}`, JSON.stringify(profile), account.clock.now()),
    notifications: (stream) =>
      account.sns
        .published()
        .flatMap(({ byProtocol }) =>
          byProtocol?.default ? separate(notification.parse(JSON.parse(byProtocol.default))) : [],
        )
        .filter(({ resource }) => resource === `stream/${stream}`),
    async alarms() {
      const { MetricAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({}));
      return MetricAlarms;
    },
    async wake(event) {
      await account.lambda.send(FUNCTION, event);
      await account.clock.advance(0);
    },
    runs: () => account.lambda.invocations(FUNCTION),
    async stop() {
      for (const client of [kinesis, cloudwatch, dynamodb]) client.destroy();
      await account.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A sample event of events/, about another stream where one is named. */
export function sampleEvent(name: string, stream = "sample"): unknown {
  const text = readFileSync(join(ROOT, "events", name), "utf8");
  return JSON.parse(text.replace(/\bsample\b/g, stream));
}

/** What an alarm whose action is the function sends it when it goes to ALARM. */
export function alarmEvent(stream: string): unknown {
  return sampleEvent("reshard-streams-alarm-direct.json", stream);
}

/** What a run answered; throws where it failed. */
export function answerOf({ result }: Invocation): unknown {
  if (!result.ok) throw new Error(`the run failed: ${result.error.errorType}: ${result.error.errorMessage}`);
  return JSON.parse(result.payload);
}
