import { describe, expect, it } from "vitest";
import { StoredItem } from "../../../../functions/ingest-events/plan/stored-item.ts";
import {
  type Quarantine,
  type QuarantinedRecord,
  quarantineAll,
  type Rejected,
} from "../../../../functions/ingest-events/quarantine/quarantine.ts";
import { budgetOfMs } from "../budgets.ts";
import { kinesisRecord } from "../records.ts";

const source = { stream: "events", shard: "shardId-0", records: [], traceId: "1-2-3", requestId: "request" };

function rejected(
  sequenceNumber: string,
  payload: string | Uint8Array,
  more: Partial<Rejected> = {},
): Rejected {
  return {
    origin: {
      position: Number(sequenceNumber),
      sequenceNumber,
      subSequenceNumber: 2,
      partitionKey: "key",
      arrivalMs: 1_700_000_000_123,
      payload: Buffer.from(payload),
    },
    reason: "not-json",
    detail: "no JSON",
    ...more,
  };
}

/** A queue that refuses the sends for which `refuses` answers places. */
function queue(refuses: (bodies: readonly string[], call: number) => readonly number[] = () => []) {
  const sent: string[][] = [];
  const stored = new Map<string, string>();
  const quarantine: Quarantine = {
    send: async (bodies) => {
      const refused = new Set(refuses(bodies, sent.length));
      sent.push(bodies.filter((_body, index) => !refused.has(index)));
      return [...refused];
    },
    store: async (key, document) => {
      stored.set(key, document);
      return { bucket: "the-bucket", key };
    },
  };
  const records = () => sent.flat().map((body): QuarantinedRecord => JSON.parse(body));
  return { quarantine, sent, stored, records };
}

