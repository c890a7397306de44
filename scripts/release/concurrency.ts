import { GetAccountSettingsCommand, type LambdaClient } from "@aws-sdk/client-lambda";

/** Below this a burst of events or many parts of the sites take all there is. AWS's usual quota is 1,000. */
const ENOUGH = 100;

/**
 * What whoever deploys should know of the account's quota of concurrent executions, a new account's being 10; undefined
 * where it is large enough, or may not be asked for.
 *
 * @param functions of the stage
 */
export async function concurrencyNote(client: LambdaClient, functions: number): Promise<string | undefined> {
  const { AccountLimit } = await client
    .send(new GetAccountSettingsCommand({}))
    .catch(() => ({ AccountLimit: undefined }));
  return noteOn(AccountLimit?.UnreservedConcurrentExecutions, functions);
}

/** @param unreserved executions at once that no function has for itself alone */
export function noteOn(unreserved: number | undefined, functions: number): string | undefined {
  if (unreserved === undefined || unreserved >= ENOUGH) return undefined;
  return `The account runs only ${unreserved} executions at once, of all its functions, where no concurrency is reserved: the ${functions} of this stage can starve each other. A burst of landed events can hold up the sweeps that reshard, check and drain, and many sweeps the events. Ask AWS for more (Service Quotas, Lambda, Concurrent executions), or give each its own: account.functions.<name>.reservedConcurrency`;
}
