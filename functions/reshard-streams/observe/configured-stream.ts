import type { StreamPolicy } from "../config/policy.ts";

export interface ConfiguredStream {
  readonly stream: string;
  readonly policy: StreamPolicy;
}

/** The resource's name in the ledger, in logs and in notifications. */
export function resourceOf(stream: string): string {
  return `stream/${stream}`;
}
