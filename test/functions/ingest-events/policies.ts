import {
  ingestSchema,
  policyFor,
  type StreamPolicy,
} from "../../../functions/ingest-events/config/policy.ts";

/** The policy of the stream `events`, from a config as it would stand in the file. */
export function policyOf(stream: object, table: object = { partitionKey: "id" }): StreamPolicy {
  const config = ingestSchema.parse({
    tables: { landed: table },
    streams: { events: { table: "landed", ...stream } },
  });
  const policy = policyFor(config, "events");
  if (policy === undefined) throw new Error("the config has no stream named events");
  return policy;
}

export const APPEND = policyOf({ mode: "append", id: "id" });
export const APPEND_ONCE = policyOf({ mode: "append-once", id: "id" });
export const LATEST = policyOf({ mode: "latest", key: { id: "id" }, version: { from: "v" } });
