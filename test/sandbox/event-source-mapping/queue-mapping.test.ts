import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { createClock } from "../../../sandbox/clock/clock.ts";
import type { Attempt } from "../../../sandbox/event-source-mapping/delivery.ts";
import { createQueueMapping } from "../../../sandbox/event-source-mapping/queue-mapping.ts";
import { createQueue } from "../../../sandbox/sqs/queue.ts";

const ARN = "arn:aws:sqs:us-east-1:000000000000:q";
const event = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });

/** A queue whose messages a, b and c are brought to a function that answers what is given. */
async function bring(answer: (ids: ReadonlyMap<string, string>) => Attempt) {
  const clock = createClock({ speed: 0, start: 0 });
  const queue = createQueue({ name: "q", arn: ARN, visibilityMs: 30_000, retentionMs: 1e9 }, () =>
    clock.now(),
  );
  const batches: string[][] = [];
  createQueueMapping(
    "Mapping",
    {
      EventSourceArn: ARN,
      FunctionName: "deliver",
      BatchSize: 2,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    },
    {
      clock,
      queue: () => queue,
      roleOf: () => "role",
      attempt: async (_, sent) => {
        const { Records } = event.parse(sent);
        batches.push(Records.map(({ body }) => body));
        return answer(new Map(Records.map(({ body, messageId }) => [body, messageId])));
      },
    },
  );
  for (const body of ["a", "b", "c"]) queue.send(body);
  await clock.advance(1000);
  const left = queue.messages().map(({ body }) => body);
  await clock.advance(31_000);
  clock.stop();
  return { batches, left };
}

const answered = (report: unknown): Attempt => ({
  kind: "answered",
  requestId: "1",
  payload: JSON.stringify(report),
});

describe("the mapping of a queue", () => {
  it("brings batches of its size and deletes what is done", async () => {
    const { batches, left } = await bring(() => answered({ batchItemFailures: [] }));
    expect([batches, left]).toEqual([[["a", "b"], ["c"]], []]);
  });
  it("brings what was reported as failed again after the visibility timeout, and only that", async () => {
    const { batches, left } = await bring((ids) =>
      answered({ batchItemFailures: ids.has("b") ? [{ itemIdentifier: ids.get("b") }] : [] }),
    );
    expect([batches[2], left]).toEqual([["b"], ["b"]]);
  });
  it.each([
    ["of a run that failed", { kind: "failed", requestId: "1", error: "Unhandled" } satisfies Attempt],
    [
      "of a report that names what is not in the batch",
      answered({ batchItemFailures: [{ itemIdentifier: "?" }] }),
    ],
  ])("keeps all %s", async (_, attempt) => {
    expect((await bring(() => attempt)).left).toEqual(["a", "b", "c"]);
  });
});
