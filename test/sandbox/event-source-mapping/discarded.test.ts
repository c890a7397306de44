import { expect, it } from "vitest";
import { discardedKey, sendDiscarded } from "../../../sandbox/event-source-mapping/discarded.ts";

const NOW = Date.parse("2026-11-21T12:00:01Z");

async function sentTo(onFailureArn: string | undefined) {
  const sent: unknown[] = [];
  const discarded = { info: { version: "1.0" }, event: { Records: [1] }, key: "k" };
  await sendDiscarded(
    discarded,
    { onFailureArn, functionName: "f" },
    {
      toQueue: (arn, body) => void sent.push([arn, JSON.parse(body)]),
      toBucket: (bucket, key, body) => void sent.push([bucket, key, JSON.parse(String(body))]),
      deliveries: { toTopic: async (arn, { message }) => void sent.push([arn, JSON.parse(message)]) },
      log: (line) => void sent.push(line),
    },
  );
  return sent;
}

it.each([
  ["arn:aws:sqs:us-east-1:0:q", ["arn:aws:sqs:us-east-1:0:q", { version: "1.0" }]],
  ["arn:aws:sns:us-east-1:0:t", ["arn:aws:sns:us-east-1:0:t", { version: "1.0" }]],
  ["arn:aws:s3:::b", ["b", "k", { version: "1.0", payload: '{"Records":[1]}' }]],
  [undefined, "f: a batch is discarded: the mapping has no on-failure destination."],
])("sends %s the batch that was discarded; a bucket gets its records too", async (arn, expected) =>
  expect(await sentTo(arn)).toEqual([expected]),
);

it("names the object as Lambda does", () => {
  expect(discardedKey("shardId-0", NOW)).toMatch(
    /^aws\/lambda\/[0-9a-f-]{36}\/shardId-0\/2026\/11\/21\/2026-11-21T12\.00\.01-[0-9a-f-]{36}$/,
  );
});
