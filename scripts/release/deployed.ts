import type { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { templateOfStack } from "../stack/template-of-stack.ts";

/**
 * When what is deployed now was packaged, as `serverless rollback --timestamp` wants it; undefined where nothing is
 * deployed. The functions' packages in the stack's template say it.
 */
export async function deployedTimestamp(
  client: CloudFormationClient,
  stage: string,
): Promise<string | undefined> {
  const template = (await templateOfStack(client, `reflex-${stage}`)) ?? "";
  return /"serverless\/reflex\/[^/"]+\/(\d+)-[^"]+\.zip"/.exec(template)?.[1];
}
