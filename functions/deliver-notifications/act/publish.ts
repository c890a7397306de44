import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import { asFailure } from "../../../shared/aws/failure.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { topicArn } from "../../../shared/notify/topic-arn.ts";

/** Publishes a document whose form the subscriber dictates. */
export async function publishAsItIs(
  client: SNSClient,
  topic: string,
  document: object,
  { functionArn, signal }: Pick<Run, "functionArn" | "signal">,
): Promise<void> {
  const TopicArn = topicArn(topic, functionArn, await client.config.region());
  try {
    const command = new PublishCommand({ TopicArn, Message: JSON.stringify(document) });
    await client.send(command, { abortSignal: signal });
  } catch (error) {
    throw asFailure(error, "sns:Publish", topic);
  }
}
