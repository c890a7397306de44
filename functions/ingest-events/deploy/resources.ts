// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders are CloudFormation's.
import { arn, arnOf, type Resource } from "../../../shared/cloudformation/resource.ts";
import { functionRole, logAndTrace } from "../../../shared/cloudformation/role.ts";
import { deletionPolicy } from "../../../shared/config/deletion-policy.ts";
import { logicalId } from "../../../shared/config/logical-id.ts";
import { hasTimeToLive } from "../config/policy.ts";
import { type IngestConfig, keyAttributes, type StreamConfig } from "../config/schema.ts";
import { type CreatedStreams, mappingsFor } from "./mappings.ts";

/** The CloudFormation resources that follow from the config: a table for each of its tables, the mappings, the role. */
export function resourcesFor(
  config: IngestConfig,
  streams: CreatedStreams,
  { stage, observe }: { readonly stage: string; readonly observe: boolean },
): Record<string, Resource> {
  const tables = Object.keys(config.tables).map((name) => [
    tableId(name),
    tableResource(name, config, stage),
  ]);
  return {
    ...Object.fromEntries(tables),
    ...mappingsFor(config, streams, !observe),
    IngestEventsRole: role(config, stage),
  };
}

function tableResource(name: string, config: IngestConfig, stage: string): Resource {
  const table = config.tables[name];
  if (table === undefined) throw new Error(`ingest.tables.${name} is missing`);
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
      ...(hasTimeToLive(config, name) && {
        TimeToLiveSpecification: { AttributeName: table.timeToLive, Enabled: true },
      }),
      DeletionProtectionEnabled: table.deletionProtection,
    },
  };
}

function role({ streams }: IngestConfig, stage: string): Resource {
  const tablesOf = (policies: readonly StreamConfig[]) => [...new Set(policies.map(({ table }) => table))];
  const tables = tablesOf(Object.values(streams));
  const batched = tablesOf(Object.values(streams).filter(({ mode }) => mode === "append"));
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
    // For append too: what is redriven must not overwrite. GetItem is for endpoints that do not send the item along
    // with a failed condition.
    {
      sid: "WriteOneByOne",
      actions: ["dynamodb:PutItem", "dynamodb:GetItem"],
      on: tables.map((table) => arnOf(tableId(table))),
    },
    { sid: "Quarantine", actions: ["sqs:SendMessage"], on: [arnOf("QuarantineQueue")] },
    // Lambda writes the batches it gives up by the function's role.
    {
      sid: "KeepFailedBatches",
      actions: ["s3:PutObject"],
      on: [{ "Fn::Sub": "${FailedBatchesBucket.Arn}/*" }],
    },
    { sid: "SeeFailedBatches", actions: ["s3:ListBucket"], on: [arnOf("FailedBatchesBucket")] },
    { sid: "KeepLargeRecords", actions: ["s3:PutObject"], on: [{ "Fn::Sub": "${QuarantineBucket.Arn}/*" }] },
    ...logAndTrace(`reflex-${stage}-ingest-events`),
  ]);
}

function tableId(name: string): string {
  return `Table${logicalId(name)}`;
}