describe("quarantineAll", () => {
  it("sends the record with its payload, reason, place and trace", async () => {
    const { quarantine, records } = queue();
    const payload = Buffer.from([0, 255, 1]);
    expect(await quarantineAll([rejected("7", payload)], source, quarantine, budgetOfMs(1000))).toEqual([]);
    expect(records()).toEqual([
      {
        reason: "not-json",
        detail: "no JSON",
        stream: "events",
        shard: "shardId-0",
        sequenceNumber: "7",
        subSequenceNumber: 2,
        partitionKey: "key",
        arrivedAt: "2023-11-14T22:13:20.123Z",
        traceId: "1-2-3",
        requestId: "request",
        payload: payload.toString("base64"),
      },
    ]);
  });

  it("names the trace in which a producer made it, beside that of the invocation", async () => {
    const { quarantine, records } = queue();
    const { origin, ...one } = rejected("7", "{}");
    const made = { ...one, origin: { ...origin, producerTraceId: "1-3-4" } };
    await quarantineAll([made], source, quarantine, budgetOfMs(1000));
    expect(records()[0]).toMatchObject({ traceId: "1-2-3", producerTraceId: "1-3-4" });
  });

  it("sends a conflict with both: the payload and what is stored", async () => {
    const { quarantine, records } = queue();
    // As DynamoDB writes it.
    const stored = new StoredItem(Buffer.from('{"id":{"S":"e"},"b":{"B":"AQI="}}'));
    await quarantineAll(
      [rejected("7", "{}", { reason: "conflict", stored })],
      source,
      quarantine,
      budgetOfMs(1000),
    );
    expect(records()[0]).toMatchObject({ payload: "e30=", stored: { id: { S: "e" }, b: { B: "AQI=" } } });
  });

  it("writes only characters that a message may hold, and they read back the same", async () => {
    const { quarantine, sent, records } = queue();
    const detail = "é \uffff \ud800 😀 \u0000";
    await quarantineAll([rejected("7", "{}", { detail })], source, quarantine, budgetOfMs(1000));
    expect(sent[0]?.[0]).toMatch(/^[\x20-\x7e]*$/);
    expect(records()[0]?.detail).toBe(detail);
  });

  it("sends at most ten messages a call, and at most 1 MiB", async () => {
    const { quarantine, sent } = queue();
    const small = Array.from({ length: 23 }, (_none, index) => rejected(String(index), "x"));
    const large = Array.from({ length: 3 }, (_none, index) =>
      rejected(String(100 + index), "x".repeat(400_000)),
    );
    await quarantineAll([...small, ...large], source, quarantine, budgetOfMs(1000));
    expect(sent.map((call) => call.length)).toEqual([10, 10, 4, 1, 1]);
    for (const call of sent) expect(Buffer.byteLength(call.join(""))).toBeLessThanOrEqual(1024 * 1024);
  });

  it("stores whole what is too large for a message, and says where", async () => {
    const { quarantine, stored, records } = queue();
    const payload = "x".repeat(900_000);
    await quarantineAll([rejected("7", payload)], source, quarantine, budgetOfMs(1000));
    const key = "events/shardId-0/7-2.json";
    expect(records()).toMatchObject([{ sequenceNumber: "7", document: { bucket: "the-bucket", key } }]);
    expect(records()[0]).not.toHaveProperty("payload");
    const document: QuarantinedRecord = JSON.parse(stored.get(key) ?? "");
    expect(Buffer.from(document.payload ?? "", "base64").toString()).toBe(payload);
  });

  it("sends a record of which more than ten events are rejected as a whole, in one message", async () => {
    const { quarantine, records } = queue();
    const ofOne = Array.from({ length: 11 }, () => rejected("1", "sub-record"));
    const all = [rejected("0", "x"), ...ofOne];
    const given = { ...source, records: [kinesisRecord("x", "0"), kinesisRecord("the aggregate", "1")] };
    expect(await quarantineAll(all, given, quarantine, budgetOfMs(1000))).toEqual([]);
    expect(records()).toMatchObject([
      { sequenceNumber: "0", subSequenceNumber: 2 },
      { sequenceNumber: "1", rejectedEvents: 11, payload: Buffer.from("the aggregate").toString("base64") },
    ]);
    expect(records()[1]).not.toHaveProperty("subSequenceNumber");
  });

  it("keeps the place of a redriven part of which more than ten events are rejected", async () => {
    const { quarantine, records } = queue();
    const { kinesis } = kinesisRecord("the sub-record", "1");
    const part = { kinesis: { ...kinesis, subSequenceNumber: 3 } };
    const rejectedOfIt = Array.from({ length: 11 }, (_none, eventNumber) => {
      const one = rejected("1", "event");
      return { ...one, origin: { ...one.origin, position: 0, subSequenceNumber: 3, eventNumber } };
    });
    await quarantineAll(rejectedOfIt, { ...source, records: [part] }, quarantine, budgetOfMs(1000));
    expect(records()).toMatchObject([{ sequenceNumber: "1", subSequenceNumber: 3, rejectedEvents: 11 }]);
  });

  it("gives back what is too large and could not be stored", async () => {
    const { quarantine } = queue();
    const one = rejected("7", "x".repeat(900_000));
    const refusing = { ...quarantine, store: async () => undefined };
    expect(await quarantineAll([one], source, refusing, budgetOfMs(1000))).toEqual([one]);
  });

  it("sends again what the queue refused", async () => {
    const { quarantine, records } = queue((_bodies, call) => (call === 0 ? [1] : []));
    const both = [rejected("1", "x"), rejected("2", "x")];
    expect(await quarantineAll(both, source, quarantine, budgetOfMs(1000))).toEqual([]);
    expect(records().map(({ sequenceNumber }) => sequenceNumber)).toEqual(["1", "2"]);
  });

  it("gives back what the queue keeps refusing, and only that", async () => {
    const { quarantine, sent } = queue((bodies) =>
      bodies.flatMap((body, index) => (body.includes('"2"') ? [index] : [])),
    );
    const [one, two] = [rejected("1", "x"), rejected("2", "x")];
    expect(await quarantineAll([one, two], source, quarantine, budgetOfMs(60_000))).toEqual([two]);
    expect(sent.length).toBe(4);
  });

  it("gives all back when there is no time", async () => {
    const { quarantine } = queue();
    const one = rejected("1", "x");
    expect(await quarantineAll([one], source, quarantine, budgetOfMs(0))).toEqual([one]);
  });
});
