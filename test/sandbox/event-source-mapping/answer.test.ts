import { expect, it } from "vitest";
import { checkpoint } from "../../../sandbox/event-source-mapping/answer.ts";
import { streamRecords } from "./stream-records.ts";

const failures = (...identifiers: unknown[]) =>
  JSON.stringify({ batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })) });

it.each([
  ["nothing", "", 4],
  ["null", "null", 4],
  ["an empty object", "{}", 4],
  ["an empty list", "[]", 4],
  ["no failures", failures(), 4],
  ["null for failures", '{"batchItemFailures":null}', 4],
  ["one failure", failures("3"), 2],
  ["several failures", failures("4", "2", "3"), 1],
  ["the first", failures("1"), 0],
  ["an empty identifier", failures("3", ""), 0],
  ["no identifier", '{"batchItemFailures":[{"itemIdentifier":null}]}', 0],
  ["an identifier that is not in the batch", failures("3", "99"), 0],
  ["failures that are no list", '{"batchItemFailures":"3"}', 0],
  ["a text", '"done"', 0],
])("takes %s as Lambda does", (_what, payload, done) => {
  expect(checkpoint(payload, streamRecords(4))).toBe(done);
});
