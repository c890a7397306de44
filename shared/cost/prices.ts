/**
 * AWS's public prices in USD, us-east-1, without any free tier, each from https://aws.amazon.com/<service>/pricing/:
 * lambda, cloudwatch, dynamodb (on demand), xray, s3, sqs.
 */
export const PRICES = {
  lambdaRequest: 0.2 / 1e6,
  lambdaArmGbSecond: 0.0000133334,
  cloudwatchMetricRequested: 0.01 / 1000,
  cloudwatchApiRequest: 0.01 / 1000,
  /** A month; the first 10,000 metrics. */
  cloudwatchCustomMetric: 0.3,
  /** A month and metric, with periods of a minute or more. */
  cloudwatchAlarmMetric: 0.1,
  /** A composite alarm, a month. */
  cloudwatchCompositeAlarm: 0.5,
  /** A month. */
  cloudwatchDashboard: 3,
  cloudwatchLogGb: 0.5,
  dynamodbRead: 0.125 / 1e6,
  dynamodbWrite: 0.625 / 1e6,
  /** A month, stored and recoverable to any point in time: 0.25 + 0.20. */
  dynamodbGb: 0.45,
  xrayTrace: 5 / 1e6,
  s3Put: 0.005 / 1000,
  sqsRequest: 0.4 / 1e6,
} as const;

/** What AWS bills, as `PRICES` names it. */
export type Unit = keyof typeof PRICES;

/** AWS's month. */
export const HOURS_A_MONTH = 730;
export const MINUTES_A_MONTH = HOURS_A_MONTH * 60;

export const GB = 1024 ** 3;
