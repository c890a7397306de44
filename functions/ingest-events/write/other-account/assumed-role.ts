import { AssumeRoleCommand, type Credentials, STSClient } from "@aws-sdk/client-sts";
import type { AwsCredentialIdentity } from "@smithy/types";
import { clientOptions } from "../../../../shared/aws/client-options.ts";
import { asFailure } from "../../../../shared/aws/failure.ts";
import { Blocked } from "../../../../shared/lambda/errors.ts";
import { traced } from "../../../../shared/tracing/aws-calls.ts";

const sts = traced(new STSClient(clientOptions()));

/**
 * Credentials of a role, for an hour. The SDK keeps them, and asks again five minutes before they end.
 * @throws RetryLater, Blocked, Misconfigured if the role is not to be had.
 */
export async function assumeRole(
  roleArn: string,
  sessionName: string,
): Promise<AwsCredentialIdentity & { readonly expiration: Date }> {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = await credentialsOf(
    roleArn,
    sessionName,
  );
  if (!(AccessKeyId && SecretAccessKey && SessionToken && Expiration)) {
    throw new Blocked(`${roleArn}: STS answered without credentials`);
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiration: Expiration,
  };
}

async function credentialsOf(roleArn: string, sessionName: string): Promise<Partial<Credentials>> {
  const command = new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: sessionName });
  try {
    const { Credentials: given = {} } = await sts.send(command);
    return given;
  } catch (error) {
    throw asFailure(error, "sts:AssumeRole", roleArn);
  }
}
