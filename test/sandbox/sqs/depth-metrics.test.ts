import { expect, it, onTestFinished } from "vitest";
import { createClock } from "../../../sandbox/clock/clock.ts";
import { createMetricStore } from "../../../sandbox/cloudwatch/metrics/store.ts";
import { publishDepths } from "../../../sandbox/sqs/depth-metrics.ts";
import { createSqs } from "../../../sandbox/sqs/sqs.ts";

const START = Date.UTC(2026, 10, 21, 10, 0, 30);
const MINUTE = 60_000;

it("every minute publishes how many messages wait in a queue, those in hand apart", async () => {
  const clock = createClock({ speed: 0, start: START });
  onTestFinished(() => clock.stop());
  const store = createMetricStore();
  const sqs = createSqs({ clock, endpointUrl: () => "http://127.0.0.1:4566" });
  await sqs.resources?.["AWS::SQS::Queue"]?.("Failed", { QueueName: "failed", VisibilityTimeout: 600 });
  publishDepths(sqs, store, clock);
  await clock.advance(MINUTE);
  sqs.queue("failed")?.send("a");
  sqs.queue("failed")?.send("b");
  sqs.queue("failed")?.receive(1);
  await clock.advance(MINUTE);
  const read = (name: string) => {
    const metric = { namespace: "AWS/SQS", name, dimensions: { QueueName: "failed" } };
    const from = Date.UTC(2026, 10, 21, 10, 0);
    const periods = store.read(metric, { from, to: from + 3 * MINUTE, periodMs: MINUTE });
    return [...periods.values()].map(({ max }) => max);
  };
  expect(read("ApproximateNumberOfMessagesVisible")).toEqual([0, 1]);
  expect(read("ApproximateNumberOfMessagesNotVisible")).toEqual([0, 1]);
});

it("publishes how old the oldest message is, and goes on for six hours without use", async () => {
  const clock = createClock({ speed: 0, start: START });
  onTestFinished(() => clock.stop());
  const store = createMetricStore();
  const sqs = createSqs({ clock, endpointUrl: () => "http://127.0.0.1:4566" });
  await sqs.resources?.["AWS::SQS::Queue"]?.("Failed", { QueueName: "failed" });
  publishDepths(sqs, store, clock);
  const minutes = (name: string) => {
    const metric = { namespace: "AWS/SQS", name, dimensions: { QueueName: "failed" } };
    const from = Date.UTC(2026, 10, 21, 10, 0);
    return [...store.read(metric, { from, to: from + 600 * MINUTE, periodMs: MINUTE })];
  };
  const count = () => minutes("ApproximateNumberOfMessagesVisible").length;

  // Used when it was created, and then not for nine hours.
  await clock.advance(540 * MINUTE);
  expect(count()).toBe(361);
  sqs.queue("failed")?.send("a");
  await clock.advance(15 * MINUTE);
  expect(count()).toBe(361);
  await clock.advance(5 * MINUTE);
  expect(count()).toBe(366);
  expect(minutes("ApproximateAgeOfOldestMessage").at(-1)?.[1].max).toBe(20 * 60 - 30);
});
