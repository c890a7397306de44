import { expect, it } from "vitest";
import { outcomeOfPending } from "../../../functions/reshard-streams/settle.ts";
import { entry, history, NOW, stream } from "./stream.ts";

const { intent } = entry(NOW - 120_000, { from: 2, to: 4 });
const dead = history({ pending: intent, leasedUntil: NOW });

it("is applied when the stream shows what was intended", () => {
  expect(outcomeOfPending(dead, stream(4, 1), NOW)).toEqual({
    result: "applied",
    at: NOW,
    detail: "its run left no outcome; the stream shows 4 open shards",
  });
});

it("is lost when the stream shows something else", () => {
  expect(outcomeOfPending(dead, stream(2, 1), NOW)).toEqual({
    result: "lost",
    at: NOW,
    detail: "its run left no outcome; the stream shows 2 open shards, not 4",
  });
});

it.each([
  ["nothing is pending", history(), stream(4, 1)],
  ["its run may still be at work", { ...dead, leasedUntil: NOW + 1 }, stream(4, 1)],
  ["the stream is still being changed", dead, stream(4, 1, { status: "UPDATING" })],
])("cannot be told while %s", (_, known, seen) => {
  expect(outcomeOfPending(known, seen, NOW)).toBeUndefined();
});
