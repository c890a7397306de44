import * as z from "zod/mini";
import { RetryLater } from "../lambda/errors.ts";
import type { ApiCall, KubernetesApi } from "./api.ts";
import { hasStatus } from "./errors.ts";
import { readAs } from "./parse.ts";

/** kubectl's own page size: large enough for few rounds, small enough for bounded memory on both sides. */
const PAGE = 500;

const listShape = z.object({
  metadata: z.object({ continue: z.optional(z.string()) }),
  // An empty list may come as null.
  items: z.nullable(z.array(z.unknown())),
});

/**
 * The list, page by page: only one page of raw objects is in memory at any time. A `continue` token lives
 * about five minutes; when it has expired (410) this throws RetryLater, as the pages before it are then from
 * another moment than the ones after it.
 */
export async function* pages<T>(
  api: KubernetesApi,
  call: Pick<ApiCall, "path" | "resource" | "query" | "signal">,
  parse: (item: unknown) => T,
): AsyncGenerator<readonly T[]> {
  let next: string | undefined;
  do {
    const query = { ...call.query, limit: String(PAGE), ...(next && { continue: next }) };
    const list = readAs(
      listShape,
      await page(api, { ...call, query, method: "GET", verb: "list" }),
      `list of ${call.resource}`,
    );
    yield (list.items ?? []).map(parse);
    next = list.metadata.continue || undefined;
  } while (next);
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
