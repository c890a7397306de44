import type { AccountConfig } from "../account/account-config.ts";

/** Where a stack is packaged for. */
export interface Target {
  readonly stage: string;
  readonly region: string;
  readonly account: AccountConfig;
  /** Functions of the service that other stacks have: the account may say something of those, too. */
  readonly inOtherStacks?: readonly string[];
}
