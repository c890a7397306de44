import { CloudWatchClient, DescribeAlarmsCommand, ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import type { Account } from "../account.ts";
import { clientFor } from "./client.ts";
import { type Demo, until } from "./demo.ts";
import { hasOpenShards } from "./open-shards.ts";

const STREAM = "sample";
const RECORDS_A_MINUTE = 15;

/** Traffic comes and goes; the stream follows it: 1 -> 2 -> 1 open shards. */
export const streams: Demo = {
  name: "reshard-streams",
  async play(account, say) {
    const kinesis = new KinesisClient(clientFor(account));
    const cloudwatch = new CloudWatchClient(clientFor(account));
    try {
      await until(account, `the first sweep publishes the open shards of ${STREAM}`, 5, () =>
        isWatched(cloudwatch),
      );
      say(
        `stream ${STREAM}: it has 1 open shard; a producer starts to send ${RECORDS_A_MINUTE} records a minute`,
      );
      const producer = startProducer(account, kinesis);
      try {
        await until(account, `the scale-out alarm of ${STREAM} goes to ALARM`, 10, () => inAlarm(cloudwatch));
        say(`stream ${STREAM}: its scale-out alarm is in ALARM`);
        await until(account, `${STREAM} has 2 open shards and is ACTIVE`, 10, () =>
          hasOpenShards(kinesis, STREAM, 2),
        );
        say(`stream ${STREAM}: it has 2 open shards; the producer stops`);
      } finally {
        await producer.stop();
      }
      await until(account, `${STREAM} is back at 1 open shard and ACTIVE`, 40, () =>
        hasOpenShards(kinesis, STREAM, 1),
      );
      say(`stream ${STREAM}: it is back at 1 open shard`);
      return [`stream ${STREAM}: 1 -> 2 -> 1 open shards, ${producer.sent()} records sent`];
    } finally {
      kinesis.destroy();
      cloudwatch.destroy();
    }
  },
};

/** The alarm divides by this metric, so it can go to ALARM once it is there. */
async function isWatched(cloudwatch: CloudWatchClient): Promise<true | undefined> {
  const { Metrics = [] } = await cloudwatch.send(
    new ListMetricsCommand({
      Namespace: "Reflex",
      MetricName: "OpenShardCount",
      Dimensions: [{ Name: "StreamName", Value: STREAM }],
    }),
  );
  return Metrics.length > 0 ? true : undefined;
}

async function inAlarm(cloudwatch: CloudWatchClient): Promise<true | undefined> {
  const { MetricAlarms = [] } = await cloudwatch.send(
    new DescribeAlarmsCommand({ AlarmNamePrefix: `reflex-dev-stream-${STREAM}`, StateValue: "ALARM" }),
  );
  return MetricAlarms.length > 0 ? true : undefined;
}

/** Sends evenly by the sandbox's clock, one record after the other. */
function startProducer(account: Account, kinesis: KinesisClient) {
  let sent = 0;
  let sending: Promise<unknown> = Promise.resolve();
  const end = account.clock.every(60_000 / RECORDS_A_MINUTE, () => {
    sending = sending.then(async () => {
      await kinesis.send(
        new PutRecordCommand({
          StreamName: STREAM,
          PartitionKey: String(sent),
          Data: Buffer.from(JSON.stringify({ order: sent })),
        }),
      );
      sent += 1;
    });
  });
  return {
    sent: () => sent,
    stop: async () => {
      end();
      await sending;
    },
  };
}
