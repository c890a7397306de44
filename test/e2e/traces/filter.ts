import * as z from "zod/mini";
import type { Account } from "../../../sandbox/account.ts";
import { authorizationFor, internalRequest } from "../../../sandbox/endpoint/internal-request.ts";

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

const started = z.object({ queryId: z.string() });
const results = z.object({
  results: z.array(z.array(z.object({ field: z.string(), value: z.string() }))),
});

/** The rows that a query of Logs Insights finds in the logs of all functions; throws CloudWatch's words where it refuses it. */
export async function insightsRows(
  { url, lambda }: Pick<Account, "url" | "lambda">,
  queryString: string,
): Promise<Record<string, string>[]> {
  const logGroupNames = lambda.configurations().map(({ name }) => `/aws/lambda/${name}`);
  const call = async (operation: string, input: object): Promise<unknown> => {
    const { headers, body } = internalRequest(`Logs_20140328.${operation}`, "logs", input);
    const response = await fetch(url, { method: "POST", headers, body: body.toString() });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  };
  const query = { logGroupNames, startTime: 0, endTime: 1e11, queryString };
  const { queryId } = started.parse(await call("StartQuery", query));
  const found = results.parse(await call("GetQueryResults", { queryId }));
  return found.results.map((row) => Object.fromEntries(row.map(({ field, value }) => [field, value])));
}
