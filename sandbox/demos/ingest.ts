import { gzipSync } from "node:zlib";
import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { KinesisClient, PutRecordsCommand, UpdateShardCountCommand } from "@aws-sdk/client-kinesis";
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Account } from "../account.ts";
import { aggregate } from "../kinesis/kpl-aggregate.ts";
import { clientFor } from "./client.ts";
import { type Demo, DemoFailed, until } from "./demo.ts";
import { hasOpenShards } from "./open-shards.ts";
import { type RealEvent, realEvents } from "./real-events.ts";

const STREAM = "events";
const TABLE = "reflex-dev-events";
const QUARANTINE = "reflex-dev-quarantine";

/** Of the real events every fifth: `kinesis-local` and the table get slower the fuller they are. */
const EVERY = 5;
const EVENTS_A_SEND = 40;
/** Of each send, so many come again: a producer that saw no answer. */
const RETRIED = 4;

/** Real events land in a table while their stream is resharded; and every one of them is accounted for. */
export const ingest: Demo = {
  name: "ingest-events",
  async play(account, say) {
    const options = clientFor(account);
    const kinesis = new KinesisClient(options);
    const dynamo = new DynamoDBClient(options);
    const sqs = new SQSClient(options);
    const cloudwatch = new CloudWatchClient(options);
    const startedAt = account.clock.now();
    try {
      const events = realEvents(startedAt).filter((_event, index) => index % EVERY === 0);
      say(
        `stream ${STREAM}: a producer sends ${events.length} real events (GitHub webhooks, USGS earthquakes) to its 1 open shard`,
      );
      const { sent, poison } = await sendWhileResharding(kinesis, events, say);
      const counts = await until(
        account,
        `all ${sent} events that were sent are accounted for`,
        15,
        async () => {
          const found = await counted(cloudwatch, startedAt, account);
          return found.received >= sent ? found : undefined;
        },
      );
      await until(account, `${STREAM} is ACTIVE with 2 open shards`, 10, () =>
        hasOpenShards(kinesis, STREAM, 2),
      );
      const rows = await rowsOf(dynamo);
      const found = { ...counts, rows, waiting: await messagesIn(sqs) };
      const sum = sumOf({ sent, poison, events: events.length }, found);
      say(`stream ${STREAM}: every event is accounted for: ${sum}`);
      return [`stream ${STREAM}: ${sum}; table ${TABLE} holds ${rows} items`];
    } finally {
      for (const client of [kinesis, dynamo, sqs, cloudwatch]) client.destroy();
    }
  },
};

/** Half of the events before the stream has a second shard, half of them while it gets it. */
async function sendWhileResharding(
  kinesis: KinesisClient,
  events: readonly RealEvent[],
  say: (line: string) => void,
): Promise<Omit<Sent, "events">> {
  const producer = createProducer(kinesis);
  const middle = Math.floor(events.length / 2);
  await producer.send(events.slice(0, middle));
  const target = { TargetShardCount: 2, ScalingType: "UNIFORM_SCALING" } as const;
  await kinesis.send(new UpdateShardCountCommand({ StreamName: STREAM, ...target }));
  say(`stream ${STREAM}: it is resharded from 1 to 2 open shards while the producer sends`);
  await producer.send(events.slice(middle));
  await producer.sendPoison(events);
  return producer.sent();
}

/** What the producer sent. */
interface Sent {
  /** With what was sent twice and what is no event. */
  readonly sent: number;
  readonly poison: number;
  /** Each counted once. */
  readonly events: number;
}

/** The function's counts, the items in the table and the messages in quarantine. */
interface Found extends Awaited<ReturnType<typeof counted>> {
  readonly rows: number;
  readonly waiting: number;
}

/** @throws {DemoFailed} where an event is missing, or there twice */
function sumOf({ sent, poison, events }: Sent, found: Found): string {
  const { received, stored, duplicates, quarantined, rows, waiting } = found;
  // What Lambda brought again, for example after a time-out, was counted again.
  const again = received - sent;
  const sum = `${sent} sent = ${stored} stored + ${duplicates} recognised as duplicates + ${quarantined} quarantined`;
  if (sent !== stored + duplicates + quarantined - again || rows !== events || waiting < poison) {
    throw new DemoFailed(
      `the counts do not agree: ${sum} (${again} brought again by Lambda); ${rows} items in the table for ${events} events, ${waiting} messages in quarantine for ${poison} that are no event`,
    );
  }
  return again > 0 ? `${sum} - ${again} that Lambda brought again` : sum;
}

