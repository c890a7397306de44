import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import type { History } from "../../../shared/ledger/entry.ts";
import { createKeptValue } from "../../../shared/ledger/kept-value.ts";
import { createLedger } from "../../../shared/ledger/ledger.ts";
import { createOutbox } from "../../../shared/ledger/outbox.ts";
import { entryName, itemKey } from "../../../shared/ledger/outbox-item.ts";
import { scaleOut } from "../notify/notifications.ts";
import { intent } from "./intents.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const LATER = { result: "applied", at: NOW + 90_000 } as const;
const { signal } = new AbortController();

/** Makes every call that the ledger knows, on a table in which something stands and waits. */
async function allCalls() {
  const client = new DynamoDBClient({});
  const mock = mockClient(client);
  const outgoing = { notification: scaleOut(), claimedUntil: NOW };
  const waiting = { ...itemKey("stream/a", "head"), [entryName("n")]: { S: JSON.stringify(outgoing) } };
  mock.on(QueryCommand).resolves({ Items: [waiting] });
  mock.on(GetItemCommand).resolves({}).on(PutItemCommand).resolves({}).on(UpdateItemCommand).resolves({});

  const ledger = createLedger(client, { table: "t", leaseMs: 90_000, keepMs: 1e9 });
  const planned = intent("a", NOW);
  const seen: History = { resource: "stream/a", version: 0, entries: [] };
  await ledger.history("stream/a", 0, signal);
  const lease = await ledger.begin(seen, planned, "a", signal);
  await ledger.finish(lease, LATER, signal);
  await ledger.finish(lease, LATER, signal, outgoing);
  await ledger.recover({ ...seen, pending: planned }, LATER, signal);
  await ledger.noteChanging("stream/a", NOW, signal);
  await ledger.keepProfile("stream/a", "p", NOW, signal);
  await ledger.keepDecision(
    "stream/a",
    { at: NOW, automation: "a", verdict: "v", reasons: [], evidence: {}, trigger: "t" },
    signal,
  );
  const value = createKeptValue(client, "t", "status", z.string());
  await value.write("stream/a", "v", signal);
  await value.read("stream/a", signal);

  const outbox = createOutbox(client, { table: "t", keepMs: 1e9 });
  const claim = { now: NOW, until: NOW + 60_000 };
  const before = await outbox.incidents("stream/a", signal);
  await outbox.writeIncidents(before, {}, [], claim, signal);
  await outbox.writeIncidents({ ...before, version: 3 }, {}, [scaleOut()], claim, signal);
  const { claimed } = await outbox.claimWaiting(claim, signal);
  for (const item of claimed) await outbox.remove(item, signal);
  for (const item of claimed) await outbox.remove({ ...item, rest: "some" }, signal);
  return {
    all: mock.calls().map(({ args }): readonly unknown[] => args),
    gets: mock.commandCalls(GetItemCommand).map(({ args: [{ input }] }) => input),
    queries: mock.commandCalls(QueryCommand).map(({ args: [{ input }] }) => input),
    updates: mock.commandCalls(UpdateItemCommand).map(({ args: [{ input }] }) => input),
  };
}

describe("every call of the ledger", () => {
  it("ends when the run has to end", async () => {
    const { all } = await allCalls();
    const kept = all.map(([, options]) => options);
    expect(kept).toEqual(kept.map(() => expect.objectContaining({ abortSignal: signal })));
  });

  it("reads what was written last, but for the index, which cannot be read so", async () => {
    const { gets, queries } = await allCalls();
    expect(gets.map(({ ConsistentRead }) => ConsistentRead)).toEqual(gets.map(() => true));
    expect(queries.map(({ IndexName, ConsistentRead }) => [IndexName, ConsistentRead])).toEqual([
      [undefined, true],
      ["outbox", undefined],
    ]);
  });

  it("names what it uses and nothing else, which DynamoDB refuses", async () => {
    const { updates } = await allCalls();
    const unnamed = updates.filter(({ ExpressionAttributeNames: names, ...input }) => {
      const used = `${input.UpdateExpression} ${input.ConditionExpression}`.match(/#\w+/g) ?? [];
      return names ? used.length !== new Set(Object.keys(names)).size || used.length === 0 : used.length > 0;
    });
    expect(unnamed).toEqual([]);
  });
});
