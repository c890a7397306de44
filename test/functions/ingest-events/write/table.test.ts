import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
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
import type { Item } from "../../../../functions/ingest-events/plan/attributes.ts";
import { dynamoTable } from "../../../../functions/ingest-events/write/table.ts";
import { Blocked, Misconfigured } from "../../../../shared/lambda/errors.ts";
import { APPEND, LATEST, policyOf } from "../policies.ts";

const { signal } = new AbortController();
const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode }, message: "said" });

/** An error as the SDK throws it for a service's answer that it has no class for. */
function serviceError(name: string, message: string, httpStatusCode: number): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

describe("dynamoTable, against dynalite", () => {
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
    const table = dynamoTable(client, { ...APPEND, table: "batch" });
    expect(await table.putAll([{ id: { S: "a" } }, { id: { S: "b" } }], signal)).toEqual({ kind: "done" });
    expect(await stored("batch", "b")).toEqual({ id: { S: "b" } });
  });

  it("puts a new item once, and then answers what is stored", async () => {
    await createTable("once");
    const table = dynamoTable(client, { ...APPEND, table: "once" });
    const first: Item = { id: { S: "a" }, x: { N: "1" } };
    expect(await table.putNew(first, signal)).toEqual({ kind: "done" });
    expect(await table.putNew({ id: { S: "a" }, x: { N: "2" } }, signal)).toEqual({
      kind: "exists",
      stored: first,
    });
    expect(await stored("once", "a")).toEqual(first);
  });

  it("puts a later version, and not an earlier or the same one", async () => {
    await createTable("latest");
    const table = dynamoTable(client, { ...LATEST, table: "latest" });
    const put = async (version: string) => {
      const answer = await table.putNewer(
        { id: { S: "a" }, _version: { N: version } },
        { N: version },
        signal,
      );
      return answer.kind;
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
    const table = dynamoTable(client, { ...APPEND, table: "refuses" });
    expect(await table.putAll([{ id: { S: "a" } }, { id: { S: "" } }], signal)).toMatchObject({
      kind: "refused",
    });
  });

  it("is Misconfigured where the policy's key is not the table's", async () => {
    await createTable("other-key");
    const table = dynamoTable(client, { ...APPEND, table: "other-key" });
    await expect(table.putAll([{ key: { S: "a" } }], signal)).rejects.toThrow(Misconfigured);
    await expect(table.putNew({ id: { N: "1" } }, signal)).rejects.toThrow(Misconfigured);
  });

  it("is Misconfigured where there is no table", async () => {
    const table = dynamoTable(client, { ...APPEND, table: "missing" });
    await expect(table.putNew({ id: { S: "a" } }, signal)).rejects.toThrow(Misconfigured);
  });
});

describe("dynamoTable, by what AWS answers", () => {
  const client = new DynamoDBClient({});
  const mock = mockClient(client);
  const table = dynamoTable(client, APPEND);
  const item: Item = { id: { S: "a" } };
  beforeEach(() => mock.reset());

  it("names the places of unprocessed items, also where DynamoDB spells a key's number otherwise", async () => {
    const numbers = policyOf(
      { mode: "latest", key: { n: "n" }, version: { from: "v" } },
      { partitionKey: { name: "n", type: "number" } },
    );
    mock.on(BatchWriteItemCommand).resolves({
      UnprocessedItems: { landed: [{ PutRequest: { Item: { n: { N: "1.5" }, x: { S: "y" } } } }] },
    });
    const items: Item[] = [{ n: { N: "2" } }, { n: { N: "1.50" } }];
    expect(await dynamoTable(client, numbers).putAll(items, signal)).toEqual({ kind: "partly", left: [1] });
  });

  it("takes all of a batch again when what came back unprocessed is none of it", async () => {
    mock.on(BatchWriteItemCommand).resolves({
      UnprocessedItems: { landed: [{ PutRequest: { Item: { id: { S: "z" } } } }] },
    });
    expect(await table.putAll([item], signal)).toEqual({ kind: "again", mayBeApplied: true });
  });

  it("takes the stored item from the failed condition, without another call", async () => {
    const stored = { id: { S: "a" }, x: { S: "y" } };
    mock.on(PutItemCommand).rejects(new ConditionalCheckFailedException({ ...status(400), Item: stored }));
    expect(await table.putNew(item, signal)).toEqual({ kind: "exists", stored });
    expect(mock.commandCalls(GetItemCommand)).toEqual([]);
  });

  it("asks AWS to send the stored item along with the failed condition", async () => {
    const bodies: unknown[] = [];
    const handle = async ({ body }: { body: string }) => {
      bodies.push(JSON.parse(body));
      return { response: new HttpResponse({ statusCode: 200, headers: {}, body: Buffer.from("{}") }) };
    };
    const asked = dynamoTable(new DynamoDBClient({ requestHandler: { handle } as never }), APPEND);
    await asked.putNew(item, signal);
    expect(bodies).toMatchObject([{ ReturnValuesOnConditionCheckFailure: "ALL_OLD" }]);
  });

  it("tries again when the stored item is gone before it is read", async () => {
    mock.on(PutItemCommand).rejects(new ConditionalCheckFailedException(status(400)));
    mock.on(GetItemCommand).resolves({});
    expect(await table.putNew(item, signal)).toEqual({ kind: "again", mayBeApplied: false });
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
    expect(await table.putAll([item], signal)).toEqual({ kind: "again", mayBeApplied });
  });

  it("is refused by a validation that is about the item", async () => {
    const message = "Item size has exceeded the maximum allowed size";
    mock.on(PutItemCommand).rejects(serviceError("ValidationException", message, 400));
    expect(await table.putNew(item, signal)).toEqual({ kind: "refused", message });
  });

  it("is Blocked without permission", async () => {
    mock.on(PutItemCommand).rejects(serviceError("AccessDeniedException", "no", 400));
    await expect(table.putNew(item, signal)).rejects.toThrow(Blocked);
  });

  it("is Misconfigured without a table", async () => {
    mock.on(PutItemCommand).rejects(new ResourceNotFoundException(status(400)));
    await expect(table.putNew(item, signal)).rejects.toThrow(Misconfigured);
  });
});
