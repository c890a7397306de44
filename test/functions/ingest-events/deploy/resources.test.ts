import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { ingestSchema } from "../../../../functions/ingest-events/config/policy.ts";
import { resourcesFor } from "../../../../functions/ingest-events/deploy/resources.ts";

const config = ingestSchema.parse({
  tables: {
    "clicks-log": { partitionKey: "id" },
    "landed-events": { partitionKey: "id", deletionProtection: true },
    readings: { partitionKey: "device", sortKey: { name: "slot", type: "number" }, timeToLive: "goneAt" },
  },
  streams: {
    clicks: { table: "clicks-log", mode: "append", id: "id", timeToLive: { from: "at", days: 1 } },
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

const created = { orders: { create: { shards: 1 } }, clicks: {} };
const resources = resourcesFor(config, created, { stage: "dev", observe: false });
const tables = Object.values(resources).filter(({ Type }) => Type === "AWS::DynamoDB::Table");

describe("resourcesFor", () => {
  it("keeps the tables when the stack goes, but in a stage to try things in", () => {
    const policiesIn = (stage: string) =>
      Object.values(resourcesFor(config, created, { stage, observe: false })).flatMap(
        ({ DeletionPolicy }) => DeletionPolicy ?? [],
      );
    expect([policiesIn("dev"), policiesIn("prod")]).toEqual([
      ["Delete", "Delete", "Delete"],
      ["RetainExceptOnCreate", "RetainExceptOnCreate", "RetainExceptOnCreate"],
    ]);
  });

  it("makes each table with recovery, encryption, time to live, and protection where it is asked for", () => {
    expect(tables).toMatchObject([
      { Properties: { TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true } } },
      {
        DeletionPolicy: "Delete",
        Properties: {
          TableName: "landed-events",
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
          KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          SSESpecification: { SSEEnabled: true },
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
          DeletionProtectionEnabled: false,
        },
      },
    ]);
  });

  it("has DynamoDB delete items only of a table that a policy says when for", () => {
    const attributes = tables.map(({ Properties }) => Object.keys(Properties as object));
    expect(attributes.map((names) => names.includes("TimeToLiveSpecification"))).toEqual([
      true,
      false,
      false,
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
      [
        "WriteOnCondition",
        ["dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate", "dynamodb:PutItem", "dynamodb:BatchGetItem"],
        3,
      ],
      ["Quarantine", ["sqs:SendMessage"], 1],
      ["KeepFailedBatches", ["s3:PutObject"], 1],
      ["SeeFailedBatches", ["s3:ListBucket"], 1],
      ["KeepLargeRecords", ["s3:PutObject"], 1],
      ["WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], 1],
      ["Trace", ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], 1],
    ]);
    expect(statements.filter(({ Resource }) => Resource.includes("*")).map(({ Sid }) => Sid)).toEqual([
      "Trace",
    ]);
  });
});

const mappings = Object.entries(resources).filter(
  ([, { Type }]) => Type === "AWS::Lambda::EventSourceMapping",
);

it("lets the role delete items only of tables whose deletes leave nothing", () => {
  const stream = { mode: "latest", key: { id: "id" }, version: { from: "v" } };
  const deleting = ingestSchema.parse({
    tables: { kept: { partitionKey: "id" }, gone: { partitionKey: "id", existing: true } },
    streams: {
      a: { ...stream, table: "kept", deletes: { keepDays: 1 } },
      b: { ...stream, table: "gone", deletes: { keepDays: 0 } },
    },
  });
  const made = resourcesFor(deleting, {}, { stage: "dev", observe: false });
  const [{ PolicyDocument } = { PolicyDocument: { Statement: [] } }] = Role.parse(
    made.IngestEventsRole?.Properties,
  ).Policies;
  const allowed = PolicyDocument.Statement.filter(({ Action }) => Action.includes("dynamodb:DeleteItem"));
  expect(JSON.stringify(allowed.map(({ Resource }) => Resource))).toContain(':table/gone"');
  expect(JSON.stringify(allowed)).not.toContain("Kept");
  expect(made).not.toHaveProperty("TableGone");
  const [kept] = Object.values(made).filter(({ Type }) => Type === "AWS::DynamoDB::Table");
  expect(kept?.Properties).toHaveProperty("TimeToLiveSpecification");
});

it("lets the role assume the roles of tables in other accounts, and call those tables by no right of its own", () => {
  const roleArn = "arn:aws:iam::222222222222:role/writer";
  const other = ingestSchema.parse({
    tables: { theirs: { partitionKey: "id", existing: true, roleArn } },
    streams: { a: { mode: "append", id: "id", table: "theirs" } },
  });
  const made = resourcesFor(other, {}, { stage: "dev", observe: false });
  const statements = Role.parse(made.IngestEventsRole?.Properties).Policies.flatMap(
    ({ PolicyDocument }) => PolicyDocument.Statement,
  );
  expect(statements).toContainEqual(
    expect.objectContaining({ Action: ["sts:AssumeRole"], Resource: [roleArn] }),
  );
  expect(JSON.stringify(statements)).not.toContain("dynamodb:");
});

describe("the event-source mappings", () => {
  it("say every setting", () => {
    expect(resources.IngestMappingOrders1c168a).toEqual({
      Type: "AWS::Lambda::EventSourceMapping",
      // The stream is created by the stack.
      DependsOn: ["IngestEventsRole", "FailedBatchesBucket", "StreamOrders1c168a"],
      Metadata: { NestedIn: { name: "LandedStreams", count: 1 } },
      Properties: {
        Enabled: true,
        EventSourceArn: {
          "Fn::Join": [
            ":",
            [
              ...["arn", { Ref: "AWS::Partition" }, "kinesis", { Ref: "AWS::Region" }],
              ...[{ Ref: "AWS::AccountId" }, "stream/orders"],
            ],
          ],
        },
        FunctionName: { "Fn::GetAtt": ["IngestDasheventsLambdaFunction", "Arn"] },
        StartingPosition: "LATEST",
        BatchSize: 500,
        MaximumBatchingWindowInSeconds: 1,
        ParallelizationFactor: 2,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: -1,
        MaximumRecordAgeInSeconds: 21_600,
        DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": ["FailedBatchesBucket", "Arn"] } } },
      },
    });
  });

  it("name a stream that the stack does not create by its ARN", () => {
    expect(JSON.stringify(mappings[0])).toContain("stream/clicks");
  });

  it("are all disabled while the service observes: one that reads moves its checkpoint", () => {
    const observing = Object.values(resourcesFor(config, created, { stage: "dev", observe: true }));
    const enabled = observing.flatMap(({ Type, Properties }) =>
      Type === "AWS::Lambda::EventSourceMapping" ? [(Properties as { Enabled: boolean }).Enabled] : [],
    );
    expect(enabled).toEqual([false, false, false]);
  });

  it.each([
    [["orders-eu", "orders_eu", "orders.eu"]],
    [["orders", "Orders", "ORDERS"]],
    [["a-1", "a1", "a.1", "A1"]],
  ])("are one for each stream, whichever names they have: %j", (names) => {
    const stream = { table: "landed", mode: "append", id: "id" };
    const alike = ingestSchema.parse({
      tables: { landed: { partitionKey: "id" } },
      streams: Object.fromEntries(names.map((name) => [name, stream])),
    });
    const made = Object.values(resourcesFor(alike, {}, { stage: "dev", observe: false }));
    const sources = made.flatMap(({ Type, Properties }) =>
      Type === "AWS::Lambda::EventSourceMapping" ? [JSON.stringify(Properties)] : [],
    );
    expect(names.filter((name) => !sources.some((text) => text.includes(`stream/${name}"`)))).toEqual([]);
    expect(sources).toHaveLength(names.length);
  });
});
