import { type CloudFormationClient, GetTemplateCommand } from "@aws-sdk/client-cloudformation";

/**
 * When what is deployed now was packaged, as `serverless rollback --timestamp` wants it; undefined where nothing is
 * deployed. The functions' packages in the stack's template say it.
 */
export async function deployedTimestamp(
  client: CloudFormationClient,
  stage: string,
): Promise<string | undefined> {
  const template = await templateOf(client, `reflex-${stage}`);
  return /"serverless\/reflex\/[^/"]+\/(\d+)-[^"]+\.zip"/.exec(template)?.[1];
}

async function templateOf(client: CloudFormationClient, StackName: string): Promise<string> {
  try {
    const { TemplateBody = "" } = await client.send(new GetTemplateCommand({ StackName }));
    return TemplateBody;
  } catch (error) {
    if (error instanceof Error && error.message.includes("does not exist")) return "";
    throw error;
  }
}
