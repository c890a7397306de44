import { describe, expect, it } from "vitest";
import { type Attempt, Delivery } from "../../../sandbox/event-source-mapping/delivery.ts";
import type { Condition } from "../../../sandbox/event-source-mapping/discarded.ts";
import type { StreamRecord } from "../../../sandbox/event-source-mapping/record.ts";
import { NOW, SETTINGS, streamRecords } from "./stream-records.ts";

const done: Attempt = { kind: "answered", requestId: "r", payload: "" };
const failed: Attempt = { kind: "failed", requestId: "r", error: "Unhandled" };
const from = (itemIdentifier: string): Attempt => ({
  kind: "answered",
  requestId: "r",
  payload: JSON.stringify({ batchItemFailures: [{ itemIdentifier }] }),
});

/** A delivery whose function answers as given, and then with success. */
function delivery(answers: readonly Attempt[], settings: Partial<typeof SETTINGS> = {}) {
  let now = NOW;
  const script = answers.values();
  const invoked: string[] = [];
  const discarded: [string, Condition, number][] = [];
  const sequences = (batch: readonly StreamRecord[]) =>
    batch.map(({ sequenceNumber }) => sequenceNumber).join(" ");
  const made = new Delivery({
    settings: { ...SETTINGS, ...settings },
    now: () => now,
    invoke: async (batch) => {
      invoked.push(sequences(batch));
      return script.next().value ?? done;
    },
    discard: async (batch, condition, { count }) => void discarded.push([sequences(batch), condition, count]),
  });
  const until = async (seconds: number) => {
    now = NOW + seconds * 1000;
    await made.step();
  };
  return { made, invoked, discarded, until };
}

describe("Delivery", () => {
  it("brings batches one after the other", async () => {
    const { made, invoked, until } = delivery([]);
    made.add(streamRecords(2));
    made.add(streamRecords(1));
    await until(0);
    expect(invoked).toEqual(["1 2", "1"]);
    expect(made.isIdle()).toBe(true);
  });

  it("comes again with what is not done, after a pause", async () => {
    const { made, invoked, until } = delivery([from("3")]);
    made.add(streamRecords(4));
    await until(0);
    await until(0.4);
    expect(invoked).toEqual(["1 2 3 4"]);
    await until(0.5);
    expect(invoked).toEqual(["1 2 3 4", "3 4"]);
  });

  it("takes any answer as success where item failures are not asked for", async () => {
    const { made, invoked, until } = delivery([from("3")], { reportsItemFailures: false });
    made.add(streamRecords(4));
    await until(99);
    expect(invoked).toEqual(["1 2 3 4"]);
  });

  it("waits twice as long after each failure, a minute at most", async () => {
    const { made, invoked, until } = delivery(Array(10).fill(failed));
    made.add(streamRecords(1));
    const at: number[] = [];
    for (let tenth = 0; tenth < 3000; tenth += 1) {
      const before = invoked.length;
      await until(tenth / 10);
      if (invoked.length > before) at.push(tenth / 10);
    }
    expect(at).toEqual([0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 63.5, 123.5, 183.5, 243.5]);
  });

  it("splits a failed batch in two, again and again, until the bad record is alone", async () => {
    const { made, invoked, until } = delivery([failed, failed, failed], { bisect: true, maxRetries: 0 });
    made.add(streamRecords(4));
    for (let second = 0; second < 10; second += 1) await until(second);
    expect(invoked).toEqual(["1 2 3 4", "1 2", "1", "2", "3 4"]);
  });

  it("gives up after the retries, and reports where the batch stood; splits are no retries", async () => {
    const { made, invoked, discarded, until } = delivery(Array(5).fill(failed), {
      bisect: true,
      maxRetries: 2,
    });
    made.add(streamRecords(2));
    for (let second = 0; second < 30; second += 1) await until(second);
    expect(invoked).toEqual(["1 2", "1", "1", "1", "2", "2"]);
    expect(discarded).toEqual([["1", "RetryAttemptsExhausted", 4]]);
  });

  it("gives up only the records that are too old", async () => {
    const { made, invoked, discarded, until } = delivery([], { maxAgeMs: 60_000 });
    const [old, young] = [streamRecords(1), streamRecords(2, { arrivedAt: NOW + 30_000 }).slice(1)];
    made.add([...old, ...young]);
    await until(61);
    expect(discarded).toEqual([["1", "RecordAgeExceeded", 0]]);
    expect(invoked).toEqual(["2"]);
  });

  it("counts no retry when Lambda had no room", async () => {
    const { made, invoked, discarded, until } = delivery([{ kind: "throttled" }, { kind: "throttled" }], {
      maxRetries: 0,
    });
    made.add(streamRecords(1));
    for (let second = 0; second < 10; second += 1) await until(second);
    expect(invoked).toEqual(["1", "1", "1"]);
    expect(discarded).toEqual([]);
  });
});
