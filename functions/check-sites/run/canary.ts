import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Stopwatch } from "../../../shared/time/clock.ts";
import type { AddressFilter } from "../probe/net/address-filter.ts";
import type { Resolver } from "../probe/net/resolver.ts";
import { probeTcp } from "../probe/tcp.ts";
import type { NetworkEvidence } from "../state/monitor-suspicion.ts";

/** Asks an address of which we know that it answers, to learn whether our own network works. */
export type AskCanary = (signal: AbortSignal) => Promise<NetworkEvidence>;

export interface CanaryAddress {
  readonly host: string;
  readonly port: number;
}

const TIMEOUT_MS = 2000;
/** AWS's own endpoints may have private addresses, and the canary's address is the config's own. */
const ANY_ADDRESS: AddressFilter = { check: () => {} };

/** One TCP connection to the canary, which is closed at once. */
export function createCanary(
  addressOf: () => Promise<CanaryAddress>,
  resolver: Resolver,
  stopwatch: Stopwatch,
): AskCanary {
  return async (signal) => {
    const address = await addressOf();
    const target = { kind: "tcp", ...address, timeoutMs: TIMEOUT_MS, addresses: "first" } as const;
    const [result] = await probeTcp(target, {
      resolver,
      stopwatch,
      addressFilter: ANY_ADDRESS,
      run: signal,
    });
    return result ?? {};
  };
}

/** The endpoint that the run itself speaks to: `AWS_ENDPOINT_URL` where it is set, as the SDK has it. */
export async function endpointOf(
  client: DynamoDBClient,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<CanaryAddress> {
  const set = env.AWS_ENDPOINT_URL_DYNAMODB ?? env.AWS_ENDPOINT_URL;
  return addressOf(
    set ? new URL(set) : client.config.endpointProvider({ Region: await client.config.region() }).url,
  );
}

/** `https://example.com` is port 443. */
export function addressOf({ hostname, port, protocol }: URL): CanaryAddress {
  return { host: hostname, port: Number(port) || (protocol === "http:" ? 80 : 443) };
}
