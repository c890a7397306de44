/**
 * AWS's public prices in USD, us-east-1, without any free tier.
 * https://aws.amazon.com/lambda/pricing/, /cloudwatch/pricing/, /dynamodb/pricing/on-demand/, /xray/pricing/
 */
export const PRICES = {
  lambdaRequest: 0.2 / 1e6,
  lambdaArmGbSecond: 0.0000133334,
  cloudwatchMetricRequested: 0.01 / 1000,
  cloudwatchApiRequest: 0.01 / 1000,
  cloudwatchCustomMetric: 0.3,
  cloudwatchAlarmMetric: 0.1,
  cloudwatchLogGb: 0.5,
  dynamodbRead: 0.125 / 1e6,
  dynamodbWrite: 0.625 / 1e6,
  xrayTrace: 5 / 1e6,
  snsPublish: 0.5 / 1e6,
} as const;

/** AWS's month, in minutes. */
export const MINUTES_A_MONTH = 730 * 60;
