/** A metric with the statistic that is looked at. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly stat: "Sum" | "Maximum" | "Minimum" | "Average" | "SampleCount";
}

/** One of Reflex's own (shared/lambda/metrics.ts): each has its automation as the dimension `service`. */
export function reflexMetric(
  automation: string,
  name: string,
  stat: Metric["stat"],
  dimensions: Metric["dimensions"] = {},
): Metric {
  return { namespace: "Reflex", name, stat, dimensions: { service: automation, ...dimensions } };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
export function ofFunction(functionName: string, name: string, stat: Metric["stat"]): Metric {
  return { namespace: "AWS/Lambda", name, stat, dimensions: { FunctionName: functionName } };
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html */
export function ofQueue(queueName: string, name: string, stat: Metric["stat"]): Metric {
  return { namespace: "AWS/SQS", name, stat, dimensions: { QueueName: queueName } };
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html */
export function ofTable(tableName: string, name: string, stat: Metric["stat"]): Metric {
  return { namespace: "AWS/DynamoDB", name, stat, dimensions: { TableName: tableName } };
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html */
export function ofTopic(topicName: string, name: string): Metric {
  return { namespace: "AWS/SNS", name, stat: "Sum", dimensions: { TopicName: topicName } };
}
