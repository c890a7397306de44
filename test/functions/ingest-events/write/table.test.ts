import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  InternalServerError,
  ProvisionedThroughputExceededException,
  PutItemCommand,
  ResourceNotFoundException,
  TransactionConflictException,
} from "@aws-sdk/client-dynamodb";
import { HttpResponse } from "@smithy/core/protocols";
import { mockClient } from "aws-sdk-client-mock";
import dynalite from "dynalite";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Redrive } from "../../../../functions/ingest-events/decode/kinesis-event.ts";
import type { Item } from "../../../../functions/ingest-events/plan/encoded-item.ts";
import type { Write } from "../../../../functions/ingest-events/plan/item.ts";
import type { Version } from "../../../../functions/ingest-events/plan/version.ts";
import type { Table } from "../../../../functions/ingest-events/write/answer.ts";
import { AppendTable } from "../../../../functions/ingest-events/write/append-table.ts";
import { ConditionalTable } from "../../../../functions/ingest-events/write/conditional/conditional-table.ts";
import { tableOf } from "../../../../functions/ingest-events/write/table.ts";
import { Blocked, Misconfigured } from "../../../../shared/lambda/errors.ts";
import { answeredClient, encodedItem, readable } from "../dynamo-answers.ts";
import { APPEND, APPEND_ONCE, LATEST, policyOf } from "../policies.ts";
import { decodedEvent } from "../records.ts";

const { signal } = new AbortController();

/** A write of this item, as `plan` makes it. */
const writeOf = (item: Item, version?: Version): Write => ({
  origin: decodedEvent({}).origin,
  item: encodedItem(item),
  bytes: 10,
  key: JSON.stringify(item.id ?? item.n),
  version,
  idFromPosition: false,
  action: "put",
  withoutTime: false,
});

/** The answers for these items, written in one call. */
const write = (table: Table, ...items: readonly Item[]) =>
  table.write(
    items.map((item) => writeOf(item)),
    signal,
  );

const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode }, message: "said" });

/** An error as the SDK throws it for a service's answer that it has no class for. */
function serviceError(name: string, message: string, httpStatusCode: number): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

describe("tableOf, against dynalite", () => {
  let server: Server;
  let client: DynamoDBClient;

  beforeAll(async () => {
    server = dynalite({ createTableMs: 0 });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = new DynamoDBClient({ endpoint, maxAttempts: 1 });
  });

  afterAll(async () => {
    client.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function createTable(TableName: string): Promise<void> {
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      }),
    );
  }

  const stored = async (TableName: string, id: string) =>
    (await client.send(new GetItemCommand({ TableName, Key: { id: { S: id } } }))).Item;

  it("puts a batch", async () => {
    await createTable("batch");
    const table = tableOf(client, { ...APPEND, table: "batch" });
    expect(await write(table, { id: { S: "a" } }, { id: { S: "b" } })).toEqual([
      { kind: "done" },
      { kind: "done" },
    ]);
    expect(await stored("batch", "b")).toEqual({ id: { S: "b" } });
  });

  it("puts a new item once, and then answers what is stored", async () => {
    await createTable("once");
    const table = tableOf(client, { ...APPEND_ONCE, table: "once" });
    const first: Item = { id: { S: "a" }, x: { N: "1" } };
    expect(await write(table, first)).toEqual([{ kind: "done" }]);
    expect(readable(await write(table, { id: { S: "a" }, x: { N: "2" } }))).toEqual([
      { kind: "exists", stored: first },
    ]);
    expect(await stored("once", "a")).toEqual(first);
  });

  it("puts a later version, and not an earlier or the same one", async () => {
    await createTable("latest");
    const table = tableOf(client, { ...LATEST, table: "latest" });
    const put = async (version: string) => {
      const item = { id: { S: "a" }, _version: { N: version } };
      const answers = await table.write([writeOf(item, { N: version })], signal);
      return "refusedTogether" in answers ? "refused" : answers[0]?.kind;
    };
    expect([await put("9"), await put("10"), await put("10"), await put("9.5")]).toEqual([
      "done",
      "done",
      "exists",
      "exists",
    ]);
  });

  it("says what DynamoDB refuses", async () => {
    await createTable("refuses");
    const table = tableOf(client, { ...APPEND, table: "refuses" });
    expect(await write(table, { id: { S: "a" } }, { id: { S: "" } })).toMatchObject({
      refusedTogether: expect.any(String),
    });
  });

  it("is Misconfigured where the policy's key is not the table's", async () => {
    await createTable("other-key");
    const batched = tableOf(client, { ...APPEND, table: "other-key" });
    await expect(write(batched, { key: { S: "a" } })).rejects.toThrow(Misconfigured);
    const conditional = tableOf(client, { ...APPEND_ONCE, table: "other-key" });
    await expect(write(conditional, { id: { N: "1" } })).rejects.toThrow(Misconfigured);
  });

  it("is Misconfigured where there is no table", async () => {
    const table = tableOf(client, { ...APPEND_ONCE, table: "missing" });
    await expect(write(table, { id: { S: "a" } })).rejects.toThrow(Misconfigured);
  });
});

const CONDITION_FAILED = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";

