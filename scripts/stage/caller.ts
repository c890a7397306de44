import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { StageOptions } from "./stage-options.ts";

/** Who gives the command: the ARN that AWS knows the credentials by. No permission is needed to ask. */
export async function callerArn(aws: StageOptions["aws"]): Promise<string> {
  const { Arn = "unknown" } = await new STSClient(aws).send(new GetCallerIdentityCommand({}));
  return Arn;
}
