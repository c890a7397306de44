import type { AccountConfig } from "./account-config.ts";

/** Why the stage may not be deployed to this account; undefined where it may. */
export function accountProblem({ ids }: AccountConfig, account: string): string | undefined {
  if (ids.length === 0 || ids.includes(account)) return undefined;
  return `account.ids: found ${ids.join(", ")}, expected the account of the credentials in use, ${account}: nothing was changed`;
}
