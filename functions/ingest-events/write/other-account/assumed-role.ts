import type { Credentials } from "@aws-sdk/client-sts";
import type { AwsCredentialIdentity } from "@smithy/types";
import { asFailure } from "../../../../shared/aws/failure.ts";
import { sts } from "../../../../shared/aws/runtime-clients.ts";
import { Blocked } from "../../../../shared/lambda/errors.ts";

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
  try {
    const { Credentials: given = {} } = await (await sts()).assumeRole({
      RoleArn: roleArn,
      RoleSessionName: sessionName,
    });
    return given;
  } catch (error) {
    throw asFailure(error, "sts:AssumeRole", roleArn);
  }
}
