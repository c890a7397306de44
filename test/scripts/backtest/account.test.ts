import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { DescribeStreamSummaryCommand, KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { mockClient } from "aws-sdk-client-mock";
import { expect, it } from "vitest";
import { optionsFrom } from "../../../scripts/backtest/options.ts";
import { accountText, backtestAccount } from "../../../scripts/backtest/report/account.ts";
import { parseConfigFile } from "../../../shared/config/read-file.ts";

const MINUTE = 60_000;
const NOW = Date.parse("2026-11-28T12:00:00Z");
/** Open shards; each carries one shard's worth at any time, except `idle`, which carries nothing. */
const SHARDS: Readonly<Record<string, number>> = { small: 2, large: 20, idle: 4 };

it("all streams are ranked by what their policies would save; one that cannot be read does not stop the others", async () => {
  const clients = { cloudwatch: new CloudWatchClient({}), kinesis: new KinesisClient({}) };
  mockClient(clients.kinesis)
    .on(ListStreamsCommand, { NextToken: undefined })
    .resolves({ StreamNames: ["small", "idle"], HasMoreStreams: true, NextToken: "next" })
    .on(ListStreamsCommand, { NextToken: "next" })
    .resolves({ StreamNames: ["large"], HasMoreStreams: false })
    .on(DescribeStreamSummaryCommand)
    .callsFake(({ StreamName }) => ({
      StreamDescriptionSummary: { OpenShardCount: SHARDS[StreamName], StreamCreationTimestamp: new Date(0) },
    }));
  mockClient(clients.cloudwatch)
    .on(GetMetricDataCommand)
    .callsFake(({ MetricDataQueries, StartTime, EndTime }) => ({
      MetricDataResults: MetricDataQueries.map(({ Id, MetricStat }: MetricDataQuery) => {
        const { MetricName, Dimensions = [] } = MetricStat?.Metric ?? {};
        const isBusy = MetricName === "IncomingBytes" && !Dimensions.some(({ Value }) => Value === "idle");
        const minutes = (EndTime.getTime() - StartTime.getTime()) / MINUTE;
        const Timestamps = Array.from(
          { length: isBusy ? minutes : 0 },
          (_, at) => new Date(StartTime.getTime() + at * MINUTE),
        );
        return { Id, StatusCode: "Complete", Timestamps, Values: Timestamps.map(() => 60 * 1_048_576 * 0.9) };
      }),
    }));
  const config = parseConfigFile("streams:\n  '*':\n    max: 40\n", "config/dev.yml");

  const report = await backtestAccount(config, clients, { days: 0.2, now: NOW });

  expect(report.streams.map(({ stream }) => stream)).toEqual(["large", "small"]);
  expect(report.streams[0]?.asItIs.meanShards).toBe(20);
  expect(report.streams[0]?.savedUsdPerMonth).toBeGreaterThan(100);
  expect(report.unread).toEqual([{ stream: "idle", why: expect.stringContaining("has no traffic of it") }]);
  expect(accountText(report)).toMatch(/^2 streams: .*\n\n.*\n.*\nlarge +20 shards/);
});

it.each([
  [["--days", "16", "--stream", "a"], '--days: found "16", expected a number above 0, at most 15'],
  [[], "found none of --stream, --csv and --all"],
  [["--all", "--set", "max=3"], "--all: found --set too, which is about one stream"],
  [["--stream", "a", "--fail-if", "x"], '--fail-if: found "x"'],
])("%j is called wrongly", (args, message) => {
  expect(() => optionsFrom(args)).toThrow(message);
});
