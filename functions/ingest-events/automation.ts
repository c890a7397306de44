import { defineAutomation } from "../../shared/automation/automation.ts";
import { logAndTracePermissions } from "../../shared/automation/permission.ts";
import type { ConfigFile } from "../../shared/config/file.ts";
import { type Mode, serviceMode } from "../../shared/config/load.ts";
import { sumOf } from "../../shared/cost/cost-line.ts";
import { deletesItems, ingestSchema } from "./config/policy.ts";
import { configKeys } from "./deploy/config-keys.ts";
import { eventsCost, ingestCost, keptEventsCost, MODES } from "./deploy/cost.ts";
import { keysOf, ownTablesOf, rolesOf, streamsOf } from "./deploy/grants.ts";
import { createdStreams } from "./deploy/mappings.ts";
import { monitoring } from "./deploy/monitoring.ts";
import { quarantineResources } from "./deploy/quarantine.ts";
import { resourcesFor } from "./deploy/resources.ts";

const NAME = "ingest-events";

/** A mode that is none is reported where the config is checked. */
function modeOf(file: ConfigFile): Mode {
  const service = serviceMode(file);
  return "value" in service ? service.value : "act";
}

const ownStream = (name: string) => `arn:aws:kinesis:<region>:<account>:stream/${name}`;

export const automation = defineAutomation({
  name: NAME,
  summary: "lands an event stream in DynamoDB, nothing lost, nothing twice",
  triggeredBy: "a Kinesis event-source mapping",
  functions: [NAME],
  config: {
    section: "ingest",
    schema: ingestSchema,
    describes: "streams to land, and their tables",
    keys: configKeys,
    sample: {
      what: "a landed stream",
      section: (count) => ({
        tables: { table: { partitionKey: "id" } },
        streams: Object.fromEntries(
          Array.from({ length: count }, (_, at) => [`s${at}`, { table: "table", mode: "append", id: "id" }]),
        ),
      }),
    },
  },
  permissions: [
    {
      actions: [
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
      ],
      on: "<landed stream>",
      why: "lets the event source mapping read the stream",
      by: "Lambda",
    },
    {
      actions: ["kinesis:SubscribeToShard", "kinesis:DescribeStreamConsumer"],
      on: "<consumer of a landed stream>",
      why: "lets the event source mapping read with enhanced fan-out",
      by: "Lambda",
    },
    {
      actions: ["kms:Decrypt"],
      on: "<key of a landed stream or table>",
      why: "reads streams and writes tables that your own keys encrypt",
    },
    {
      actions: ["dynamodb:BatchWriteItem"],
      on: "arn:aws:dynamodb:<region>:<account>:table/<table in mode append>",
      why: "writes items",
    },
    {
      actions: [
        "dynamodb:PartiQLInsert",
        "dynamodb:PartiQLUpdate",
        "dynamodb:PutItem",
        "dynamodb:BatchGetItem",
      ],
      on: "arn:aws:dynamodb:<region>:<account>:table/<landed table>",
      why: "writes an item if it is new or has a later version. Reads the stored item if a refused write does not return it",
    },
    {
      actions: ["dynamodb:DeleteItem"],
      on: "arn:aws:dynamodb:<region>:<account>:table/<table with deletes.keepDays of 0>",
      why: "deletes an item that an event deletes, unless a later version is stored",
    },
    {
      actions: ["sts:AssumeRole"],
      on: "<role of a table in another account>",
      why: "writes a table in another account through the role there",
    },
    {
      actions: ["sqs:SendMessage"],
      on: "arn:aws:sqs:<region>:<account>:reflex-<stage>-quarantine",
      why: "quarantines records that can never be written",
    },
    {
      actions: ["s3:PutObject"],
      on: "arn:aws:s3:::reflex-<stage>-failed-batches-<account>-<region>/*",
      why: "lets Lambda store the batches that it gives up",
      by: "Lambda",
    },
    {
      actions: ["s3:ListBucket"],
      on: "arn:aws:s3:::reflex-<stage>-failed-batches-<account>-<region>",
      why: "lets Lambda check the bucket before it stores a batch",
      by: "Lambda",
    },
    {
      actions: ["s3:PutObject"],
      on: "arn:aws:s3:::reflex-<stage>-quarantine-<account>-<region>/*",
      why: "stores quarantined records that are too large for a message",
    },
    ...logAndTracePermissions(NAME),
  ],
  runbook: "docs/runbook/ingest-events.md",
  diagram: {
    triggers: [{ from: "Kinesis stream", to: NAME, how: "event-source mapping" }],
    data: [
      { store: "Kinesis streams", direction: "reads", what: "records" },
      { store: "tables of the config", kind: "table", direction: "writes", what: "items" },
      {
        store: "quarantine: queue and bucket",
        kind: "queue",
        direction: "writes",
        what: "what can never be landed",
      },
    ],
  },
  inUse: ({ streams, tables }) => Object.keys(streams).length + Object.keys(tables).length > 0,
  resources: (config, stage, file) => {
    const observe = modeOf(file) === "observe";
    return {
      Resources: {
        ...resourcesFor(config, createdStreams(file), { stage, observe }),
        ...quarantineResources(stage),
      },
    };
  },
  placeholders: (config) => ({
    // Whole ARNs, of any account.
    "landed stream": streamsOf(config, ownStream).all,
    "consumer of a landed stream": streamsOf(config, ownStream).fanOut,
    "key of a landed stream or table": keysOf(config),
    "table in mode append": ownTablesOf(config, ({ mode }) => mode === "append"),
    "landed table": ownTablesOf(config),
    "role of a table in another account": rolesOf(config),
    "table with deletes.keepDays of 0": ownTablesOf(config, deletesItems),
  }),
  monitoring: (config, info, file) => monitoring(config, info, modeOf(file)),
  // A batch without a record.
  smokeEvents: () => ({ [NAME]: { Records: [] } }),
  cost: (config) => [{ name: NAME, lines: ingestCost(config) }],
  costOfUse: (info) => [
    ...MODES.map((mode) => ({
      what: `a million events of 1 KB landed, \`${mode}\`: once`,
      usd: sumOf(eventsCost(mode, info)),
    })),
    { what: "a million events of 1 KB kept, recoverable to any second", usd: keptEventsCost() },
  ],
});
