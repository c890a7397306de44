import { DynamoDBClient, ResourceNotFoundException } from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { describe, expect, it } from "vitest";
import { ingestSchema } from "../../../../functions/ingest-events/config/policy.ts";
import { readKinesisEvent } from "../../../../functions/ingest-events/decode/kinesis-event.ts";
import { ingestEvents } from "../../../../functions/ingest-events/ingest-events.ts";
import type {
  Quarantine,
  QuarantinedRecord,
} from "../../../../functions/ingest-events/quarantine/quarantine.ts";
import { type IngestContext, ingest } from "../../../../functions/ingest-events/run/pipeline.ts";
import { aggregate } from "../../../../sandbox/kinesis/kpl-aggregate.ts";
import { Misconfigured } from "../../../../shared/lambda/errors.ts";
import { budgetOfMs } from "../budgets.ts";
import { APPEND_ONCE, landingBy, landingOf, policyOf } from "../policies.ts";
import { kinesisEvent, kinesisRecord } from "../records.ts";
import { runStandIn } from "../run-stand-in.ts";
import { TableModel } from "../table-model.ts";

function rig(more: Partial<IngestContext> = {}) {
  const policy = more.landing?.routes[0]?.policy ?? APPEND_ONCE;
  const model = new TableModel(policy);
  const quarantined: QuarantinedRecord[] = [];
  const quarantine: Quarantine = {
    send: async (bodies) => {
      quarantined.push(...bodies.map((body): QuarantinedRecord => JSON.parse(body)));
      return [];
    },
    store: async () => undefined,
  };
  const landing: IngestContext = {
    landing: landingBy(policy),
    tableOf: () => model.table(),
    quarantine,
    budget: () => budgetOfMs(1000),
    observeOnly: false,
    ...more,
  };
  const run = runStandIn();
  const land = (...datas: readonly (string | Uint8Array)[]) => {
    const batch = readKinesisEvent(
      kinesisEvent(datas.map((data, index) => kinesisRecord(data, String(90 + index)))),
    );
    if (batch === undefined) throw new Error("no records");
    return ingest(batch, landing, run);
  };
  const redrive = (...datas: readonly string[]) => {
    const { Records } = kinesisEvent(datas.map((data, index) => kinesisRecord(data, String(90 + index))));
    const batch = readKinesisEvent({ Records, redrive: { overwrite: false } });
    if (batch === undefined) throw new Error("no records");
    return ingest(batch, landing, run);
  };
  return { land, redrive, run, model, quarantined };
}

const done = { batchItemFailures: [] };
const from = (itemIdentifier: string) => ({ batchItemFailures: [{ itemIdentifier }] });
const unanswering = {
  tableOf: () => ({
    maxWrites: 1,
    callsInFlight: 1,
    write: async (writes) => writes.map(() => ({ kind: "again" as const, mayBeApplied: false })),
  }),
} satisfies Partial<IngestContext>;
const refusing: Quarantine = { send: async (bodies) => [...bodies.keys()], store: async () => undefined };

