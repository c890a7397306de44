import * as z from "zod/mini";
import { RetryLater } from "../../../lambda/errors.ts";
import type { KubernetesApi } from "../api.ts";
import type { ApiCall } from "../call.ts";
import { hasStatus } from "../errors.ts";
import { readAs } from "../parse.ts";

/** kubectl's own page size: large enough for few rounds, small enough for bounded memory on both sides. */
const PAGE = 500;

const listShape = z.object({
  metadata: z.object({ continue: z.optional(z.string()) }),
  // An empty list may come as null.
  items: z.nullable(z.array(z.unknown())),
});

/**
 * The list, page by page: only two pages of raw objects are in memory at any time. A `continue` token lives
 * about five minutes; when it has expired (410) this throws RetryLater, as the pages before it are then from
 * another moment than the ones after it.
 */
export async function* pages<T>(
  api: KubernetesApi,
  call: Pick<ApiCall, "path" | "resource" | "query" | "signal">,
  parse: (item: unknown) => T,
): AsyncGenerator<readonly T[]> {
  const ask = (next?: string): Promise<unknown> => {
    const query = { ...call.query, limit: String(PAGE), ...(next && { continue: next }) };
    const answer = page(api, { ...call, query, method: "GET", verb: "list" });
    // Nobody awaits it when the page before it could not be read.
    answer.catch(() => {});
    return answer;
  };
  let answer: Promise<unknown> | undefined = ask();
  while (answer) {
    const list: z.infer<typeof listShape> = readAs(listShape, await answer, `list of ${call.resource}`);
    const { metadata, items } = list;
    // The server works on the next page while this one is read.
    answer = metadata.continue ? ask(metadata.continue) : undefined;
    yield (items ?? []).map(parse);
  }
}

/** All pages together. */
export async function collect<T>(source: AsyncIterable<readonly T[]>): Promise<T[]> {
  const found: T[] = [];
  for await (const some of source) found.push(...some);
  return found;
}

async function page(api: KubernetesApi, call: ApiCall): Promise<unknown> {
  try {
    return await api.call(call);
  } catch (error) {
    if (!hasStatus(error, 410)) throw error;
    throw new RetryLater(
      `the list of ${call.resource} in cluster "${api.cluster}" took longer than the server keeps it: the next run lists anew`,
      { call: `kubernetes:list ${call.resource}`, cause: error },
    );
  }
}
