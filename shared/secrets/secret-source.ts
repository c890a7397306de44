import { clientOptions } from "../aws/client-options.ts";
import { traced } from "../tracing/aws-calls.ts";
import type { SecretSource } from "./credentials.ts";

/**
 * SSM Parameter Store and Secrets Manager. Their clients are loaded when the first secret is asked for: a
 * function without secrets does not pay for them at its start.
 *
 * @param region where the secrets are kept; the function's own where absent
 */
export function createSecretSource(region?: string): SecretSource {
  let ssm: ReturnType<typeof loadSsm> | undefined;
  let secrets: ReturnType<typeof loadSecrets> | undefined;
  return {
    async parameters(names, signal) {
      ssm ??= loadSsm(region);
      const { client, GetParametersCommand } = await ssm;
      const command = new GetParametersCommand({ Names: [...names], WithDecryption: true });
      const { Parameters = [] } = await client.send(command, { abortSignal: signal });
      return new Map(
        Parameters.flatMap(({ Name, Value }) => (Name && Value !== undefined ? [[Name, Value]] : [])),
      );
    },
    async secret(name, signal) {
      secrets ??= loadSecrets(region);
      const { client, GetSecretValueCommand } = await secrets;
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }), {
        abortSignal: signal,
      });
      if (SecretString === undefined) throw new TypeError("the secret is binary");
      return SecretString;
    },
  };
}

async function loadSsm(region: string | undefined) {
  const { SSMClient, GetParametersCommand } = await import("@aws-sdk/client-ssm");
  return { client: traced(new SSMClient(optionsIn(region))), GetParametersCommand };
}

async function loadSecrets(region: string | undefined) {
  const { SecretsManagerClient, GetSecretValueCommand } = await import("@aws-sdk/client-secrets-manager");
  return { client: traced(new SecretsManagerClient(optionsIn(region))), GetSecretValueCommand };
}

function optionsIn(region: string | undefined) {
  return { ...clientOptions(), ...(region !== undefined && { region }) };
}
