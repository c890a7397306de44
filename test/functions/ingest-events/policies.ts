import {
  ingestSchema,
  landingFor,
  type StreamLanding,
  type StreamPolicy,
} from "../../../functions/ingest-events/config/policy.ts";

/** The policy of the stream `events`, from a config as it would stand in the file. */
export function policyOf(stream: object, table?: object): StreamPolicy {
  const [route] = landingOf(stream, table).routes;
  if (route?.policy === undefined) throw new Error("the stream has no policy");
  return route.policy;
}

/** How the stream `events` is landed, from a config as it would stand in the file. */
export function landingOf(stream: object, table: object = { partitionKey: "id" }): StreamLanding {
  const config = ingestSchema.parse({
    tables: { landed: table },
    streams: { events: { ...("routes" in stream ? {} : { table: "landed" }), ...stream } },
  });
  const landing = landingFor(config, "events");
  if (landing === undefined) throw new Error("the config has no stream named events");
  return landing;
}

/** A landing with this one policy. */
export const landingBy = (policy: StreamPolicy): StreamLanding => ({
  format: { format: "json", explode: undefined },
  routes: [{ when: undefined, policy }],
});

export const APPEND = policyOf({ mode: "append", id: "id" });
export const APPEND_ONCE = policyOf({ mode: "append-once", id: "id" });
/** `latest`, and events of kind `d` delete the item. */
export const LATEST_DELETING = policyOf({
  mode: "latest",
  key: { id: "id" },
  version: { from: "v" },
  deletes: { when: { kind: ["d"] }, keepDays: 0 },
});
export const LATEST = policyOf({ mode: "latest", key: { id: "id" }, version: { from: "v" } });
