import type { Clock } from "../../shared/time/clock.ts";
import { DEFAULT_REGION } from "../service.ts";

/** How often an operation may be called in an account and region: a token bucket. */
interface Rate {
  /** Tokens that come each second; the bucket holds as many as come in `burstSeconds`. */
  readonly perSecond: number;
  readonly burstSeconds: number;
}

const rate = (perSecond: number, burstSeconds = 1): Rate => ({ perSecond, burstSeconds });

/**
 * By signing name and operation. Others have no limit here.
 *
 * - Kinesis: https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
 * - CloudWatch: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
 * - Systems Manager: https://docs.aws.amazon.com/general/latest/gr/ssm.html
 * - Lambda: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const RATES: Readonly<Record<string, Rate>> = {
  "kinesis CreateStream": rate(5),
  "kinesis DeleteStream": rate(5),
  "kinesis DescribeLimits": rate(1),
  "kinesis DescribeStream": rate(10),
  "kinesis DescribeStreamSummary": rate(20),
  "kinesis ListStreams": rate(5),
  "kinesis UpdateShardCount": rate(10),
  "kinesis UpdateStreamWarmThroughput": rate(5),
  "kinesis DescribeAccountSettings": rate(5),
  "kinesis UpdateAccountSettings": rate(5),
  "kinesis MergeShards": rate(5),
  "kinesis SplitShard": rate(5),
  "monitoring PutMetricAlarm": rate(3),
  "monitoring DescribeAlarms": rate(9),
  "monitoring DeleteAlarms": rate(3),
  "monitoring ListMetrics": rate(25),
  "monitoring GetMetricData": rate(50),
  "ssm GetParameters": rate(40),
  "ssm GetParameter": rate(40),
  "lambda GetFunction": rate(100),
};

/** Takes a token; false where there is none, and the call is throttled. */
export type TakeToken = (service: string, operation: string, region?: string) => boolean;

/**
 * Buckets that fill by the sandbox's time, and by real time where the sandbox's clock stands still: a caller that waits
 * and tries again gets on.
 *
 * @param realNow ms; the machine's monotonic time
 */
export function createRates(clock: Clock, realNow: () => number = () => performance.now()): TakeToken {
  const buckets = new Map<string, { tokens: number; at: number; realAt: number }>();
  return (service, operation, region = DEFAULT_REGION) => {
    const limit = RATES[`${service} ${operation}`];
    const key = `${service} ${operation} in ${region}`;
    if (!limit) return true;
    const most = limit.perSecond * limit.burstSeconds;
    const now = { at: clock.now(), realAt: realNow() };
    const before = buckets.get(key) ?? { tokens: most, ...now };
    const elapsedMs = Math.max(now.at - before.at, now.realAt - before.realAt);
    const tokens = Math.min(most, before.tokens + (elapsedMs / 1000) * limit.perSecond);
    const isTaken = tokens >= 1;
    buckets.set(key, { tokens: isTaken ? tokens - 1 : tokens, ...now });
    return isTaken;
  };
}
