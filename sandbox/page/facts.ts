import * as z from "zod/mini";
import type { History } from "../../shared/ledger/entry.ts";
import { readHistory } from "../../shared/ledger/items.ts";
import { PAUSES_KEY, type Pauses, pausesOf } from "../../shared/ledger/pauses.ts";
import type { Account } from "../account.ts";
import type { Alarm } from "../cloudwatch/alarms/alarm.ts";
import type { HistoryItem } from "../cloudwatch/alarms/history.ts";
import type { MetricStore } from "../cloudwatch/metrics/store.ts";
import type { Invocation } from "../lambda/function.ts";
import type { Published } from "../sns/topic.ts";
import type { Trace } from "../xray/traces.ts";
import { type Call, callsTo } from "./call.ts";
import type { PageFixtures } from "./fixtures.ts";
import type { NodePoolFacts } from "./state/node-pool-view.ts";
import type { SiteSwitch } from "./state/site-view.ts";
import type { QueueView, TableView } from "./state/state.ts";
import type { StreamSummary } from "./state/stream-view.ts";

/** All the page shows, as it was at one moment. */
export interface Facts {
  /** ms since the epoch on the sandbox's clock. */
  readonly now: number;
  readonly speed: number;
  readonly streams: readonly StreamSummary[];
  readonly tables: readonly TableView[];
  readonly queues: readonly QueueView[];
  readonly ledger: readonly History[];
  readonly pauses: Pauses;
  /** Items of the table check-sites keeps its sites in; undefined where there is no such table. */
  readonly siteItems: readonly unknown[] | undefined;
  readonly siteSwitches: readonly SiteSwitch[];
  readonly nodePools: NodePoolFacts | undefined;
  /** As CloudWatch answers them. */
  readonly metrics: MetricStore;
  /** As they happen: AWS publishes its own metrics one to two minutes later. */
  readonly liveMetrics: Pick<MetricStore, "read">;
  readonly alarms: readonly Alarm[];
  readonly alarmHistory: readonly HistoryItem[];
  readonly invocations: readonly Invocation[];
  readonly published: readonly Published[];
  readonly traces: readonly Trace[];
}

/** Traces beyond these are not read: the page shows the latest. */
const TRACES_READ = 300;

/** Reads the account past its endpoint, so that looking changes neither the calls nor the faults. */
export function factsOf(account: Account, fixtures: PageFixtures): () => Promise<Facts> {
  const { clock, cloudwatch, lambda, sns, xray } = account;
  const kinesis = callsTo(account.kinesis, "Kinesis_20131202", "kinesis");
  const dynamodb = callsTo(account.dynamodb, "DynamoDB_20120810", "dynamodb");
  const tables = createTables(dynamodb, () => account.calls.where({ service: "dynamodb" }).length);

  return async () => {
    const [streams, counts] = await Promise.all([readStreams(kinesis), tables.counts()]);
    const named = (suffix: string) => counts.find(({ name }) => name.endsWith(suffix))?.name;
    const [ledgerTable, sitesTable] = [named("-ledger"), named("-sites")];
    const [ledgerItems, siteItems] = await Promise.all([
      ledgerTable === undefined ? [] : tables.items(ledgerTable),
      sitesTable === undefined ? undefined : tables.items(sitesTable),
    ]);
    return {
      now: clock.now(),
      speed: clock.speed,
      streams,
      tables: counts,
      queues: queuesOf(account),
      ledger: historiesOf(ledgerItems),
      pauses: pausesIn(ledgerItems),
      siteItems,
      siteSwitches: fixtures.sites ?? [],
      nodePools: fixtures.nodePools?.(),
      metrics: cloudwatch.metrics,
      liveMetrics: cloudwatch.metrics.unpublished,
      alarms: cloudwatch.alarms.list(),
      alarmHistory: cloudwatch.alarms.history.items(),
      invocations: lambda.invocations(),
      published: sns.published(),
      traces: xray.traces().slice(-TRACES_READ),
    };
  };
}

/** The queues the template declares. */
function queuesOf({ resources, sqs }: Account): QueueView[] {
  const queues = resources.filter(({ type }) => type === "AWS::SQS::Queue");
  return queues.flatMap(({ attributes }) => {
    const queue = sqs.queue(attributes?.QueueName ?? "");
    return queue ? [{ name: queue.name, messages: queue.messages().length }] : [];
  });
}