/** Half of it in aggregates, as most is sent: `kinesis-local` gets slower with every record. */
const WAYS = ["aggregate", "records", "aggregate", "zipped"] as const;
type Way = (typeof WAYS)[number];

/** Sends as producers do: KPL aggregates, single records, zipped ones in turn, and some of it twice. */
function createProducer(kinesis: KinesisClient) {
  let sent = 0;
  let poison = 0;
  let turn = 0;

  async function put(records: readonly { readonly key: string; readonly data: Uint8Array }[]): Promise<void> {
    let left = records;
    while (left.length > 0) {
      const { Records = [] } = await kinesis.send(
        new PutRecordsCommand({
          StreamName: STREAM,
          Records: left.map(({ key, data }) => ({ PartitionKey: key, Data: data })),
        }),
      );
      left = left.filter((_record, index) => Records[index]?.ErrorCode !== undefined);
    }
  }

  async function putAs(way: Way | undefined, events: readonly RealEvent[]): Promise<void> {
    const records = events.map((event) => ({ key: event.id, data: Buffer.from(JSON.stringify(event)) }));
    if (way === "records") await put(records);
    else if (way === "zipped") await put(records.map(({ key, data }) => ({ key, data: gzipSync(data) })));
    else {
      const data = aggregate(records.map(({ key, data: bytes }) => ({ partitionKey: key, data: bytes })));
      // The KPL's own outer key.
      await put([{ key: "a", data }]);
    }
    sent += events.length;
  }

  return {
    sent: () => ({ sent, poison }),
    send: async (events: readonly RealEvent[]) => {
      for (let from = 0; from < events.length; from += EVENTS_A_SEND) {
        const some = events.slice(from, from + EVENTS_A_SEND);
        await putAs(WAYS[turn % 4], some);
        await putAs(WAYS[(turn + 1) % 4], some.slice(0, RETRIED));
        turn += 1;
      }
    },
    /** What can never be an item: half an event, no JSON at all, an id that another event has. */
    sendPoison: async (events: readonly RealEvent[]) => {
      const [event] = events;
      const texts = [
        JSON.stringify(event).slice(0, 200),
        "no event",
        JSON.stringify({ ...event, type: "another" }),
      ];
      await put(texts.map((text, index) => ({ key: String(index), data: Buffer.from(text) })));
      sent += texts.length;
      poison += texts.length;
    },
  };
}

/** The function's own counts, as CloudWatch has them. */
async function counted(cloudwatch: CloudWatchClient, since: number, account: Account) {
  const sumOf = async (MetricName: string) => {
    const { Datapoints = [] } = await cloudwatch.send(
      new GetMetricStatisticsCommand({
        Namespace: "Reflex",
        MetricName,
        Dimensions: [
          { Name: "service", Value: "ingest-events" },
          { Name: "Stream", Value: STREAM },
        ],
        StartTime: new Date(since - 60_000),
        EndTime: new Date(account.clock.now() + 60_000),
        Period: 60,
        Statistics: ["Sum"],
      }),
    );
    return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
  };
  return {
    received: await sumOf("Received"),
    stored: await sumOf("Stored"),
    duplicates: await sumOf("Duplicates"),
    // A conflict is kept with what stands in the table, in the same place.
    quarantined: (await sumOf("Quarantined")) + (await sumOf("Conflicts")),
  };
}

async function rowsOf(client: DynamoDBClient): Promise<number> {
  let rows = 0;
  const query = { TableName: TABLE, Select: "COUNT", ConsistentRead: true } as const;
  for await (const { Count = 0 } of paginateScan({ client }, query)) rows += Count;
  return rows;
}

async function messagesIn(sqs: SQSClient): Promise<number> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: QUARANTINE }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }),
  );
  return Number(Attributes?.ApproximateNumberOfMessages);
}
