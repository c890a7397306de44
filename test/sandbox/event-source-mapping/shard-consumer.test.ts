import { describe, expect, it } from "vitest";
import type { StreamRecord } from "../../../sandbox/event-source-mapping/record.ts";
import { ShardConsumer } from "../../../sandbox/event-source-mapping/shard-consumer.ts";
import { NOW, SETTINGS, streamRecords } from "./stream-records.ts";

/** A consumer of a shard that has these records, and more when `put`. */
function consumer(records: readonly StreamRecord[], settings: Partial<typeof SETTINGS> = {}) {
  let now = NOW;
  const waiting = [...records];
  const state = { closed: false };
  const batches: StreamRecord[][] = [];
  const made = new ShardConsumer({
    settings: { ...SETTINGS, ...settings },
    now: () => now,
    reader: {
      read: async (limit) => ({
        records: waiting.splice(0, limit),
        closed: state.closed && waiting.length === 0,
      }),
    },
    invoke: async (batch) => {
      batches.push([...batch]);
      return { kind: "answered", requestId: "r", payload: "" };
    },
    discard: async () => {},
  });
  const step = async (seconds = 0) => {
    now = NOW + seconds * 1000;
    await made.step();
    return batches.map((batch) => batch.length);
  };
  return { made, batches, step, put: (more: readonly StreamRecord[]) => waiting.push(...more), state };
}

describe("ShardConsumer", () => {
  it("cuts batches at the batch size", async () => {
    const { step } = consumer(streamRecords(250));
    expect(await step()).toEqual([100, 100, 50]);
  });

  it("cuts batches at 6 MB of event", async () => {
    const { step } = consumer(streamRecords(10, { data: "x".repeat(1_400_000) }));
    expect(await step()).toEqual([4, 4, 2]);
  });

  it("passes over what its filter does not take, to the end of the shard", async () => {
    const filter = ({ sequenceNumber }: StreamRecord) => Number(sequenceNumber) % 50 === 0;
    const { made, batches, step, state } = consumer(streamRecords(250), { filter });
    state.closed = true;
    await step();
    expect(batches.flat().map(({ sequenceNumber }) => sequenceNumber)).toEqual([
      "50",
      "100",
      "150",
      "200",
      "250",
    ]);
    expect(made.isDrained()).toBe(true);
  });

  it("waits for more until the window is over", async () => {
    const { step, put } = consumer(streamRecords(1), { windowMs: 5_000 });
    expect(await step(0)).toEqual([]);
    put(streamRecords(1));
    expect(await step(4.9)).toEqual([]);
    expect(await step(5)).toEqual([2]);
  });

  it("does not wait when the batch is full, or the shard is closed", async () => {
    const full = consumer(streamRecords(100), { windowMs: 5_000 });
    expect(await full.step()).toEqual([100]);
    const closed = consumer(streamRecords(1), { windowMs: 5_000 });
    closed.state.closed = true;
    expect(await closed.step()).toEqual([1]);
  });

  it("keeps the order of each partition key when it deals a batch out", async () => {
    const records = streamRecords(300).map((record, index) => ({
      ...record,
      partitionKey: `key-${index % 7}`,
    }));
    const { batches, step } = consumer(records, { parallelizationFactor: 3 });
    await step();
    expect(batches.length).toBeGreaterThan(2);
    for (let key = 0; key < 7; key += 1) {
      const places = batches.flat().filter(({ partitionKey }) => partitionKey === `key-${key}`);
      expect(places).toEqual(records.filter(({ partitionKey }) => partitionKey === `key-${key}`));
    }
    expect(batches.every((batch) => batch.length <= 100)).toBe(true);
  });

  it("is drained when the shard is closed and everything is dealt with", async () => {
    const { made, step, state } = consumer(streamRecords(1));
    await step();
    expect(made.isDrained()).toBe(false);
    expect(made.isIdle()).toBe(true);
    state.closed = true;
    await step();
    expect(made.isDrained()).toBe(true);
  });
});
