import {
  ConditionalCheckFailedException,
  DescribeContinuousBackupsCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ingestSchema } from "../../functions/ingest-events/config/policy.ts";
import { tablesFor } from "../../functions/ingest-events/deploy/tables.ts";
import { startDynamoDb } from "../../sandbox/dynamodb/service.ts";
import { Calls } from "../../sandbox/endpoint/calls.ts";
import { type Endpoint, startEndpoint } from "../../sandbox/endpoint/endpoint.ts";
import { Faults } from "../../sandbox/endpoint/faults.ts";
import type { CreatedResource, Properties, Service } from "../../sandbox/service.ts";

const TableName = "ledger";

let service: Service;
let endpoint: Endpoint;
let client: DynamoDBClient;
let table: CreatedResource | undefined;

beforeAll(async () => {
  service = await startDynamoDb();
  endpoint = await startEndpoint({
    services: [service],
    clock: { now: () => 0 },
    faults: new Faults(),
    calls: new Calls(),
    callers: new Map(),
    port: 0,
    log: (line) => console.error(line),
  });
  client = new DynamoDBClient({
    endpoint: endpoint.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  table = await service.resources?.["AWS::DynamoDB::Table"]?.("Ledger", {
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "sk", AttributeType: "S" },
    ],
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    TimeToLiveSpecification: { AttributeName: "expires", Enabled: true },
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    SSESpecification: { SSEEnabled: true },
    SomethingNew: true,
  });
});

afterAll(async () => {
  client.destroy();
  await endpoint.stop();
  await service.stop?.();
});

const item = (pk: string, sk: string) => ({ pk: { S: pk }, sk: { S: sk } });

describe("a table of the template", () => {
  it("answers to Ref and Arn", () => {
    expect(table).toMatchObject({
      ref: TableName,
      attributes: { Arn: "arn:aws:dynamodb:us-east-1:000000000000:table/ledger" },
    });
  });

  it("says each property that has no effect, also one nobody has thought of", () => {
    expect(table?.notSimulated).toEqual([
      "Ledger: TimeToLiveSpecification is not simulated (items stay after their time).",
      "Ledger: PointInTimeRecoverySpecification is not simulated (the table is in memory and gone at the end).",
      "Ledger: SSESpecification is not simulated (the table is in memory and gone at the end).",
      "Ledger: SomethingNew is not simulated.",
    ]);
  });

  it("describes its time to live and its recovery as they were declared", async () => {
    const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
    const { ContinuousBackupsDescription } = await client.send(
      new DescribeContinuousBackupsCommand({ TableName }),
    );
    expect(TimeToLiveDescription).toEqual({ TimeToLiveStatus: "ENABLED", AttributeName: "expires" });
    expect(ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe(
      "ENABLED",
    );
  });

  it("is not found under another name", async () => {
    await expect(client.send(new DescribeTimeToLiveCommand({ TableName: "other" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });
});

describe("items", () => {
  it("are put once under a condition", async () => {
    const put = new PutItemCommand({
      TableName,
      Item: item("stream/a", "head"),
      ConditionExpression: "attribute_not_exists(pk)",
    });
    await client.send(put);
    await expect(client.send(put)).rejects.toBeInstanceOf(ConditionalCheckFailedException);
  });

  it("of one key are read newest first", async () => {
    for (const sk of ["entry#1", "entry#3", "entry#2"]) {
      await client.send(new PutItemCommand({ TableName, Item: item("stream/b", sk) }));
    }
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues: { ":pk": { S: "stream/b" }, ":sk": { S: "entry#" } },
        ScanIndexForward: false,
        Limit: 2,
      }),
    );
    expect(Items.map(({ sk }) => sk?.S)).toEqual(["entry#3", "entry#2"]);
  });

  it("are handed back when a condition fails and the old one was asked for", async () => {
    const Item = { ...item("stream/c", "head"), holder: { S: "first" } };
    await client.send(new PutItemCommand({ TableName, Item }));
    const update = client.send(
      new UpdateItemCommand({
        TableName,
        Key: item("stream/c", "head"),
        UpdateExpression: "SET holder = :me",
        ConditionExpression: "holder = :me",
        ExpressionAttributeValues: { ":me": { S: "second" } },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
    await expect(update).rejects.toMatchObject({ name: "ConditionalCheckFailedException", Item });
  });
});

describe("the update of a table whose config has changed", () => {
  const index = (...keys: readonly string[]) => ({
    partitionKey: keys[0],
    ...(keys[1] && { sortKey: keys[1] }),
  });
  /** As the stack of ingest-events declares it. */
  const properties = (more: object) => {
    const tables = { landed: { partitionKey: "id", ...more } };
    const resources = Object.values(tablesFor(ingestSchema.parse({ tables }), "dev"));
    return resources[0]?.Properties as Properties;
  };
  let count = 0;
  async function updated(before: object, after: object): Promise<CreatedResource | undefined> {
    count += 1;
    const named = (more: object) => ({ ...properties(more), TableName: `updated-${count}` });
    const created = await service.resources?.["AWS::DynamoDB::Table"]?.("Landed", named(before));
    return created?.update?.(named(after));
  }
  const one = { byUser: index("user") };
  const two = { ...one, byTime: index("day", "time") };

  it.each<[string, object, object]>([
    ["a first index", {}, { globalIndexes: one }],
    ["another index", { globalIndexes: one }, { globalIndexes: two }],
    ["one index less", { globalIndexes: two }, { globalIndexes: one }],
    ["on-demand limits", {}, { maximumReadUnits: 10, maximumWriteUnits: 20 }],
    ["other on-demand limits", { maximumReadUnits: 10 }, { maximumReadUnits: 5 }],
    ["more warm throughput", {}, { warmThroughput: { readUnits: 13_000, writeUnits: 5_000 } }],
    ["no word of warm throughput", { warmThroughput: { readUnits: 13_000, writeUnits: 5_000 } }, {}],
    [
      "a stream and tags",
      {},
      { stream: "NEW_IMAGE", tags: { team: "a" }, tableClass: "STANDARD_INFREQUENT_ACCESS" },
    ],
  ])("keeps the table with %s", async (_what, before, after) => {
    expect((await updated(before, after))?.ref).toBe(`updated-${count}`);
  });

  it.each<[string, object, object, RegExp]>([
    ["two indexes at once", {}, { globalIndexes: two }, /more than one GSI/],
    [
      "one index in place of another",
      { globalIndexes: one },
      { globalIndexes: { byDay: index("day") } },
      /more than one GSI/,
    ],
    [
      "another key of an index",
      { globalIndexes: one },
      { globalIndexes: { byUser: index("user", "day") } },
      /different name/,
    ],
    [
      "another projection of an index",
      { globalIndexes: one },
      { globalIndexes: { byUser: { ...index("user"), projection: "KEYS_ONLY" } } },
      /different name/,
    ],
    [
      "less warm throughput",
      { warmThroughput: { readUnits: 13_000, writeUnits: 5_000 } },
      { warmThroughput: { readUnits: 13_000, writeUnits: 4_000 } },
      /decreasing WarmThroughput/,
    ],
  ])("is refused with %s", async (_what, before, after, message) => {
    await expect(updated(before, after)).rejects.toThrow(message);
  });

  it.each<[string, object]>([
    ["another key", { partitionKey: "other" }],
    ["a local index", { sortKey: "at", localIndexes: { byUser: { sortKey: "user" } } }],
  ])("is another table with %s", async (_what, after) => {
    expect(await updated({}, after)).toBeUndefined();
  });
});
