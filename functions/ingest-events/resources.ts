import { logicalId } from "../../shared/config/logical-id.ts";
import { whenRemoved } from "../../shared/config/when-removed.ts";
import { type IngestConfig, keyAttributes, type Mode } from "./policy.ts";

/** As far as this looks at the section `streams`: which streams the stack creates. */
export type CreatedStreams = Readonly<Record<string, { readonly create?: unknown }>>;

type Resource = Readonly<Record<string, unknown>>;

/** The CloudFormation resources that follow from the config: a table for each of its tables, and the role. */
export function resourcesFor(config: IngestConfig, stage: string): Record<string, Resource> {
  const tables = Object.entries(config.tables).map(([name, table]) => [
    tableId(name),
    tableResource(name, table, stage),
  ]);
  return { ...Object.fromEntries(tables), IngestEventsRole: role(config, stage) };
}

/** The function's events: one event-source mapping a stream, with nothing left to AWS's defaults. */
export function eventsFor(config: IngestConfig, streams: CreatedStreams): readonly Resource[] {
  return Object.entries(config.streams).map(([name, { mapping }]) => ({
    stream: {
      type: "kinesis",
      // A reference where the stream is the stack's own, so that it is there before it is read.
      arn: streams[name]?.create === undefined ? streamArn(name) : getAtt(`Stream${logicalId(name)}`),
      startingPosition: mapping.startingPosition,
      batchSize: mapping.batchSize,
      batchWindow: mapping.maximumBatchingWindowInSeconds,
      parallelizationFactor: mapping.parallelizationFactor,
      functionResponseType: "ReportBatchItemFailures",
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: mapping.maximumRetryAttempts,
      maximumRecordAgeInSeconds: mapping.maximumRecordAgeInSeconds,
      destinations: { onFailure: { type: "sqs", arn: getAtt("FailedBatchesQueue") } },
    },
  }));
}

function tableResource(name: string, table: IngestConfig["tables"][string], stage: string): Resource {
  const key = keyAttributes(table);
  return {
    Type: "AWS::DynamoDB::Table",
    DeletionPolicy: whenRemoved(stage),
    UpdateReplacePolicy: "Retain",
    Properties: {
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: key.map(({ name: AttributeName, type }) => ({
        AttributeName,
        AttributeType: type === "number" ? "N" : "S",
      })),
      KeySchema: key.map(({ name: AttributeName }, index) => ({
        AttributeName,
        KeyType: index === 0 ? "HASH" : "RANGE",
      })),
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
      TimeToLiveSpecification: { AttributeName: table.timeToLive, Enabled: true },
      DeletionProtectionEnabled: table.deletionProtection,
    },
  };
}

function role({ streams }: IngestConfig, stage: string): Resource {
  const policies = Object.values(streams);
  const tablesOf = (isMeant: (mode: Mode) => boolean) => [
    ...new Set(policies.filter(({ mode }) => isMeant(mode)).map(({ table }) => table)),
  ];
  const batched = tablesOf((mode) => mode === "append").map((table) => getAtt(tableId(table)));
  const single = tablesOf((mode) => mode !== "append").map((table) => getAtt(tableId(table)));
  const writes = [
    allow("WriteBatches", ["dynamodb:BatchWriteItem"], batched),
    // GetItem is for endpoints that do not send the item along with a failed condition.
    allow("WriteOneByOne", ["dynamodb:PutItem", "dynamodb:GetItem"], single),
  ].filter(({ Resource }) => Array.isArray(Resource) && Resource.length > 0);
  const readStreams = allow(
    "ReadStreams",
    [
      "kinesis:DescribeStream",
      "kinesis:DescribeStreamSummary",
      "kinesis:GetRecords",
      "kinesis:GetShardIterator",
      "kinesis:ListShards",
    ],
    Object.keys(streams).map(streamArn),
  );
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      AssumeRolePolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "lambda.amazonaws.com" },
            Action: "sts:AssumeRole",
          },
        ],
      },
      Policies: [
        {
          PolicyName: "ingest-events",
          PolicyDocument: {
            Version: "2012-10-17",
            Statement: [
              ...(policies.length > 0 ? [readStreams, ...writes] : []),
              allow(
                "Quarantine",
                ["sqs:SendMessage"],
                [getAtt("QuarantineQueue"), getAtt("FailedBatchesQueue")],
              ),
              allow("KeepLargeRecords", ["s3:PutObject"], [join("", [getAtt("QuarantineBucket"), "/*"])]),
              // AWS has no resource level for X-Ray's two.
              allow("Trace", ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], ["*"]),
              allow(
                "WriteLogs",
                ["logs:CreateLogStream", "logs:PutLogEvents"],
                [arn("logs", `log-group:/aws/lambda/reflex-${stage}-ingest-events:*`)],
              ),
            ],
          },
        },
      ],
    },
  };
}

function allow(Sid: string, Action: readonly string[], Resource: readonly unknown[]): Resource {
  return { Sid, Effect: "Allow", Action, Resource };
}

function tableId(name: string): string {
  return `Table${logicalId(name)}`;
}

function streamArn(name: string): Resource {
  return arn("kinesis", `stream/${name}`);
}

/** Of this account and region. */
function arn(service: string, resource: string): Resource {
  return join(":", [
    "arn",
    ref("AWS::Partition"),
    service,
    ref("AWS::Region"),
    ref("AWS::AccountId"),
    resource,
  ]);
}

function join(separator: string, parts: readonly unknown[]): Resource {
  return { "Fn::Join": [separator, parts] };
}

function getAtt(id: string): Resource {
  return { "Fn::GetAtt": [id, "Arn"] };
}

function ref(name: string): Resource {
  return { Ref: name };
}
