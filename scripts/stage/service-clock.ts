import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Clock } from "../../shared/time/clock.ts";

/** Within this the two clocks are the same: the answer's time has whole seconds. */
const SAME_MS = 2_000;

/**
 * AWS's own time, as the first answer to this client says it: what Reflex writes is dated by it, and the clock of a laptop
 * may be minutes off. The local time before that answer. Later answers change nothing, so that it never goes back.
 */
export function serviceClock(client: DynamoDBClient): Clock {
  let offsetMs: number | undefined;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      if (offsetMs !== undefined) return result;
      const { headers } = result.response as { readonly headers?: Readonly<Record<string, string>> };
      const server = Date.parse(headers?.date ?? "");
      const apart = Number.isNaN(server) ? 0 : server - Date.now();
      offsetMs = Math.abs(apart) < SAME_MS ? 0 : apart;
      return result;
    },
    { name: "ServiceClock", step: "deserialize", priority: "low" },
  );
  return { now: () => Date.now() + (offsetMs ?? 0) };
}
