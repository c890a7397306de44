// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders are CloudFormation's.
import { arn, arnOf, type Resource } from "../../../shared/cloudformation/resource.ts";
import { functionRole, logAndTrace, type Statement } from "../../../shared/cloudformation/role.ts";
import { deletesItems } from "../config/policy.ts";
import type { IngestConfig } from "../config/schema.ts";
import { keysOf, ownTablesOf, rolesOf, streamsOf } from "./grants.ts";
import { type CreatedStreams, mappingsFor } from "./mappings.ts";
import { tableId, tablesFor } from "./tables.ts";

/** The CloudFormation resources that follow from the config: a table for each of its tables, the mappings, the role. */
export function resourcesFor(
  config: IngestConfig,
  streams: CreatedStreams,
  { stage, observe }: { readonly stage: string; readonly observe: boolean },
): Record<string, Resource> {
  return {
    ...tablesFor(config, stage),
    ...mappingsFor(config, streams, !observe),
    IngestEventsRole: role(config, stage),
  };
}

const role = (config: IngestConfig, stage: string): Resource =>
  functionRole("ingest-events", [
    ...readStreams(config),
    ...writeTables(config),
    ...keepWhatFails(),
    ...logAndTrace(`reflex-${stage}-ingest-events`),
  ]);

function readStreams(config: IngestConfig): readonly Statement[] {
  const streams = streamsOf(config, (name) => arn("kinesis", `stream/${name}`));
  return [
    {
      sid: "ReadStreams",
      actions: [
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
      ],
      on: streams.all,
    },
    {
      sid: "ReadByFanOut",
      actions: ["kinesis:SubscribeToShard", "kinesis:DescribeStreamConsumer"],
      on: streams.fanOut,
    },
    { sid: "Decrypt", actions: ["kms:Decrypt"], on: keysOf(config) },
  ];
}

function writeTables(config: IngestConfig): readonly Statement[] {
  // A table of the stack by reference, so that it is there before the role; another by its name.
  const tableArn = (name: string) =>
    config.tables[name]?.existing ? arn("dynamodb", `table/${name}`) : arnOf(tableId(name));
  return [
    {
      sid: "WriteBatches",
      actions: ["dynamodb:BatchWriteItem"],
      on: ownTablesOf(config, ({ mode }) => mode === "append").map(tableArn),
    },
    // For append too: what is redriven must not overwrite.
    {
      sid: "WriteOnCondition",
      actions: [
        "dynamodb:PartiQLInsert",
        "dynamodb:PartiQLUpdate",
        "dynamodb:PutItem",
        "dynamodb:BatchGetItem",
      ],
      on: ownTablesOf(config).map(tableArn),
    },
    {
      sid: "DeleteOnCondition",
      actions: ["dynamodb:DeleteItem"],
      on: ownTablesOf(config, deletesItems).map(tableArn),
    },
    { sid: "WriteInOtherAccounts", actions: ["sts:AssumeRole"], on: rolesOf(config) },
  ];
}

function keepWhatFails(): readonly Statement[] {
  return [
    { sid: "Quarantine", actions: ["sqs:SendMessage"], on: [arnOf("QuarantineQueue")] },
    // Lambda writes the batches it gives up by the function's role.
    {
      sid: "KeepFailedBatches",
      actions: ["s3:PutObject"],
      on: [{ "Fn::Sub": "${FailedBatchesBucket.Arn}/*" }],
    },
    { sid: "SeeFailedBatches", actions: ["s3:ListBucket"], on: [arnOf("FailedBatchesBucket")] },
    { sid: "KeepLargeRecords", actions: ["s3:PutObject"], on: [{ "Fn::Sub": "${QuarantineBucket.Arn}/*" }] },
  ];
}
