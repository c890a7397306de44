import { CloudWatch, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, expect, test } from "vitest";
import { readReservedCapacity } from "../../../../functions/scale-node-pools/observe/container-insights.ts";

const client = new CloudWatch({});
const mock = mockClient(client);
const { signal } = new AbortController();
const NOW = Date.UTC(2026, 5, 1, 12);
const AT = new Date(NOW - 60_000);

beforeEach(() => mock.reset());

test("the newest datapoints of a cluster are its reservation, in hundredths of a percent, rounded up", async () => {
  mock.on(GetMetricDataCommand).resolves({
    MetricDataResults: [
      { Id: "memory0", Values: [40, 39], Timestamps: [AT, new Date(NOW - 120_000)] },
      { Id: "cpu0", Values: [70.001], Timestamps: [AT] },
    ],
  });
  expect(await readReservedCapacity(client, ["main"], NOW, signal)).toEqual(
    new Map([["main", { cpu: 7001, memory: 4000, at: AT.getTime() }]]),
  );
});

test("a cluster without datapoints has none", async () => {
  mock.on(GetMetricDataCommand).resolves({
    MetricDataResults: [
      { Id: "cpu0", Values: [], Timestamps: [] },
      { Id: "memory0", Values: [1], Timestamps: [AT] },
    ],
  });
  expect(await readReservedCapacity(client, ["main"], NOW, signal)).toEqual(new Map());
});

test("many clusters are asked for within GetMetricData's 500 queries", async () => {
  mock.on(GetMetricDataCommand).resolves({ MetricDataResults: [] });
  await readReservedCapacity(
    client,
    Array.from({ length: 300 }, (_, index) => `c${index}`),
    NOW,
    signal,
  );
  expect(
    mock.commandCalls(GetMetricDataCommand).map(({ args }) => args[0].input.MetricDataQueries?.length),
  ).toEqual([500, 100]);
});
