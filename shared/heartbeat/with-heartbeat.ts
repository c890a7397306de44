import * as z from "zod/mini";
import { readConfig } from "../config/load.ts";
import { readableBy } from "../config/readable-by.ts";
import { requiredEnv } from "../config/required-env.ts";
import { messageOf } from "../errors/message-of.ts";
import type { Run } from "../lambda/run.ts";
import { parseRange } from "../net/address-range.ts";
import { createHttpPost } from "../net/http-post.ts";
import { createCredentials } from "../secrets/credentials.ts";
import { createSecretSource } from "../secrets/secret-source.ts";
import { heartbeatOf } from "./config.ts";
import { createHeartbeat, type Heartbeat } from "./heartbeat.ts";

type Handle<R> = (event: unknown, run: Run) => Promise<R>;

/**
 * Calls the monitor of `monitoring.heartbeat` after a sweep that ended well, where this automation is the one that does. What
 * comes of the call changes nothing of the run.
 */
export function withHeartbeat<R>(automation: string, handle: Handle<R>): Handle<R> {
  let heartbeat: Promise<Heartbeat | undefined> | undefined;
  return async (event, run) => {
    const result = await handle(event, run);
    if (!isSweep(event)) return result;
    heartbeat ??= load(automation);
    try {
      await (await heartbeat)?.(run);
    } catch (error) {
      run.metrics.count("HeartbeatFailures");
      run.log.warn(`monitoring.heartbeat cannot be read: ${messageOf(error)}`);
    }
    return result;
  };
}

/** An alarm's run shows that the function works, and not that its schedule does. */
const isSweep = (event: unknown): boolean =>
  typeof event === "object" &&
  event !== null &&
  "detail-type" in event &&
  event["detail-type"] === "Scheduled Event";

const networks = z.object({ allow: z._default(z.array(readableBy(parseRange)), []) });

async function load(automation: string): Promise<Heartbeat | undefined> {
  const file = await readConfig(process.env);
  const config = heartbeatOf(file, automation);
  if (!config) return undefined;
  const { allow } = networks.parse(file.sections.notify ?? {});
  return createHeartbeat({
    ...config,
    post: createHttpPost(allow.map(parseRange)),
    credentials: createCredentials(createSecretSource()),
    stage: requiredEnv("REFLEX_STAGE"),
    region: requiredEnv("AWS_REGION"),
  });
}
