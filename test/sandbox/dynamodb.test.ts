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
import { startDynamoDb } from "../../sandbox/dynamodb/service.ts";
import { Calls } from "../../sandbox/endpoint/calls.ts";
import { type Endpoint, startEndpoint } from "../../sandbox/endpoint/endpoint.ts";
import { Faults } from "../../sandbox/endpoint/faults.ts";
import type { CreatedResource, Service } from "../../sandbox/service.ts";

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
