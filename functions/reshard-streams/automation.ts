import { asksAtAll } from "../../shared/approvals/mode.ts";
import { defineAutomation } from "../../shared/automation/automation.ts";
import {
  FAILED_EVENTS,
  HEARTBEAT,
  keepLedgerPermissions,
  logAndTracePermissions,
  NOTIFY,
} from "../../shared/automation/permission.ts";
import { smokeEvent } from "../../shared/automation/smoke-event.ts";
import type { ConfigFile } from "../../shared/config/file.ts";
import { isPattern } from "../../shared/config/patterns.ts";
import { heartbeatPlaceholders, heartbeatSecrets } from "../../shared/heartbeat/config.ts";
import type { StageInfo } from "../../shared/monitoring/monitoring.ts";
import { docsOf } from "../../shared/notify/what-to-do.ts";
import {
  managedStreams,
  namesWith,
  policyFor,
  type StreamPolicies,
  streamPolicies,
} from "./config/streams.ts";
import { configKeys } from "./deploy/config-keys.ts";
import { createdStreamsCost, streamsCost } from "./deploy/cost.ts";
import { monitoring } from "./deploy/monitoring.ts";
import { resourcesFor } from "./deploy/resources.ts";
import { roleFor } from "./deploy/role.ts";

const NAME = "reshard-streams";

export const automation = defineAutomation({
  name: NAME,
  summary: "keeps each Kinesis data stream at the shard count its traffic needs",
  triggeredBy: "a stream's alarm; every minute",
  whenPaused: "no stream gets more or fewer shards; one that refuses writes goes on refusing them",
  functions: [NAME],
  config: {
    section: "streams",
    schema: streamPolicies,
    describes: "Kinesis streams; names may be patterns: `orders-*` also manages the one you create next week",
    keys: configKeys,
    sample: {
      what: "a stream that is named",
      section: (count) =>
        Object.fromEntries(Array.from({ length: count }, (_, at) => [`s${at}`, { max: 10 }])),
    },
  },
  permissions: [
    {
      actions: ["kinesis:DescribeStreamSummary", "kinesis:ListShards"],
      on: "arn:aws:kinesis:<region>:<account>:stream/<stream>",
      why: "reads the shards and their hash key ranges",
    },
    {
      actions: [
        "kinesis:UpdateShardCount",
        "kinesis:SplitShard",
        "kinesis:MergeShards",
        "kinesis:UpdateStreamWarmThroughput",
      ],
      on: "arn:aws:kinesis:<region>:<account>:stream/<stream>",
      why: "reshards, and warms up on-demand streams",
    },
    {
      actions: ["kinesis:UpdateStreamRecordDistributionStrategy"],
      on: "arn:aws:kinesis:<region>:<account>:stream/<auto-stream>",
      why: "has AWS spread records whatever their keys, if the config has `distribution: auto`",
    },
    {
      actions: ["kinesis:UpdateStreamMode"],
      on: "arn:aws:kinesis:<region>:<account>:stream/<switched-stream>",
      why: "switches the capacity mode, if the config has `streamMode: switch`",
    },
    { actions: ["kinesis:ListStreams"], on: "*", why: "finds the streams a pattern matches" },
    {
      actions: ["kinesis:DescribeAccountSettings"],
      on: "*",
      why: "reads whether the account has On-demand Advantage",
    },
    { actions: ["cloudwatch:GetMetricData"], on: "*", why: "reads the traffic" },
    {
      actions: ["cloudwatch:DescribeAlarms"],
      on: "arn:aws:cloudwatch:<region>:<account>:alarm:*",
      why: "reads which of its alarms are in ALARM. AWS allows this call on all alarms only",
    },
    ...keepLedgerPermissions(),
    NOTIFY,
    FAILED_EVENTS,
    ...HEARTBEAT,
    ...logAndTracePermissions(NAME),
  ],
  runbook: "docs/runbook/reshard-streams.md",
  diagram: {
    triggers: [
      { from: "EventBridge rule, every minute", to: NAME },
      { from: "alarm of a stream", to: NAME, how: "invokes it directly" },
    ],
    data: [
      { store: "Kinesis streams", direction: "reads", what: "shards, metrics" },
      { store: "Kinesis streams", direction: "writes", what: "reshards" },
      { store: "ledger", kind: "table", direction: "both", what: "lease, intent, outcome" },
      { store: "topic notify", kind: "topic", direction: "writes" },
    ],
  },
  undo: async (request) => (await import("./act/undo.ts")).planUndo(request),
  inUse: forManaged((streams) => Object.keys(streams).length > 0),
  resources: forManaged((streams, stage: string, file: ConfigFile) => ({
    Resources: {
      ...roleFor(streams, stage, heartbeatSecrets(file, NAME)),
      ...resourcesFor(streams, stage, docsOf(file)),
    },
  })),
  placeholders: forManaged((streams, _stage: string, file: ConfigFile) => ({
    ...heartbeatPlaceholders(file, NAME),
    stream: Object.keys(streams),
    "auto-stream": namesWith(streams, ({ distribution }) => distribution === "auto"),
    "switched-stream": namesWith(streams, ({ streamMode }) => streamMode === "switch"),
  })),
  monitoring: forManaged(monitoring),
  asks: (streams, mode) =>
    Object.entries(managedStreams(streams))
      .filter(([, policy]) => asksAtAll(policy.mode, mode))
      .map(([name]) => ({ resource: `stream/${name}`, path: [name] })),
  smokeEvents: (streams, account) => {
    const named = Object.keys(streams).find(
      (name) => !isPattern(name) && policyFor(streams, name) !== undefined,
    );
    // With patterns only, a stream of the account proves that the role may read what they match.
    const matched = account.streams.find((name) => policyFor(streams, name) !== undefined);
    return { [NAME]: smokeEvent("stream", named ?? matched) };
  },
  cost: forManaged((streams, info: StageInfo) => [
    { name: NAME, lines: streamsCost(streams, info) },
    ...createdStreamsCost(streams),
  ]),
});

/** What is deployed follows from the entries that name something to manage. */
function forManaged<Rest extends readonly unknown[], Result>(
  of: (streams: StreamPolicies, ...rest: Rest) => Result,
) {
  return (streams: StreamPolicies, ...rest: Rest): Result => of(managedStreams(streams), ...rest);
}
