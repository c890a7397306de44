import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { BatchReader } from "../../../../functions/ingest-events/run/batch-reader.ts";
import { landingOf } from "../policies.ts";
import { batchOf } from "../records.ts";

const ROUTES = {
  mode: "route",
  routes: [
    { mode: "append", table: "landed", id: "id", when: { kind: [{ prefix: "order." }] } },
    { mode: "drop", when: { kind: ["heartbeat"] } },
    { mode: "append", table: "landed", id: "id", when: { amount: [{ numeric: [">", 10] }] } },
  ],
};

describe("routes", () => {
  const partOf = (event: object) => {
    const part = new BatchReader(batchOf(JSON.stringify(event)), landingOf(ROUTES), () => true).next();
    return [[...part.writes.values()].flat().length, part.dropped, part.unfit.map(({ reason }) => reason)];
  };

  it.each([
    [{ id: "a", kind: "order.placed" }, [1, 0, []]],
    [{ id: "a", kind: "order.placed", amount: 11 }, [2, 0, []]],
    [{ id: "a", amount: 11 }, [1, 0, []]],
    [{ id: "a", kind: "heartbeat", amount: 11 }, [0, 1, []]],
    [{ id: "a", kind: "other" }, [0, 0, ["no-route"]]],
  ])("%j: so many writes, so many dropped, and why it is quarantined", (event, expected) =>
    expect(partOf(event)).toEqual(expected),
  );
});

describe("parts", () => {
  const landing = landingOf({ mode: "append", id: "id" });

  it("is one for a batch of the common size", () => {
    const reader = new BatchReader(batchOf('{"id":"a"}', '{"id":"b"}'), landing, () => true);
    reader.next();
    expect(reader.isDone).toBe(true);
  });

  it("are several for one that opens to more, and hold no more than so much at once", () => {
    const full = gzipSync(JSON.stringify({ id: "a", x: "x".repeat(400_000) }));
    const reader = new BatchReader(batchOf(...Array(200).fill(full)), landing, () => true);
    const sizes: number[] = [];
    while (!reader.isDone) {
      const writes = [...reader.next().writes.values()].flat();
      sizes.push(writes.reduce((sum, { item }) => sum + item.json.length, 0));
    }
    expect(sizes.length).toBe(5);
    expect(Math.max(...sizes)).toBeLessThan(18 * 1024 * 1024);
  });

  it("count what is held of an event beside its item, where a record holds several", () => {
    const chosen = landingOf({ mode: "append", id: "id", fields: { kind: "kind" }, explode: "lines" });
    const record = gzipSync(`{"id":"a","kind":"k","x":"${"x".repeat(3_000_000)}"}\n`);
    const reader = new BatchReader(batchOf(...Array(12).fill(record)), chosen, () => true);
    const events: number[] = [];
    while (!reader.isDone) events.push(reader.next().events);
    expect(events).toEqual([6, 6, 0]);
  });

  it("builds nothing larger than an item of what opens to 4 MiB", () => {
    const bomb = gzipSync(`{"id":"a","x":[${Array(200_000).fill("{                 }").join(",")}]}`);
    const { unfit, writes } = new BatchReader(batchOf(bomb, '{"id":"b"}'), landing, () => true).next();
    expect(unfit).toMatchObject([{ reason: "refused", detail: expect.stringContaining("bytes or more") }]);
    expect([...writes.values()].flat()).toHaveLength(1);
  });

  it("stop where the time is over, and say where", () => {
    let events = 0;
    const reader = new BatchReader(
      batchOf('{"id":"a"}', '{"id":"b"}', '{"id":"c"}'),
      landing,
      () => ++events <= 2,
    );
    expect(reader.next().events).toBe(2);
    expect([reader.isDone, reader.unreadFrom]).toEqual([true, 2]);
  });
});
