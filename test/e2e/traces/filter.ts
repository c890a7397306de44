import * as z from "zod/mini";
import type { Account } from "../../../sandbox/account.ts";
import { authorizationFor } from "../../../sandbox/endpoint/internal-request.ts";

const answer = z.union([
  z.object({ TraceSummaries: z.array(z.object({ Id: z.string() })) }),
  z.object({ Message: z.string() }),
]);

/** The ids of all traces that X-Ray finds by a filter expression; throws X-Ray's words where it refuses it. */
export async function traceIds({ url }: Pick<Account, "url">, FilterExpression: string): Promise<string[]> {
  const response = await fetch(`${url}/TraceSummaries`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: authorizationFor("xray"),
    },
    // X-Ray takes times in seconds.
    body: JSON.stringify({ StartTime: 0, EndTime: 1e11, FilterExpression }),
  });
  const found = answer.parse(await response.json());
  if ("Message" in found) throw new Error(found.Message);
  return found.TraceSummaries.map(({ Id }) => Id);
}
