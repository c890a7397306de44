import { type CloudFormationClient, GetTemplateCommand } from "@aws-sdk/client-cloudformation";

/** The text of a stack's template; undefined where there is no such stack. */
export async function templateOfStack(
  client: CloudFormationClient,
  StackName: string,
): Promise<string | undefined> {
  try {
    const { TemplateBody = "" } = await client.send(new GetTemplateCommand({ StackName }));
    return TemplateBody;
  } catch (error) {
    if (error instanceof Error && error.message.includes("does not exist")) return undefined;
    throw error;
  }
}