describe("ingest", () => {
  it("stores, recognises duplicates and quarantines, and then all is done", async () => {
    const { land, run, model, quarantined } = rig();
    const report = await land('{"id":"a"}', '{"id":"a"}', "poison", '{"id":"a","x":1}', '{"id":"b"}');
    expect(report).toEqual(done);
    expect([...model.items.keys()]).toEqual(['["a"]', '["b"]']);
    expect(quarantined.map(({ reason, sequenceNumber }) => [reason, sequenceNumber])).toEqual([
      ["not-json", "92"],
      ["conflict", "93"],
    ]);
    expect(Object.fromEntries(run.counts)).toMatchObject({
      Received: 5,
      Stored: 2,
      Duplicates: 1,
      Superseded: 0,
      Conflicts: 1,
      Quarantined: 1,
      Dropped: 0,
      Unfinished: 0,
      Retries: 0,
      IteratorAge: 0,
    });
  });

  it("says to a redrive how many events are in the quarantine again, and to Lambda nothing of it", async () => {
    const events = ['{"id":"1","v":1}', '{"id":"1","v":2}', "{", "["] as const;
    expect(await rig().redrive(...events)).toEqual({ ...done, quarantined: 3 });
    expect(await rig().redrive('{"id":"1"}')).toEqual(done);
    expect(await rig().land(...events)).toEqual(done);
    // What the queue has not taken is to come again: it is in no quarantine.
    expect(await rig({ quarantine: refusing }).redrive("{")).toEqual(from("90"));
  });

  it("overwrites nothing of what another route of the batch wrote to the same table", async () => {
    const by = (kind: string) => ({ mode: "append", table: "landed", id: "id", when: { kind: [kind] } });
    const landing = landingOf({ mode: "route", routes: [by("a"), by("b")] });
    const model = new TableModel(policyOf({ mode: "append", id: "id" }));
    const { land, run, quarantined } = rig({
      landing,
      tableOf: (_policy, redrive) =>
        model.table(undefined, redrive === undefined ? "by its mode" : "on condition"),
    });
    const first = '{"id":"x","kind":"a"}';
    expect(await land(first, '{"id":"x","kind":"b"}', first, '{"id":"y","kind":"b"}')).toEqual(done);
    expect([...model.items.values()].map(({ kind }) => kind?.S)).toEqual(["a", "b"]);
    expect(quarantined.map(({ reason, sequenceNumber }) => [reason, sequenceNumber])).toEqual([
      ["conflict", "91"],
    ]);
    expect(Object.fromEntries(run.counts)).toMatchObject({
      Received: 4,
      Stored: 2,
      Duplicates: 1,
      Conflicts: 1,
    });
  });

  it("annotates one stage each with its counts", async () => {
    const { land, run } = rig();
    await land('{"id":"a"}', "poison");
    const resource = "stream/events";
    expect(Object.fromEntries(run.stages)).toEqual({
      decode: { resource, shard: "shardId-000000000000", records: 2, events: 1, poison: 1 },
      plan: { resource, keys: 1, poison: 0 },
      quarantine: { resource, reason: "not-json", quarantined: 1, notQuarantined: 0 },
      write: {
        resource,
        table: "landed",
        stored: 1,
        duplicates: 0,
        superseded: 0,
        conflicts: 0,
        unfinished: 0,
        retries: 0,
      },
      report: { resource, unfinished: 0, from: "" },
    });
  });

  it("reports the lowest record that is not done, compared as a number", async () => {
    const { land } = rig(unanswering);
    const eleven = Array.from({ length: 11 }, (_none, index) => `{"id":"${index}"}`);
    expect(await land(...eleven)).toEqual(from("90"));
  });

  it("reports the parent for a sub-record that is not done", async () => {
    const { land } = rig({ budget: () => budgetOfMs(1000), quarantine: refusing });
    const data = ['{"id":"a"}', "poison"].map((text) => ({ partitionKey: "k", data: Buffer.from(text) }));
    expect(await land('{"id":"z"}', aggregate(data))).toEqual(from("91"));
  });

  it("changes nothing for the siblings when the parent comes again", async () => {
    const { land, model, run } = rig();
    const data = aggregate(
      ["a", "b"].map((id) => ({ partitionKey: "k", data: Buffer.from(`{"id":"${id}"}`) })),
    );
    await land(data);
    const before = structuredClone([...model.items]);
    await land(data);
    expect([...model.items]).toEqual(before);
    expect(run.counts.get("Duplicates")).toBe(2);
  });

  it("reports a record that neither the table nor the queue has", async () => {
    const { land } = rig({ quarantine: refusing });
    expect(await land('{"id":"a"}', "poison", '{"id":"b"}')).toEqual(from("91"));
  });

  it("counts what the queue does not have as unfinished", async () => {
    const { land, run } = rig({ quarantine: refusing });
    await land('{"id":"a"}', "poison");
    expect(Object.fromEntries(run.counts)).toMatchObject({ Stored: 1, Quarantined: 0, Unfinished: 1 });
  });

  it("ends only when nothing is on its way to the queue any more, also when the table cannot be written", async () => {
    const sent: number[] = [];
    const { land } = rig({
      tableOf: () => ({
        ...unanswering.tableOf(),
        write: async () => Promise.reject(new Misconfigured("no such table")),
      }),
      quarantine: {
        send: async (bodies) => {
          for (let turn = 0; turn < 50; turn += 1) await null;
          sent.push(bodies.length);
          return [];
        },
        store: async () => undefined,
      },
    });
    await expect(land("poison", '{"id":"a"}')).rejects.toThrow("no such table");
    expect(sent).toEqual([1]);
  });

  it("quarantines poison also when the table does not answer", async () => {
    const { land, quarantined } = rig(unanswering);
    expect(await land("poison", '{"id":"a"}')).toEqual(from("91"));
    expect(quarantined.length).toBe(1);
  });

  it("stands in for a missing id with the place, and counts it", async () => {
    const { land, run, model } = rig();
    await land('{"x":1}');
    expect([...model.items.keys()]).toEqual(['["events/shardId-000000000000:90:0"]']);
    expect(run.counts.get("IdsFromPosition")).toBe(1);
  });

  it("counts the events that stay for good for want of a time", async () => {
    const policy = policyOf({ mode: "append", id: "id", timeToLive: { from: "at", days: 1 } });
    const { land, run } = rig({ landing: landingBy(policy) });
    await land('{"id":"a"}');
    expect(run.counts.get("WithoutTime")).toBe(1);
  });

  it("in observe mode writes nothing, and acknowledges nothing: the checkpoint stays", async () => {
    const { land, run, model, quarantined } = rig({ observeOnly: true });
    expect(await land('{"id":"a"}', "poison")).toEqual({
      ...from("90"),
      reason: "mode is observe: nothing was written, and nothing is acknowledged",
    });
    expect([model.items.size, quarantined.length]).toEqual([0, 0]);
    expect(Object.fromEntries(run.counts)).toMatchObject({ Received: 2, Unfinished: 2 });
  });
});