const streamNames = z.object({ StreamNames: z.array(z.string()) });
const streamSummary = z.object({
  StreamDescriptionSummary: z.object({
    StreamName: z.string(),
    StreamStatus: z.string(),
    OpenShardCount: z.number(),
    StreamModeDetails: z.object({ StreamMode: z.string() }),
  }),
});

async function readStreams(kinesis: Call): Promise<StreamSummary[]> {
  const { StreamNames } = streamNames.parse(await kinesis("ListStreams", { Limit: 100 }));
  return Promise.all(
    StreamNames.map(async (StreamName) => {
      const answer = await kinesis("DescribeStreamSummary", { StreamName });
      const summary = streamSummary.parse(answer).StreamDescriptionSummary;
      return {
        name: summary.StreamName,
        status: summary.StreamStatus,
        mode: summary.StreamModeDetails.StreamMode,
        openShards: summary.OpenShardCount,
      };
    }),
  );
}

const tableNames = z.object({ TableNames: z.array(z.string()) });
const page = z.object({
  Count: z.number(),
  Items: z._default(z.array(z.record(z.string(), z.unknown())), []),
  LastEvaluatedKey: z.optional(z.unknown()),
});

type Item = z.output<typeof page>["Items"][number];

/** Counting reads the whole table: it may take this share of the time, so that a large one stops nothing else. */
const COUNTING_SHARE = 0.05;

/** @param callCount how many calls DynamoDB had: without a new one, nothing has changed */
function createTables(dynamodb: Call, callCount: () => number) {
  let counted: readonly TableView[] = [];
  let countedAtCall = -1;
  let notBefore = 0;

  return {
    /** By name; of large tables, as they were a moment ago. */
    async counts(): Promise<readonly TableView[]> {
      const calls = callCount();
      const started = performance.now();
      if (calls === countedAtCall || started < notBefore) return counted;
      const { TableNames } = tableNames.parse(await dynamodb("ListTables", {}));
      counted = await Promise.all(
        TableNames.map(async (name) => ({ name, items: (await scan(name, { Select: "COUNT" })).count })),
      );
      countedAtCall = calls;
      notBefore = performance.now() + (performance.now() - started) / COUNTING_SHARE;
      return counted;
    },
    items: async (table: string): Promise<readonly Item[]> => (await scan(table, {})).items,
  };

  async function scan(TableName: string, options: object): Promise<{ count: number; items: Item[] }> {
    const items: Item[] = [];
    let count = 0;
    let ExclusiveStartKey: unknown;
    do {
      const answer = await dynamodb("Scan", {
        TableName,
        ...options,
        ...(ExclusiveStartKey !== undefined && { ExclusiveStartKey }),
      });
      const { Count, Items, LastEvaluatedKey } = page.parse(answer);
      count += Count;
      items.push(...Items);
      ExclusiveStartKey = LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    return { count, items };
  }
}

const key = z.object({ S: z.string() });
const ledgerItem = z.looseObject({
  pk: key,
  sk: key,
  body: z.optional(key),
  pending: z.optional(key),
});

/** The ledger's items by resource. Items of another shape, a person's for example, are skipped. */
function historiesOf(items: readonly Item[]): History[] {
  const ours = items.flatMap((item) => ledgerItem.safeParse(item).data ?? []);
  return [...Map.groupBy(ours, ({ pk }) => pk.S)].map(([resource, own]) =>
    readHistory(
      resource,
      own.map(({ pk, sk, body, pending }) => ({
        pk,
        sk,
        ...(body && { body }),
        ...(pending && { pending }),
      })),
    ),
  );
}

const text = z.object({ S: z.string() });

function pausesIn(items: readonly Item[]): Pauses {
  const found = items.find(({ pk }) => text.safeParse(pk).data?.S === PAUSES_KEY.pk.S) ?? {};
  return pausesOf(
    Object.fromEntries(
      Object.entries(found).map(([name, value]) => [name, text.safeParse(value).data ?? { S: "" }]),
    ),
  );
}
