import * as z from "zod/mini";
import type { Upstream, UpstreamResponse } from "../endpoint/upstream.ts";
import type { AwsRequest } from "../service.ts";

/** Request units, as DynamoDB bills them on demand. */
export interface RequestUnits {
  readonly read: number;
  readonly write: number;
}

const READS: ReadonlySet<string> = new Set(["GetItem", "Query", "Scan", "BatchGetItem"]);
const WRITES: ReadonlySet<string> = new Set(["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"]);

const inputShape = z.looseObject({ ReturnConsumedCapacity: z.optional(z.string()) });
const capacity = z.object({ CapacityUnits: z.number() });
const outputShape = z.looseObject({
  ConsumedCapacity: z.optional(z.union([capacity, z.array(capacity)])),
});

/** Counts what every call to `upstream` consumes: it is asked, and the answer is as the caller wants it. */
export function countedUpstream(upstream: Upstream): { upstream: Upstream; units(): RequestUnits } {
  let read = 0;
  let write = 0;
  return {
    units: () => ({ read, write }),
    upstream: {
      ...upstream,
      async forward(request) {
        const operation = request.headers["x-amz-target"]?.split(".").at(-1) ?? "";
        const isWrite = WRITES.has(operation);
        if (!isWrite && !READS.has(operation)) return upstream.forward(request);
        const { asked, wanted } = asking(request);
        const response = await upstream.forward(asked);
        const { units, answer } = unitsIn(response, wanted);
        // A write whose condition does not hold is billed too.
        if (isWrite) write += units ?? 1;
        else read += units ?? 0;
        return answer;
      },
    },
  };
}

/** The request with a question for its units, and whether the caller asked that itself. */
function asking(request: AwsRequest): { asked: AwsRequest; wanted: boolean } {
  const input = inputShape.safeParse(parsed(request.body));
  if (!input.success) return { asked: request, wanted: true };
  const { ReturnConsumedCapacity = "NONE" } = input.data;
  if (ReturnConsumedCapacity !== "NONE") return { asked: request, wanted: true };
  const body = Buffer.from(JSON.stringify({ ...input.data, ReturnConsumedCapacity: "TOTAL" }));
  return { asked: { ...request, body }, wanted: false };
}

/** Dynalite's answers carry a checksum, of which a changed one is left out: the SDKs check what is there. */
function unitsIn(
  response: UpstreamResponse,
  wanted: boolean,
): { units: number | undefined; answer: UpstreamResponse } {
  const output = outputShape.safeParse(parsed(response.body));
  if (response.status >= 400 || !output.success) return { units: undefined, answer: response };
  const { ConsumedCapacity, ...rest } = output.data;
  const consumed = [ConsumedCapacity ?? []].flat();
  const units = consumed.reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
  if (wanted) return { units, answer: response };
  const { "x-amz-crc32": _, ...headers } = response.headers;
  return { units, answer: { ...response, headers, body: Buffer.from(JSON.stringify(rest)) } };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
