import { clientOptions } from "../aws/client-options.ts";
import { traced } from "../tracing/aws-calls.ts";
import type { SecretSource } from "./credentials.ts";

/**
 * SSM Parameter Store and Secrets Manager. Their clients are loaded when the first secret is asked for: a
 * function without secrets does not pay for them at its start.
 */
export function createSecretSource(): SecretSource {
  let ssm: ReturnType<typeof loadSsm> | undefined;
  let secrets: ReturnType<typeof loadSecrets> | undefined;
  return {
    async parameters(resolver, signal) {
      ssm ??= loadSsm();
      const { client, GetParametersCommand } = await ssm;
      const command = new GetParametersCommand({ Names: [...resolver], WithDecryption: true });
      const { Parameters = [] } = await client.send(command, { abortSignal: signal });
      return new Map(
        Parameters.flatMap(({ Name, Value }) => (Name && Value !== undefined ? [[Name, Value]] : [])),
      );
    },
    async secret(name, signal) {
      secrets ??= loadSecrets();
      const { client, GetSecretValueCommand } = await secrets;
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }), {
        abortSignal: signal,
      });
      if (SecretString === undefined) throw new TypeError("the secret is binary");
      return SecretString;
    },
  };
}

async function loadSsm() {
  const { SSMClient, GetParametersCommand } = await import("@aws-sdk/client-ssm");
  return { client: traced(new SSMClient(clientOptions())), GetParametersCommand };
}

async function loadSecrets() {
  const { SecretsManagerClient, GetSecretValueCommand } = await import("@aws-sdk/client-secrets-manager");
  return { client: traced(new SecretsManagerClient(clientOptions())), GetSecretValueCommand };
}
