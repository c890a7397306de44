/** What people read when somebody undoes a change, one file a kind of change: read them aloud. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  DescribeStreamSummaryCommand,
  KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
} from "@aws-sdk/client-kinesis";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeAll, expect, test } from "vitest";
import { planUndo as planStreamUndo } from "../../../functions/reshard-streams/act/undo.ts";
import { planUndo as planPoolUndo } from "../../../functions/scale-node-pools/act/undo.ts";
import { carryOut } from "../../../scripts/ledger/undo/carry-out.ts";
import type { PlanUndo } from "../../../shared/automation/undo.ts";
import type { Intent } from "../../../shared/ledger/entry.ts";
import { createOutbox } from "../../../shared/ledger/outbox.ts";
import type { Notification } from "../../../shared/notify/notification.ts";
import { type LedgerTable, startLedgerTable } from "../../shared/ledger/table.ts";
import { expectGolden } from "../../shared/notify/golden.ts";

const GOLDEN = join(import.meta.dirname, "golden-undo");
const NOW = Date.parse("2026-11-28T04:00:12Z");
const MINUTE = 60_000;
const OPERATOR = {
  ...{ arn: "arn:aws:sts::000000000000:assumed-role/oncall/anna", now: NOW, stage: "prod", id: "undo-1" },
};

let db: LedgerTable;
beforeAll(async () => {
  db = await startLedgerTable();
});
afterAll(() => db.stop());

const change = (resource: string, made: Partial<Intent>) => ({
  resource,
  later: [],
  entry: {
    intent: {
      ...{ id: "change-1", at: NOW - 20 * MINUTE, direction: "out" as const, evidence: {} },
      ...{ trigger: "alarm orders-busy", reasons: ["the shard in use most takes 93 % of its limit"] },
      ...{ automation: "reshard-streams", action: "", from: 2, to: 3 },
      ...made,
    },
    outcome: { result: "applied" as const, at: NOW - 20 * MINUTE },
  },
});

/** @returns everything that waits to be sent, oldest first */
async function undone(
  found: ReturnType<typeof change>,
  planUndo: PlanUndo,
  why: string,
): Promise<Notification[]> {
  const table = await db.another();
  const result = await carryOut(found, planUndo, { client: db.client, table }, OPERATOR, {
    ...{
      ...(why && { why }),
      pauseMs: 60 * MINUTE,
      aws: { region: "us-east-1" },
    },
    clock: { now: () => NOW, sleep: () => expect.unreachable("nothing waits") },
  } as never);
  expect(result).not.toHaveProperty("refused");
  const { claimed } = await createOutbox(db.client, { table, keepMs: 1e9 }).claimWaiting(
    { now: NOW + MINUTE, until: NOW + 2 * MINUTE },
    new AbortController().signal,
  );
  return claimed.flatMap(({ notifications }) => notifications);
}

const HALF = 2n ** 127n;
const LAST = 2n ** 128n - 1n;
const shard = (id: string, from: bigint, to: bigint, parent?: string) => ({
  ShardId: id,
  ...(parent !== undefined && { ParentShardId: parent }),
  HashKeyRange: { StartingHashKey: String(from), EndingHashKey: String(to) },
  SequenceNumberRange: { StartingSequenceNumber: "1" },
});

const KINDS: Readonly<Record<string, () => Promise<Notification[]>>> = {
  split: () => {
    const kinesis = mockClient(KinesisClient);
    kinesis.on(DescribeStreamSummaryCommand).resolves({
      StreamDescriptionSummary: {
        ...{ StreamName: "orders", StreamStatus: "ACTIVE", RetentionPeriodHours: 24, OpenShardCount: 3 },
        ...{ StreamARN: "arn:aws:kinesis:us-east-1:000000000000:stream/orders", EnhancedMonitoring: [] },
        StreamCreationTimestamp: new Date(0),
      },
    });
    kinesis.on(ListShardsCommand).resolves({
      Shards: [
        shard("shardId-a", 0n, HALF / 2n - 1n, "shardId-0"),
        shard("shardId-b", HALF / 2n, HALF - 1n, "shardId-0"),
        shard("shardId-1", HALF, LAST),
      ],
    });
    kinesis.on(MergeShardsCommand).resolves({});
    const made = { action: "kinesis:SplitShard", evidence: { shard: "shardId-0" } };
    return undone(change("stream/orders", made), planStreamUndo, "");
  },
  sizes: () => {
    const groups = mockClient(AutoScalingClient);
    groups.on(DescribeAutoScalingGroupsCommand).resolves({
      AutoScalingGroups: [
        {
          ...{ AutoScalingGroupName: "workers-a", MinSize: 0, MaxSize: 9, DesiredCapacity: 5 },
          ...{ DefaultCooldown: 0, AvailabilityZones: [], HealthCheckType: "EC2", CreatedTime: new Date(0) },
          Instances: ["i-1", "i-2", "i-3"].map((InstanceId) => ({
            ...{ InstanceId, AvailabilityZone: "us-east-1a", LifecycleState: "InService" as const },
            ...{ HealthStatus: "Healthy", ProtectedFromScaleIn: false },
          })),
        },
      ],
    });
    groups.on(SetDesiredCapacityCommand).resolves({});
    const made = {
      ...{ automation: "scale-node-pools", action: "autoscaling:SetDesiredCapacity", from: 3, to: 5 },
      ...{ parts: [{ name: "workers-a", size: { from: 3, to: 5 } }], reasons: ["40 pods wait for a node"] },
    };
    return undone(change("node-pool/workers", made), planPoolUndo, "the pods were a mistake");
  },
  // Kubernetes is asked end to end (test/e2e/scale-node-pools.test.ts): here one of two nodes went meanwhile.
  "uncordon-in-part": () => {
    const made = {
      ...{ automation: "scale-node-pools", action: "lambda:Invoke drain-nodes", direction: "in" as const },
      ...{ from: 5, to: 3, reasons: ["2 nodes are in use by no pod"] },
    };
    return undone(
      change("node-pool/workers", made),
      async () => ({
        what: "uncordon ip-10-0-1-2, ip-10-0-1-3 and remove the taint",
        change: { action: "kubernetes:uncordon", direction: "out", from: 3, to: 5, evidence: {} },
        notes: [],
        call: async () => ["ip-10-0-1-3: it is gone"],
      }),
      "",
    );
  },
};

test.each(Object.entries(KINDS))("%s", async (kind, notifications) => {
  await expectGolden(GOLDEN, kind, await notifications());
});

test("every file is of a kind", () => {
  expect(readdirSync(GOLDEN).toSorted()).toEqual(
    Object.keys(KINDS)
      .map((kind) => `${kind}.txt`)
      .toSorted(),
  );
});
