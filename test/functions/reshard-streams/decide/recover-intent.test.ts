import { expect, it } from "vitest";
import {
  afterRecovery,
  interruptedRun,
} from "../../../../functions/reshard-streams/decide/recover-intent.ts";
import { entry, history, NOW, stream } from "../stream.ts";

const { intent } = entry(NOW - 120_000, { from: 2, to: 4 });
const dead = history({ pending: intent, leasedUntil: NOW });

it("is applied when the stream shows what was intended", () => {
  expect(interruptedRun(dead, stream(4, 1), NOW)).toEqual({
    intent,
    outcome: {
      result: "applied",
      at: NOW,
      detail: "its run left no outcome; the stream has 4 open shards",
    },
  });
});

it("is lost when the stream shows something else", () => {
  expect(interruptedRun(dead, stream(2, 1), NOW)).toEqual({
    intent,
    outcome: {
      result: "lost",
      at: NOW,
      detail: "its run left no outcome; the stream has 2 open shards, not 4",
    },
  });
});

it.each([
  ["nothing is pending", history(), stream(4, 1)],
  ["its run may still be at work", { ...dead, leasedUntil: NOW + 1 }, stream(4, 1)],
  ["the stream is still being changed", dead, stream(4, 1, { status: "UPDATING" })],
])("is in doubt while %s", (_, known, seen) => {
  expect(interruptedRun(known, seen, NOW)).toBeUndefined();
});

it("is notified as it is, and the next minute decides", () => {
  const lost = {
    intent,
    outcome: { result: "lost" as const, at: NOW, detail: "the stream has 2 open shards, not 4" },
  };
  expect(afterRecovery(lost)).toMatchObject({
    kind: "hold",
    verdict: "recovered",
    notify: true,
    requeue: true,
    reasons: [
      "kinesis:UpdateShardCount 2 -> 4, started at 2026-11-21T11:58Z: it was not applied; the stream has 2 open shards, not 4",
    ],
  });
});
