// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders are CloudFormation's.
import { arn, arnOf, type Resource } from "../../../shared/cloudformation/resource.ts";
import { functionRole, logAndTrace } from "../../../shared/cloudformation/role.ts";
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

function role(config: IngestConfig, stage: string): Resource {
  const tables = ownTablesOf(config);
  const batched = ownTablesOf(config, ({ mode }) => mode === "append");
  const streams = streamsOf(config, (name) => arn("kinesis", `stream/${name}`));
  // A table of the stack by reference, so that it is there before the role; another by its name.
  const tableArn = (name: string) =>
    config.tables[name]?.existing ? arn("dynamodb", `table/${name}`) : arnOf(tableId(name));
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
      on: streams.all,
    },
    {
      sid: "ReadByFanOut",
      actions: ["kinesis:SubscribeToShard", "kinesis:DescribeStreamConsumer"],
      on: streams.fanOut,
    },
    { sid: "Decrypt", actions: ["kms:Decrypt"], on: keysOf(config) },
    {
      sid: "WriteBatches",
      actions: ["dynamodb:BatchWriteItem"],
      on: batched.map(tableArn),
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
      on: tables.map(tableArn),
    },
    {
      sid: "DeleteOnCondition",
      actions: ["dynamodb:DeleteItem"],
      on: ownTablesOf(config, deletesItems).map(tableArn),
    },
    { sid: "WriteInOtherAccounts", actions: ["sts:AssumeRole"], on: rolesOf(config) },
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
