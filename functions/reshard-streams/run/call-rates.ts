import { type CallRates, createCallRates } from "../../../shared/aws/call-rates.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { Dependencies } from "./dependencies.ts";

/**
 * What this function takes of the account's calls a second; the rest is left to others. AWS's limits: DescribeStreamSummary
 * 20, ListStreams 5, UpdateShardCount 10, SplitShard and MergeShards 5, GetMetricData 50, DescribeAlarms 9, UpdateStreamWarmThroughput and
 * DescribeAccountSettings 5.
 * https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
 */
const PER_SECOND = {
  DescribeStreamSummary: 10,
  ListStreams: 3,
  UpdateShardCount: 7,
  SplitShard: 3,
  MergeShards: 3,
  UpdateStreamWarmThroughput: 3,
  UpdateStreamRecordDistributionStrategy: 3,
  UpdateStreamMode: 1,
  DescribeAccountSettings: 2,
  GetMetricData: 25,
  DescribeAlarms: 5,
};

export function callRatesOf({ clock, signal }: Run, { pause }: Dependencies): CallRates {
  return createCallRates(PER_SECOND, clock, (ms) => pause(clock, ms, signal));
}
