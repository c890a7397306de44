import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { expect, onTestFinished, test } from "vitest";
import { serveService } from "../http-server.ts";
import { cloudWatchAt, MINUTE, START } from "./cloudwatch-at.ts";

const BY_SHARD = `SEARCH('{AWS/Kinesis,ShardId,StreamName} MetricName="IncomingBytes" StreamName="orders"', 'Sum', 60)`;

/** Three minutes, with metrics of two shards of `orders`, of the whole of it, and of another stream. */
async function serve() {
  const { cloudwatch } = cloudWatchAt();
  const client = new CloudWatchClient({ endpoint: await serveService(cloudwatch) });
  onTestFinished(() => client.destroy());
  const put = (name: string, dimensions: Record<string, string>, value: number, minute = 0) =>
    cloudwatch.metrics.put("AWS/Kinesis", name, dimensions, { value }, "Bytes", START + minute * MINUTE);
  put("IncomingBytes", { StreamName: "orders", ShardId: "shardId-0" }, 10);
  put("IncomingBytes", { ShardId: "shardId-1", StreamName: "orders" }, 20);
  put("IncomingBytes", { StreamName: "orders", ShardId: "shardId-1" }, 5, 1);
  put("IncomingRecords", { StreamName: "orders", ShardId: "shardId-0" }, 1);
  put("IncomingBytes", { StreamName: "orders" }, 35);
  put("IncomingBytes", { StreamName: "orders-2", ShardId: "shardId-0" }, 99);
  const read = (...MetricDataQueries: MetricDataQuery[]) =>
    client.send(
      new GetMetricDataCommand({
        MetricDataQueries,
        StartTime: new Date(START),
        EndTime: new Date(START + 3 * MINUTE),
      }),
    );
  return { read, put };
}

test("gives each metric of the schema that has the values, under one id", async () => {
  const { read } = await serve();
  const { MetricDataResults } = await read({
    Id: "shards",
    Expression: BY_SHARD,
    Label: "${PROP('Dim.ShardId')}",
  });
  expect(MetricDataResults).toMatchObject([
    { Id: "shards", Label: "shardId-0", Values: [10], StatusCode: "Complete" },
    { Id: "shards", Label: "shardId-1", Values: [5, 20], StatusCode: "Complete" },
  ]);
});

test("finds nothing where no metric is of the schema", async () => {
  const { read } = await serve();
  const { MetricDataResults } = await read({
    Id: "shards",
    Expression: BY_SHARD.replace("orders", "nobody"),
    Label: "${PROP('Dim.ShardId')}",
  });
  expect(MetricDataResults).toEqual([]);
});

test("without terms gives all metrics of the schema", async () => {
  const { read } = await serve();
  const { MetricDataResults } = await read({
    Id: "streams",
    Expression: "SEARCH('{\"AWS/Kinesis\", StreamName}', 'Maximum', 60)",
    Label: "${PROP('Namespace')} ${PROP('Dim.StreamName')} ${PROP('MetricName')} ${PROP('Stat')}",
  });
  expect(MetricDataResults).toMatchObject([
    { Label: "AWS/Kinesis orders IncomingBytes Maximum", Values: [35] },
  ]);
});

test.each([
  ["no label", undefined],
  ["${LABEL}", "${LABEL}"],
])("names each by what differs from the others, with %s", async (_, Label) => {
  const { read } = await serve();
  const ofOrders = "SEARCH('{AWS/Kinesis,StreamName,ShardId} StreamName=\"orders\"', 'Sum', 60)";
  const { MetricDataResults } = await read({ Id: "all", Expression: ofOrders, Label });
  expect(MetricDataResults?.map((result) => result.Label)).toEqual([
    "shardId-0 IncomingBytes",
    "shardId-1 IncomingBytes",
    "shardId-0 IncomingRecords",
  ]);
});

test("is a list for other functions", async () => {
  const { read } = await serve();
  const { MetricDataResults } = await read({ Id: "all", Expression: `SUM(${BY_SHARD})` });
  expect(MetricDataResults).toMatchObject([{ Label: "all", Values: [5, 30] }]);
});

test("gives 500 of more, and says so", async () => {
  const { read, put } = await serve();
  for (let shard = 2; shard < 501; shard += 1)
    put("IncomingBytes", { StreamName: "orders", ShardId: `shardId-${shard}` }, 1);
  const { MetricDataResults, Messages } = await read({ Id: "shards", Expression: BY_SHARD });
  expect(MetricDataResults).toHaveLength(500);
  expect(Messages).toMatchObject([{ Code: "MaxMetricsExceeded" }]);
});

test("a metric's own label can have its dimensions too", async () => {
  const { read } = await serve();
  const Metric = {
    Namespace: "AWS/Kinesis",
    MetricName: "IncomingBytes",
    Dimensions: [{ Name: "StreamName", Value: "orders" }],
  };
  const { MetricDataResults } = await read({
    Id: "m1",
    MetricStat: { Metric, Period: 60, Stat: "Sum" },
    Label: "${LABEL} of ${PROP('Dim.StreamName')}",
  });
  expect(MetricDataResults?.[0]?.Label).toBe("IncomingBytes of orders");
});

test.each([
  [
    "a word without a designator",
    "SEARCH('{AWS/Kinesis,StreamName} IncomingBytes', 'Sum', 60)",
    'not "IncomingBytes"',
  ],
  [
    "a partial match",
    "SEARCH('{AWS/Kinesis,StreamName} MetricName=Incoming', 'Sum', 60)",
    'not "MetricName=Incoming"',
  ],
  [
    "a choice",
    `SEARCH('{AWS/Kinesis,StreamName} MetricName="A" OR MetricName="B"', 'Sum', 60)`,
    'not "OR MetricName="B""',
  ],
  ["no schema", `SEARCH('MetricName="A"', 'Sum', 60)`, "needs a metric schema first"],
  ["an empty name in the schema", "SEARCH('{AWS/Kinesis,,StreamName}', 'Sum', 60)", "which is no name"],
  ["no period", "SEARCH('{AWS/Kinesis,StreamName}', 'Sum')", "the period in seconds"],
  ["a period below a minute", "SEARCH('{AWS/Kinesis,StreamName}', 'Sum', 10)", "has the period 10"],
  ["a statistic there is not", "SEARCH('{AWS/Kinesis,StreamName}', 'Total', 60)", 'no statistic "Total"'],
  ["too long a query", `SEARCH('{A,${"x".repeat(1024)}}', 'Sum', 60)`, "up to 1024 characters, not 1028"],
])("refuses %s", async (_, Expression, message) => {
  const { read } = await serve();
  await expect(read({ Id: "e1", Expression })).rejects.toThrow(message);
});

test.each(["${MAX}", "${PROP('AccountId')}", "${Dim.ShardId}"])("refuses the label %s", async (Label) => {
  const { read } = await serve();
  await expect(read({ Id: "e1", Expression: BY_SHARD, Label })).rejects.toThrow(`the label has ${Label}`);
});
