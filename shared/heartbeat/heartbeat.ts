import { messageOf } from "../errors/message-of.ts";
import type { Run } from "../lambda/run.ts";
import { BlockedAddress, type HttpPost } from "../net/http-post.ts";
import { type CredentialCache, UnreadableSecret } from "../secrets/credentials.ts";
import { isSecretRef } from "../secrets/secret-ref.ts";
import { inRemoteCall } from "../tracing/remote-call.ts";
import type { HeartbeatConfig } from "./config.ts";

const MINUTE_MS = 60_000;
/** The run is over and waits for this alone. */
export const HEARTBEAT_TIMEOUT_MS = 3_000;
/** With less left of a run nothing is sent: the next one does. */
const LEAST_LEFT_MS = HEARTBEAT_TIMEOUT_MS + 2_000;

export interface HeartbeatOptions extends HeartbeatConfig {
  readonly post: HttpPost;
  readonly credentials: CredentialCache;
  /** Said in the body: `{ service: "reflex", stage, region }`. */
  readonly stage: string;
  readonly region: string;
  /** How long one call may take. */
  readonly timeoutMs?: number;
}

/** Calls the monitor where it is due. Never throws, and takes three seconds at most. */
export type Heartbeat = (
  run: Pick<Run, "clock" | "signal" | "remainingMs" | "log" | "metrics">,
) => Promise<void>;

/** What the process knows of its last call: a new process calls once more, which does no harm. Made once per process. */
export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  let lastMinute = Number.NEGATIVE_INFINITY;
  return async (run) => {
    const minute = Math.floor(run.clock.now() / MINUTE_MS);
    if (minute - lastMinute < options.everyMinutes || run.remainingMs() < LEAST_LEFT_MS) return;
    const problem = await problemOfCall(options, run);
    if (problem === undefined) {
      lastMinute = minute;
      return;
    }
    run.metrics.count("HeartbeatFailures");
    run.log.warn(`the monitor of monitoring.heartbeat ${problem}: the next sweep calls it again`);
  };
}

/** What went wrong, without the address: it is all that protects the monitor. */
async function problemOfCall(
  { url, post, credentials, stage, region, timeoutMs = HEARTBEAT_TIMEOUT_MS }: HeartbeatOptions,
  { clock, signal: ofRun }: Pick<Run, "clock" | "signal">,
): Promise<string | undefined> {
  const signal = AbortSignal.any([ofRun, AbortSignal.timeout(timeoutMs)]);
  try {
    const refs = isSecretRef(url) ? [url] : [];
    const read = await credentials.read(refs, clock.now(), signal);
    const address = URL.parse(isSecretRef(url) ? read.valueOf(url).trim() : url);
    if (!address || !/^https?:$/.test(address.protocol)) return "is no http(s) address";
    const body = JSON.stringify({ service: "reflex", stage, region });
    const { status } = await inRemoteCall(
      address.hostname,
      {},
      () => post({ url: address, headers: {}, body }, signal),
      (reply) => ({
        url: address.origin,
        method: "POST",
        status: reply.status,
        ...(isTaken(reply.status) ? {} : { failed: `answered ${reply.status}` }),
      }),
    );
    return isTaken(status) ? undefined : `answered ${status}`;
  } catch (error) {
    if (error instanceof BlockedAddress) return `is not called: ${error.message}`;
    if (error instanceof UnreadableSecret) return `is not called: ${messageOf(error)}`;
    return `cannot be reached (${nameOf(error)})`;
  }
}

const isTaken = (status: number): boolean => status >= 200 && status < 300;

/** Messages of the network name the address. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return "an unknown error";
  return "code" in error ? `${error.name} ${String(error.code)}` : error.name;
}
