/** The account of a function that has no ARN: `serverless invoke local`, which then speaks to the sandbox. */
const SANDBOX_ACCOUNT = "000000000000";

/**
 * The ARN of a topic in the account and region of a function, where it is not one already. The environment holds the topic's name only: an
 * ARN would have to come from CloudFormation, which `serverless invoke local` cannot ask without an account.
 */
export function topicArn(topic: string, functionArn: string | undefined, region: string | undefined): string {
  if (topic.startsWith("arn:")) return topic;
  const [, partition = "aws", , ofFunction, account = SANDBOX_ACCOUNT] = functionArn?.split(":") ?? [];
  return `arn:${partition}:sns:${ofFunction ?? region ?? "us-east-1"}:${account}:${topic}`;
}
