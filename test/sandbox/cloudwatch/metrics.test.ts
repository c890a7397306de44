import {
  CloudWatchClient,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  type MetricDataQuery,
  PutMetricDataCommand,
  paginateGetMetricData,
} from "@aws-sdk/client-cloudwatch";
import { expect, onTestFinished, test } from "vitest";
import { serveService } from "../http-server.ts";
import { cloudWatchAt, MINUTE, START } from "./cloudwatch-at.ts";

async function serve() {
  const { clock, cloudwatch } = cloudWatchAt();
  const client = new CloudWatchClient({ endpoint: await serveService(cloudwatch) });
  onTestFinished(() => client.destroy());
  return { client, clock, cloudwatch };
}

const site = [{ Name: "Site", Value: "shop" }];

function metric(MetricName: string, Stat: string, Period = 60): MetricDataQuery {
  return {
    Id: "m1",
    MetricStat: { Metric: { Namespace: "App", MetricName, Dimensions: site }, Period, Stat },
  };
}

const span = { StartTime: new Date(START), EndTime: new Date(START + 10 * MINUTE) };

test("answers every statistic of what was put, newest first", async () => {
  const { client, clock } = await serve();
  const put = (Value: number) =>
    client.send(
      new PutMetricDataCommand({
        Namespace: "App",
        MetricData: [{ MetricName: "Latency", Dimensions: site, Value }],
      }),
    );
  for (const value of [1, 2, 3, 10]) await put(value);
  await clock.advance(MINUTE);
  await put(7);
  const read = async (stat: string) => {
    const queries = { MetricDataQueries: [metric("Latency", stat)], ...span };
    return (await client.send(new GetMetricDataCommand(queries))).MetricDataResults?.[0]?.Values;
  };
  expect(await read("Sum")).toEqual([7, 16]);
  expect(await read("Average")).toEqual([7, 4]);
  expect(await read("Minimum")).toEqual([7, 1]);
  expect(await read("Maximum")).toEqual([7, 10]);
  expect(await read("SampleCount")).toEqual([1, 4]);
  expect(await read("p50")).toEqual([7, 2]);
  expect(await read("p99.9")).toEqual([7, 10]);
});

test("takes values with counts and statistic sets", async () => {
  const { client } = await serve();
  const MetricData = [
    { MetricName: "A", Dimensions: site, Values: [1, 5], Counts: [3, 1] },
    {
      MetricName: "A",
      Dimensions: site,
      StatisticValues: { SampleCount: 2, Sum: 20, Minimum: 9, Maximum: 11 },
    },
  ];
  await client.send(new PutMetricDataCommand({ Namespace: "App", MetricData }));
  const read = { Namespace: "App", MetricName: "A", Dimensions: site, Period: 60, ...span };
  const { Datapoints } = await client.send(
    new GetMetricStatisticsCommand({ ...read, Statistics: ["Sum", "SampleCount", "Minimum", "Maximum"] }),
  );
  expect(Datapoints).toEqual([
    { Timestamp: new Date(START), Unit: "None", Sum: 28, SampleCount: 6, Minimum: 1, Maximum: 11 },
  ]);
});

test("has no percentile where a statistic set hides the values", async () => {
  const { client } = await serve();
  const set = { SampleCount: 2, Sum: 20, Minimum: 9, Maximum: 11 };
  const MetricData = [{ MetricName: "A", Dimensions: site, StatisticValues: set }];
  await client.send(new PutMetricDataCommand({ Namespace: "App", MetricData }));
  const queries = { MetricDataQueries: [metric("A", "p50")], ...span };
  const { MetricDataResults } = await client.send(new GetMetricDataCommand(queries));
  expect(MetricDataResults?.[0]).toMatchObject({ Values: [], StatusCode: "Complete" });
});

test("adds minutes up to longer periods", async () => {
  const { client, cloudwatch } = await serve();
  for (let i = 0; i < 10; i += 1) {
    cloudwatch.metrics.put("App", "A", { Site: "shop" }, { value: i }, "Count", START + i * MINUTE);
  }
  const queries = {
    MetricDataQueries: [metric("A", "Sum", 300)],
    ...span,
    ScanBy: "TimestampAscending" as const,
  };
  const { MetricDataResults } = await client.send(new GetMetricDataCommand(queries));
  expect(MetricDataResults?.[0]).toMatchObject({
    Values: [10, 35],
    Timestamps: [new Date(START), new Date(START + 5 * MINUTE)],
  });
});

test("keeps the same name with other dimensions or another unit apart", async () => {
  const { client, cloudwatch } = await serve();
  cloudwatch.metrics.put("App", "A", { Site: "shop" }, { value: 1 }, "Count", START);
  cloudwatch.metrics.put("App", "A", { Site: "shop" }, { value: 5 }, "Bytes", START);
  cloudwatch.metrics.put("App", "A", { Site: "blog" }, { value: 9 }, "Count", START);
  const { MetricStat } = metric("A", "Sum");
  const inBytes = { Id: "b", MetricStat: MetricStat && { ...MetricStat, Unit: "Bytes" as const } };
  const { MetricDataResults } = await client.send(
    new GetMetricDataCommand({ MetricDataQueries: [metric("A", "Sum"), inBytes], ...span }),
  );
  expect(MetricDataResults?.map(({ Values }) => Values)).toEqual([[6], [5]]);
});

