import { loadSecretsManager, loadSsm } from "../aws/runtime-clients.ts";
import { once } from "../lambda/once.ts";
import type { SecretSource } from "./credentials.ts";

/**
 * SSM Parameter Store and Secrets Manager. Their clients are loaded when the first secret is asked for: a
 * function without secrets does not pay for them at its start.
 *
 * @param region where the secrets are kept; the function's own where absent
 */
export function createSecretSource(region?: string): SecretSource {
  const ssm = once(() => loadSsm(region));
  const secretsManager = once(() => loadSecretsManager(region));
  return {
    async parameters(names, signal) {
      const client = await ssm();
      const input = { Names: [...names], WithDecryption: true };
      const { Parameters = [] } = await client.getParameters(input, { abortSignal: signal });
      return new Map(
        Parameters.flatMap(({ Name, Value }) => (Name && Value !== undefined ? [[Name, Value]] : [])),
      );
    },
    async secret(name, signal) {
      const client = await secretsManager();
      const { SecretString } = await client.getSecretValue({ SecretId: name }, { abortSignal: signal });
      if (SecretString === undefined) throw new TypeError("the secret is binary");
      return SecretString;
    },
  };
}
