import { BatchGetItemCommand, DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createStore, type OutboxEntry, type Store } from "../../../../functions/check-sites/state/store.ts";
import { newState } from "../../../../functions/check-sites/state/transition.ts";
import { type SitesTable, startSitesTable } from "../table.ts";

const signal = new AbortController().signal;
let table: SitesTable;
let store: Store;
beforeAll(async () => {
  table = await startSitesTable();
  store = createStore(table.client, table.table);
});
afterAll(() => table.stop());

const STATE = newState(60_000);
const entry = (id: string): Record<string, OutboxEntry> => ({
  [id]: {
    claimedUntil: 5000,
    change: { id, kind: "change", from: "UP", to: "DOWN", at: 60_000, findings: [] },
  },
});
const read = async (name: string) => (await store.read([name], signal)).get(name);

describe("a site's item", () => {
  test("is not there before it is written", async () => {
    expect(await read("nobody")).toBeUndefined();
  });
  test("comes back as it was written, with its outbox", async () => {
    expect(await store.write("round", { version: 0, state: STATE, outbox: entry("round-1") }, signal)).toBe(
      true,
    );
    expect(await read("round")).toEqual({ version: 1, state: STATE, outbox: entry("round-1") });
  });
  test("is written by the first of two runs that read the same; the second writes nothing", async () => {
    await store.write("race", { version: 0, state: STATE, outbox: {} }, signal);
    const both = await Promise.all([
      store.write("race", { version: 1, state: { ...STATE, tick: 1 }, outbox: entry("one") }, signal),
      store.write("race", { version: 1, state: { ...STATE, tick: 2 }, outbox: entry("other") }, signal),
    ]);
    const kept = await read("race");
    expect([...both].sort()).toEqual([false, true]);
    expect(Object.keys(kept?.outbox ?? {})).toEqual([both[0] ? "one" : "other"]);
  });
  test.each([
    [{ ...STATE, level: "DOWN" as const }, "DOWN"],
    [{ ...STATE, level: "DOWN" as const, unknownRun: 5 }, "UNKNOWN"],
    [STATE, "PENDING"],
  ])("says what the site is in a column of its own", async (state, expected) => {
    const name = `column-${expected}`;
    await store.write(name, { version: 0, state, outbox: {} }, signal);
    const Key = { pk: { S: `site/${name}` } };
    const { Item } = await table.client.send(new GetItemCommand({ TableName: table.table, Key }));
    expect(Item?.state).toEqual({ S: expected });
  });
  test("is not created twice", async () => {
    const both = await Promise.all([
      store.write("new", { version: 0, state: STATE, outbox: {} }, signal),
      store.write("new", { version: 0, state: STATE, outbox: {} }, signal),
    ]);
    expect([...both].sort()).toEqual([false, true]);
  });
});

describe("what was sent", () => {
  test("is out of the outbox; the rest stays", async () => {
    await store.write(
      "sent",
      { version: 0, state: STATE, outbox: { ...entry("a.b"), ...entry("c") } },
      signal,
    );
    await store.sent("sent", "a.b", signal);
    expect(Object.keys((await read("sent"))?.outbox ?? {})).toEqual(["c"]);
  });
  test("is not put back by a run that read it before", async () => {
    await store.write("stale", { version: 0, state: STATE, outbox: entry("x") }, signal);
    await store.sent("stale", "x", signal);
    expect(await store.write("stale", { version: 1, state: STATE, outbox: entry("x") }, signal)).toBe(false);
  });
  test("twice over changes nothing more", async () => {
    await store.write("twice", { version: 0, state: STATE, outbox: entry("x") }, signal);
    await store.sent("twice", "x", signal);
    await store.sent("twice", "x", signal);
    expect((await read("twice"))?.version).toBe(2);
  });
});

describe("many sites", () => {
  test("are read a hundred at a time, all of them", async () => {
    const names = Array.from({ length: 250 }, (_, index) => `many-${index}`);
    await Promise.all(
      names.map((name) => store.write(name, { version: 0, state: STATE, outbox: {} }, signal)),
    );
    expect([...(await store.read(names, signal)).keys()].sort()).toEqual([...names].sort());
  });
  test("that DynamoDB leaves out at first are asked for again", async () => {
    const mock = mockClient(DynamoDBClient);
    const Keys = [{ pk: { S: "site/late" } }];
    const item = {
      pk: { S: "site/late" },
      version: { N: "3" },
      body: { S: JSON.stringify(STATE) },
      outbox: { M: {} },
    };
    mock
      .on(BatchGetItemCommand)
      .resolvesOnce({ Responses: { t: [] }, UnprocessedKeys: { t: { Keys } } })
      .resolves({ Responses: { t: [item] } });
    const found = await createStore(new DynamoDBClient({}), "t").read(["late"], signal);
    mock.restore();
    expect(found.get("late")?.version).toBe(3);
  });
  test("that DynamoDB goes on leaving out are an error: nothing is guessed", async () => {
    const mock = mockClient(DynamoDBClient);
    mock.on(BatchGetItemCommand).resolves({ UnprocessedKeys: { t: { Keys: [{ pk: { S: "site/late" } }] } } });
    const reading = createStore(new DynamoDBClient({}), "t").read(["late"], signal);
    await expect(reading).rejects.toMatchObject({
      name: "RetryLater",
      message: expect.stringContaining("no site was checked"),
    });
    mock.restore();
  });
});
