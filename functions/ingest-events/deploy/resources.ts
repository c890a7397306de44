// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders are CloudFormation's.
import * as z from "zod/mini";
import { arn, arnOf, type Resource, ref } from "../../../shared/cloudformation/resource.ts";
import { functionRole, logAndTrace } from "../../../shared/cloudformation/role.ts";
import { deletionPolicy } from "../../../shared/config/deletion-policy.ts";
import type { ConfigFile } from "../../../shared/config/file.ts";
import { logicalId } from "../../../shared/config/logical-id.ts";
import { type IngestConfig, keyAttributes, type Mode } from "../config/policy.ts";

/** As far as this looks at the section `streams`: which streams the stack creates. */
export type CreatedStreams = Readonly<Record<string, { readonly create?: unknown }>>;

const streamsSection = z.catch(z.record(z.string(), z.looseObject({ create: z.optional(z.unknown()) })), {});

/** Read from a file whose section `streams` its own automation checks: what is wrong there is not said here again. */
export const createdStreams = ({ sections }: ConfigFile): CreatedStreams =>
  streamsSection.parse(sections.streams ?? {});

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
      arn: streams[name]?.create === undefined ? joinedStreamArn(name) : arnOf(`Stream${logicalId(name)}`),
      startingPosition: mapping.startingPosition,
      batchSize: mapping.batchSize,
      batchWindow: mapping.maximumBatchingWindowInSeconds,
      parallelizationFactor: mapping.parallelizationFactor,
      functionResponseType: "ReportBatchItemFailures",
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: mapping.maximumRetryAttempts,
      maximumRecordAgeInSeconds: mapping.maximumRecordAgeInSeconds,
      destinations: { onFailure: { type: "sqs", arn: arnOf("FailedBatchesQueue") } },
    },
  }));
}

function tableResource(name: string, table: IngestConfig["tables"][string], stage: string): Resource {
  const key = keyAttributes(table);
  return {
    Type: "AWS::DynamoDB::Table",
    DeletionPolicy: deletionPolicy(stage),
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
  const batched = tablesOf((mode) => mode === "append");
  const single = tablesOf((mode) => mode !== "append");
  return functionRole("ingest-events", [
    {
      sid: "ReadStreams",
      actions: [
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
      ],
      on: Object.keys(streams).map((name) => arn("kinesis", `stream/${name}`)),
    },
    {
      sid: "WriteBatches",
      actions: ["dynamodb:BatchWriteItem"],
      on: batched.map((table) => arnOf(tableId(table))),
    },
    // GetItem is for endpoints that do not send the item along with a failed condition.
    {
      sid: "WriteOneByOne",
      actions: ["dynamodb:PutItem", "dynamodb:GetItem"],
      on: single.map((table) => arnOf(tableId(table))),
    },
    {
      sid: "Quarantine",
      actions: ["sqs:SendMessage"],
      on: [arnOf("QuarantineQueue"), arnOf("FailedBatchesQueue")],
    },
    { sid: "KeepLargeRecords", actions: ["s3:PutObject"], on: [{ "Fn::Sub": "${QuarantineBucket.Arn}/*" }] },
    ...logAndTrace(`reflex-${stage}-ingest-events`),
  ]);
}

function tableId(name: string): string {
  return `Table${logicalId(name)}`;
}

/** Of an event's forms for an ARN, serverless knows this one: it names the mapping after the last part. */
function joinedStreamArn(name: string): Resource {
  const place = [ref("AWS::Partition"), "kinesis", ref("AWS::Region"), ref("AWS::AccountId")];
  return { "Fn::Join": [":", ["arn", ...place, `stream/${name}`]] };
}