describe("tableOf, for what is redriven", () => {
  it.each([
    ["append", APPEND, undefined, 25, AppendTable],
    ["append, redriven", APPEND, { overwrite: false }, 25, ConditionalTable],
    ["append, redriven to overwrite", APPEND, { overwrite: true }, 25, AppendTable],
    ["append-once", APPEND_ONCE, { overwrite: true }, 25, ConditionalTable],
  ])("writes %s so that no earlier event is lost", (_, policy, redrive, maxWrites, kind) => {
    const table = tableOf(new DynamoDBClient({}), policy, redrive as Redrive | undefined);
    expect(table).toBeInstanceOf(kind);
    expect(table.maxWrites).toBe(maxWrites);
  });
});

describe("tableOf, by what AWS answers", () => {
  const client = new DynamoDBClient({});
  const mock = mockClient(client);
  const batched = tableOf(client, APPEND);
  const conditional = tableOf(client, APPEND_ONCE);
  const item: Item = { id: { S: "a" } };
  const answered = answeredClient();
  beforeEach(() => {
    mock.reset();
    answered.reset();
  });

  it("names the places of unprocessed items, also where DynamoDB spells a key's number otherwise", async () => {
    const numbers = policyOf(
      { mode: "append", id: "n", key: { n: "$id" }, withoutId: "quarantine" },
      { partitionKey: { name: "n", type: "number" } },
    );
    answered.on("BatchWriteItem", {
      UnprocessedItems: { landed: [{ PutRequest: { Item: { n: { N: "1.5" }, x: { S: "y" } } } }] },
    });
    const items: Item[] = [{ n: { N: "2" } }, { n: { N: "1.50" } }];
    expect(await write(tableOf(answered.client, numbers), ...items)).toEqual([
      { kind: "done" },
      { kind: "again", mayBeApplied: false },
    ]);
  });

  it("takes all of a batch again when what came back unprocessed is none of it", async () => {
    answered.on("BatchWriteItem", {
      UnprocessedItems: { landed: [{ PutRequest: { Item: { id: { S: "z" } } } }] },
    });
    expect(await write(tableOf(answered.client, APPEND), item)).toEqual([
      { kind: "again", mayBeApplied: true },
    ]);
  });

  it("takes the stored item from the failed condition, without another call", async () => {
    const stored = { id: { S: "a" }, x: { S: "y" } };
    answered.on("PutItem", { __type: CONDITION_FAILED, message: "no", Item: stored });
    const answers = await write(tableOf(answered.client, APPEND_ONCE), item);
    expect(readable(answers)).toEqual([{ kind: "exists", stored }]);
    expect(answered.operations).toEqual(["PutItem"]);
  });

  it("asks AWS to send the stored item along with the failed condition", async () => {
    const bodies: unknown[] = [];
    const handle = async ({ body }: { body: string }) => {
      bodies.push(JSON.parse(body));
      return { response: new HttpResponse({ statusCode: 200, headers: {}, body: Buffer.from("{}") }) };
    };
    const asked = tableOf(new DynamoDBClient({ requestHandler: { handle } as never }), APPEND_ONCE);
    await write(asked, item);
    expect(bodies).toMatchObject([{ ReturnValuesOnConditionCheckFailure: "ALL_OLD" }]);
  });

  it("tries again when the stored item is gone before it is read", async () => {
    answered.on("PutItem", { __type: CONDITION_FAILED, message: "no" });
    answered.on("BatchGetItem", {});
    expect(await write(tableOf(answered.client, APPEND_ONCE), item)).toEqual([
      { kind: "again", mayBeApplied: false },
    ]);
  });

  it.each<[string, Error, boolean]>([
    ["a throttled table", new ProvisionedThroughputExceededException(status(400)), false],
    ["a throttled account", serviceError("ThrottlingException", "slow down", 400), false],
    ["a transaction in the way", new TransactionConflictException(status(400)), false],
    ["a server error", new InternalServerError(status(500)), true],
    ["no answer in time", Object.assign(new Error("timed out"), { name: "TimeoutError" }), true],
    ["a cut connection", Object.assign(new Error("reset"), { code: "ECONNRESET" }), true],
    ["the end of the budget", Object.assign(new Error("aborted"), { name: "AbortError" }), true],
  ])("is to be tried again after %s", async (_what, error, mayBeApplied) => {
    mock.on(BatchWriteItemCommand).rejects(error);
    expect(await write(batched, item)).toEqual([{ kind: "again", mayBeApplied }]);
  });

  it("is refused by a validation that is about the item", async () => {
    const message = "Item size has exceeded the maximum allowed size";
    mock.on(PutItemCommand).rejects(serviceError("ValidationException", message, 400));
    expect(await write(conditional, item)).toEqual([{ kind: "refused", message }]);
  });

  it("is Blocked without permission", async () => {
    mock.on(PutItemCommand).rejects(serviceError("AccessDeniedException", "no", 400));
    await expect(write(conditional, item)).rejects.toThrow(Blocked);
  });

  it("is Misconfigured without a table", async () => {
    mock.on(PutItemCommand).rejects(new ResourceNotFoundException(status(400)));
    await expect(write(conditional, item)).rejects.toThrow(Misconfigured);
  });
});
