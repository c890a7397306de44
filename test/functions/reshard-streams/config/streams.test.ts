import { expect, test } from "vitest";
import {
  managedStreams,
  policyFor,
  streamPolicies,
} from "../../../../functions/reshard-streams/config/streams.ts";

const POLICIES = streamPolicies.parse({
  "tmp-*": { ignore: true },
  legacy: { ignore: true },
  "*": { max: 4 },
});

test.each([
  ["orders", 4],
  ["legacy", undefined],
  ["tmp-1", undefined],
])("%s is managed up to %s shards", (stream, max) => {
  expect(policyFor(POLICIES, stream)?.max).toBe(max);
});

test("what is ignored is not among what is managed", () => {
  expect(Object.keys(managedStreams(POLICIES))).toEqual(["*"]);
});
