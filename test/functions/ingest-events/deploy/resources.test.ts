import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { ingestSchema } from "../../../../functions/ingest-events/config/policy.ts";
import { eventsFor, resourcesFor } from "../../../../functions/ingest-events/deploy/resources.ts";

const config = ingestSchema.parse({
  tables: {
    "landed-events": { partitionKey: "id", deletionProtection: true },
    readings: { partitionKey: "device", sortKey: { name: "slot", type: "number" }, timeToLive: "goneAt" },
  },
  streams: {
    clicks: { table: "landed-events", mode: "append", id: "id" },
    orders: {
      table: "landed-events",
      mode: "append-once",
      id: "id",
      mapping: { startingPosition: "LATEST", batchSize: 500, parallelizationFactor: 2 },
    },
    sensors: { table: "readings", mode: "latest", key: { device: "d", slot: "s" }, version: { from: "v" } },
  },
});

const Statement = z.object({ Sid: z.string(), Action: z.array(z.string()), Resource: z.array(z.unknown()) });
const Role = z.object({
  Policies: z.array(z.object({ PolicyDocument: z.object({ Statement: z.array(Statement) }) })),
});

const resources = resourcesFor(config, "dev");
const tables = Object.values(resources).filter(({ Type }) => Type === "AWS::DynamoDB::Table");

describe("resourcesFor", () => {
  it("keeps the tables when the stack goes, but in a stage to try things in", () => {
    const policiesIn = (stage: string) =>
      Object.values(resourcesFor(config, stage)).flatMap(({ DeletionPolicy }) => DeletionPolicy ?? []);
    expect([policiesIn("dev"), policiesIn("prod")]).toEqual([
      ["Delete", "Delete"],
      ["Retain", "Retain"],
    ]);
  });

  it("makes each table with recovery, encryption, time to live, and protection where it is asked for", () => {
    expect(tables).toMatchObject([
      {
        DeletionPolicy: "Delete",
        Properties: {
          TableName: "landed-events",
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
          KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          SSESpecification: { SSEEnabled: true },
          TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
          DeletionProtectionEnabled: true,
        },
      },
      {
        Properties: {
          AttributeDefinitions: [
            { AttributeName: "device", AttributeType: "S" },
            { AttributeName: "slot", AttributeType: "N" },
          ],
          KeySchema: [
            { AttributeName: "device", KeyType: "HASH" },
            { AttributeName: "slot", KeyType: "RANGE" },
          ],
          TimeToLiveSpecification: { AttributeName: "goneAt", Enabled: true },
          DeletionProtectionEnabled: false,
        },
      },
    ]);
  });

  it("lets the role make exactly the calls that are made", () => {
    const { Policies } = Role.parse(resources.IngestEventsRole?.Properties);
    const statements = Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    expect(statements.map(({ Sid, Action, Resource }) => [Sid, Action, Resource.length])).toEqual([
      [
        "ReadStreams",
        [
          "kinesis:DescribeStream",
          "kinesis:DescribeStreamSummary",
          "kinesis:GetRecords",
          "kinesis:GetShardIterator",
          "kinesis:ListShards",
        ],
        3,
      ],
      ["WriteBatches", ["dynamodb:BatchWriteItem"], 1],
      ["WriteOneByOne", ["dynamodb:PutItem", "dynamodb:GetItem"], 2],
      ["Quarantine", ["sqs:SendMessage"], 2],
      ["KeepLargeRecords", ["s3:PutObject"], 1],
      ["WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], 1],
      ["Trace", ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], 1],
    ]);
    expect(statements.filter(({ Resource }) => Resource.includes("*")).map(({ Sid }) => Sid)).toEqual([
      "Trace",
    ]);
  });
});

describe("eventsFor", () => {
  const events = eventsFor(config, { orders: { create: { shards: 1 } }, clicks: {} });

  it("maps each stream with every setting said", () => {
    expect(events[1]).toEqual({
      stream: {
        type: "kinesis",
        arn: { "Fn::GetAtt": ["StreamOrders1c168a", "Arn"] },
        startingPosition: "LATEST",
        batchSize: 500,
        batchWindow: 1,
        parallelizationFactor: 2,
        functionResponseType: "ReportBatchItemFailures",
        bisectBatchOnFunctionError: true,
        maximumRetryAttempts: 100,
        maximumRecordAgeInSeconds: 21_600,
        destinations: { onFailure: { type: "sqs", arn: { "Fn::GetAtt": ["FailedBatchesQueue", "Arn"] } } },
      },
    });
  });

  it("names a stream that the stack does not create by its ARN", () => {
    expect(JSON.stringify(events[0])).toContain("stream/clicks");
  });
});