test("computes expressions of expressions and leaves out what is not to be returned", async () => {
  const { client, cloudwatch } = await serve();
  cloudwatch.metrics.put("App", "A", { Site: "shop" }, { value: 6 }, "Count", START);
  const MetricDataQueries = [
    { Id: "e2", Expression: "e1 * 10", Label: "tenfold" },
    { Id: "e1", Expression: "m1 / 2", ReturnData: false },
    { ...metric("A", "Sum"), ReturnData: false },
  ];
  const { MetricDataResults } = await client.send(new GetMetricDataCommand({ MetricDataQueries, ...span }));
  expect(MetricDataResults).toEqual([
    { Id: "e2", Label: "tenfold", Timestamps: [new Date(START)], Values: [30], StatusCode: "Complete" },
  ]);
});

test("pages through the datapoints of several metrics", async () => {
  const { client, cloudwatch } = await serve();
  for (let i = 0; i < 6; i += 1) {
    cloudwatch.metrics.put("App", "A", { Site: "shop" }, { value: i }, "Count", START + i * MINUTE);
  }
  const MetricDataQueries = [metric("A", "Sum"), { Id: "e1", Expression: "m1 + 100" }];
  const found: Record<string, number[]> = { m1: [], e1: [] };
  let pages = 0;
  for await (const page of paginateGetMetricData(
    { client },
    { MetricDataQueries, ...span, MaxDatapoints: 5 },
  )) {
    pages += 1;
    for (const { Id = "", Values = [] } of page.MetricDataResults ?? []) found[Id]?.push(...Values);
  }
  expect({ pages, ...found }).toEqual({
    pages: 3,
    m1: [5, 4, 3, 2, 1, 0],
    e1: [105, 104, 103, 102, 101, 100],
  });
});

test("lists metrics by namespace, name and dimension", async () => {
  const { client, cloudwatch } = await serve();
  cloudwatch.metrics.put("App", "A", { Site: "shop" }, { value: 1 }, "Count", START);
  cloudwatch.metrics.put("App", "A", { Site: "blog" }, { value: 1 }, "Count", START);
  cloudwatch.metrics.put("Other", "A", {}, { value: 1 }, "Count", START);
  const list = async (filter: object) => (await client.send(new ListMetricsCommand(filter))).Metrics ?? [];
  expect(await list({})).toHaveLength(3);
  expect(await list({ Namespace: "App" })).toHaveLength(2);
  expect(await list({ Dimensions: site })).toEqual([{ Namespace: "App", MetricName: "A", Dimensions: site }]);
});

test("lists only metrics of the last three hours where that is asked", async () => {
  const { client, cloudwatch, clock } = await serve();
  cloudwatch.metrics.put("App", "Old", {}, { value: 1 }, "Count", START);
  await clock.advance(180 * MINUTE);
  cloudwatch.metrics.put("App", "New", {}, { value: 1 }, "Count", clock.now());
  const { Metrics } = await client.send(new ListMetricsCommand({ RecentlyActive: "PT3H" }));
  expect(Metrics?.map(({ MetricName }) => MetricName)).toEqual(["New"]);
});

test("forgets datapoints after 15 days", async () => {
  const { cloudwatch } = await serve();
  const metricA = { namespace: "App", name: "A", dimensions: {} };
  const later = START + 16 * 24 * 60 * MINUTE;
  for (const at of [START, later]) cloudwatch.metrics.put("App", "A", {}, { value: 1 }, "Count", at);
  const read = cloudwatch.metrics.read(metricA, { from: START, to: later + MINUTE, periodMs: MINUTE });
  expect([...read.keys()]).toEqual([later]);
});

test("takes a body that the client compressed", async () => {
  const { client, cloudwatch } = await serve();
  const Values = Array.from({ length: 150 }, (_, i) => i * 1.000001);
  const MetricData = Array.from({ length: 20 }, (_, i) => ({ MetricName: `m${i}`, Values }));
  await client.send(new PutMetricDataCommand({ Namespace: "App", MetricData }));
  expect(cloudwatch.metrics.list()).toHaveLength(20);
});

test.each([
  ["a namespace of AWS's", { Namespace: "AWS/Kinesis", MetricData: [] }, "InvalidParameterValueException"],
  [
    "no value",
    { Namespace: "App", MetricData: [{ MetricName: "A" }] },
    "InvalidParameterCombinationException",
  ],
  [
    "counts that are not as many as the values",
    { Namespace: "App", MetricData: [{ MetricName: "A", Values: [1, 2], Counts: [1] }] },
    "InvalidParameterValueException",
  ],
  [
    "a time three hours ahead",
    {
      Namespace: "App",
      MetricData: [{ MetricName: "A", Value: 1, Timestamp: new Date(START + 180 * MINUTE) }],
    },
    "InvalidParameterValueException",
  ],
])("refuses %s and puts nothing", async (_, input, name) => {
  const { client, cloudwatch } = await serve();
  await expect(client.send(new PutMetricDataCommand(input))).rejects.toMatchObject({ name });
  expect(cloudwatch.metrics.list()).toEqual([]);
});

test.each([
  ["an id used twice", [metric("A", "Sum"), metric("A", "Sum")], "the id is used twice"],
  ["an unknown id", [{ Id: "e1", Expression: "m9 + 1" }], '"m9 + 1" refers to m9, and no query has that id'],
  ["an expression of itself", [{ Id: "e1", Expression: "e1 + 1" }], "refers to itself"],
  ["a number for a series", [{ Id: "e1", Expression: "1 + 1" }], "must give a time series"],
  ["an unknown statistic", [metric("A", "Median")], 'no statistic "Median"'],
  ["a period below a minute", [metric("A", "Sum", 10)], "found 10, expected a multiple of 60"],
])("refuses to read %s", async (_, MetricDataQueries, message) => {
  const { client } = await serve();
  await expect(client.send(new GetMetricDataCommand({ MetricDataQueries, ...span }))).rejects.toThrow(
    message,
  );
});
