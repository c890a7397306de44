import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SignatureV4 } from "@smithy/signature-v4";
import * as z from "zod/mini";
import { inCalls } from "../../../shared/aws/in-calls.ts";
import { Sha256 } from "../../../shared/aws/sha256.ts";
import type { ResourceView } from "../view.ts";

/** As many traces as one BatchGetTraces takes. */
const MOST_A_CALL = 5;
/** So many of the latest decisions and changes are looked up: ten calls. */
const MOST_LOOKED_UP = 50;
const TIMEOUT_MS = 5_000;

/** Of so many of the latest decisions and changes X-Ray has the trace of so many. */
export interface KeptTraces {
  readonly decisions: number;
  readonly kept: number;
}

/** Where and as whom X-Ray is asked: what the ledger's client was given. */
export type Signed = Pick<DynamoDBClient, "config">;

const answer = z.object({ Traces: z.optional(z.array(z.object({ Id: z.string() }))) });

/**
 * How many of the latest decisions X-Ray kept a trace of; undefined where it does not answer, or nothing was decided. Needs
 * xray:BatchGetTraces.
 */
export async function keptTraces(
  resources: readonly ResourceView[],
  client: Signed,
): Promise<KeptTraces | undefined> {
  const ids = latestIds(resources);
  if (ids.length === 0) return undefined;
  try {
    const found = await Promise.all(inCalls(ids, MOST_A_CALL).map((some) => tracesOf(some, client)));
    return { decisions: ids.length, kept: found.flat().length };
  } catch {
    return undefined;
  }
}

function latestIds(resources: readonly ResourceView[]): readonly string[] {
  const all = resources.flatMap(({ decisions, entries }) => [
    ...decisions.map(({ at, traceId }) => ({ at, traceId })),
    ...entries.map(({ intent: { at, traceId } }) => ({ at, traceId })),
  ]);
  const newestFirst = all.toSorted((a, b) => b.at - a.at).flatMap(({ traceId }) => traceId ?? []);
  return [...new Set(newestFirst)].slice(0, MOST_LOOKED_UP);
}

/** One call in X-Ray's REST protocol: the only one that this project makes of it, which is less than a client of its own. */
async function tracesOf(TraceIds: readonly string[], { config }: Signed): Promise<readonly string[]> {
  const region = await config.region();
  const china = region.startsWith("cn-") ? ".cn" : "";
  const url = new URL(
    "/Traces",
    process.env.AWS_ENDPOINT_URL ?? `https://xray.${region}.amazonaws.com${china}`,
  );
  const body = JSON.stringify({ TraceIds });
  const signer = new SignatureV4({
    service: "xray",
    region,
    credentials: config.credentials,
    sha256: Sha256,
  });
  const { headers } = await signer.sign({
    method: "POST",
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    headers: { host: url.host, "content-type": "application/json" },
    body,
  });
  const response = await fetch(url, {
    method: "POST",
    headers,
    body,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`X-Ray answered ${response.status}`);
  return answer.parse(await response.json()).Traces?.map(({ Id }) => Id) ?? [];
}