describe("ingestEvents", () => {
  const config = ingestSchema.parse({
    tables: { landed: { partitionKey: "id" } },
    streams: { other: { table: "landed", mode: "append", id: "id" } },
  });
  const refuse = () => {
    throw new Error("nothing should be quarantined");
  };
  const client = new DynamoDBClient({});

  it("answers an event without records", async () => {
    const given = { config, dynamo: client, dynamoAs: () => client, quarantine: refuse, observeOnly: false };
    expect(await ingestEvents({ Records: [] }, runStandIn(), given)).toEqual(done);
  });

  it("reports the first record of a stream that the config does not know, and throws nothing to bisect", async () => {
    const given = { config, dynamo: client, dynamoAs: () => client, quarantine: refuse, observeOnly: false };
    const event = kinesisEvent([kinesisRecord("{}", "7"), kinesisRecord("{}", "8")]);
    const run = runStandIn();
    expect(await ingestEvents(event, run, given)).toEqual({
      ...from("7"),
      reason: expect.stringContaining("ingest.streams.events: is missing"),
    });
    expect(Object.fromEntries(run.counts)).toEqual({
      Blocked: 1,
      IteratorAge: 0,
      Received: 2,
      Unfinished: 2,
    });
  });

  it.each<[string, Error]>([
    ["no such table", new ResourceNotFoundException({ $metadata: { httpStatusCode: 400 }, message: "no" })],
    ["no permission", Object.assign(new Error("no"), { name: "AccessDeniedException" })],
  ])("reports the first record where a person has to repair something: %s", async (_what, error) => {
    const dynamo = new DynamoDBClient({});
    mockClient(dynamo).rejects(error);
    const given = { config, dynamo, dynamoAs: () => dynamo, quarantine: () => refusing, observeOnly: false };
    const event = kinesisEvent(
      [kinesisRecord('{"id":"a"}', "7"), kinesisRecord('{"id":"b"}', "8")],
      undefined,
      "arn:aws:kinesis:us-east-1:000000000000:stream/other",
    );
    expect(await ingestEvents(event, runStandIn(), given)).toMatchObject(from("7"));
  });

  it("throws for an event that is none of Kinesis: there is no record to report", async () => {
    const given = { config, dynamo: client, dynamoAs: () => client, quarantine: refuse, observeOnly: false };
    await expect(ingestEvents({ detail: {} }, runStandIn(), given)).rejects.toThrow(Misconfigured);
  });
});
