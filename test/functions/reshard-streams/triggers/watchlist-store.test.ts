import { DynamoDBClient, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createWatchlistStore,
  type WatchlistStore,
} from "../../../../functions/reshard-streams/triggers/watchlist-store.ts";
import { startDynamoDb, type TestDynamoDb } from "../../../shared/dynalite.ts";
import { NOW } from "../stream.ts";

const { signal } = new AbortController();
const QUIET = { at: NOW, requeue: false };

let db: TestDynamoDb;
let table: string;
let tables = 0;
let store: WatchlistStore;
beforeAll(async () => {
  db = await startDynamoDb();
});
beforeEach(async () => {
  tables += 1;
  table = await db.createTable(`watchlist-${tables}`, ["pk", "sk"]);
  store = createWatchlistStore(db.client, { table, keepMs: 3_600_001 });
});
afterAll(() => db.stop());

const read = async () => Object.fromEntries(await store.read(signal));

/** An item as something else than this store may have written it. */
const put = (item: Record<string, string>) =>
  db.client.send(
    new PutItemCommand({
      TableName: table,
      Item: Object.fromEntries(Object.entries(item).map(([name, S]) => [name, { S }])),
    }),
  );

describe("what every process has to know of a stream", () => {
  it("is read as it was written, by stream", async () => {
    const full = { ...QUIET, requeue: true, openShards: 4, observeAt: NOW + 1, failingSince: NOW - 1 };
    await store.write("orders", full, signal);
    await store.write("clicks", QUIET, signal);
    expect(await read()).toEqual({ orders: full, clicks: QUIET });
  });

  it("is of the latest observation, whoever writes last", async () => {
    await store.write("orders", { ...QUIET, at: NOW + 1, openShards: 2 }, signal);
    await store.write("orders", { ...QUIET, openShards: 1 }, signal);
    expect(await read()).toEqual({ orders: { ...QUIET, at: NOW + 1, openShards: 2 } });
    await store.write("orders", { ...QUIET, at: NOW + 1, openShards: 3 }, signal);
    expect(await read()).toEqual({ orders: { ...QUIET, at: NOW + 1, openShards: 3 } });
  });

  it("is forgotten some time after it was observed, by the table's TTL", async () => {
    const { client, puts } = answering({});
    await createWatchlistStore(client, { table: "t", keepMs: 3_600_001 }).write("orders", QUIET, signal);
    expect(puts()[0]?.Item?.expiresAt).toEqual({ N: String(NOW / 1000 + 3601) });
  });

  it("is none where another version wrote it, or something else", async () => {
    await store.write("orders", QUIET, signal);
    const pk = "watchlist/reshard-streams";
    await put({ pk, sk: "no-json", body: "{" });
    await put({ pk, sk: "no-time", body: '{"requeue":false}' });
    await put({ pk, sk: "no-body" });
    await put({ pk: "watchlist/other", sk: "clicks", body: JSON.stringify(QUIET) });
    expect(await read()).toEqual({ orders: QUIET });
  });

  it("is read and written only as long as the run may go on", async () => {
    const { client, options } = answering({});
    const asked = createWatchlistStore(client, { table: "t", keepMs: 1 });
    await asked.read(signal);
    await asked.write("orders", QUIET, signal);
    expect(options()).toEqual(
      [signal, signal].map((abortSignal) => expect.objectContaining({ abortSignal })),
    );
  });

  it("is read over all pages", async () => {
    const item = (stream: string) => ({ sk: { S: stream }, body: { S: JSON.stringify(QUIET) } });
    const { client, queries } = answering(
      { Items: [item("a")], LastEvaluatedKey: { sk: { S: "a" } } },
      { LastEvaluatedKey: { sk: { S: "b" } } },
      { Items: [item("c")] },
    );
    const found = await createWatchlistStore(client, { table: "t", keepMs: 1 }).read(signal);
    expect([[...found.keys()], queries().length]).toEqual([["a", "c"], 3]);
  });

  it.each([
    ["read", "Query", () => lost().read(signal)],
    ["written", "PutItem", () => lost().write("orders", QUIET, signal)],
  ])("that cannot be %s is an error that names the call", async (_, operation, call) => {
    await expect(call()).rejects.toMatchObject({
      name: "Misconfigured",
      call: `dynamodb:${operation}`,
      resource: "watchlist/reshard-streams",
    });
  });
});

const lost = () => createWatchlistStore(db.client, { table: "no-such-table", keepMs: 1 });

/** A client that answers queries with these pages, and takes what is put. */
function answering(...pages: readonly object[]) {
  const client = new DynamoDBClient({});
  const mock = mockClient(client);
  mock.on(PutItemCommand).resolves({});
  const queried = mock.on(QueryCommand);
  for (const page of pages) queried.resolvesOnce(page);
  return {
    client,
    puts: () => mock.commandCalls(PutItemCommand).map(({ args: [{ input }] }) => input),
    queries: () => mock.commandCalls(QueryCommand),
    options: () => mock.calls().map(({ args: [, given] }: { readonly args: readonly unknown[] }) => given),
  };
}
