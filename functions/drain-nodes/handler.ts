import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EKSClient } from "@aws-sdk/client-eks";
import { SNSClient } from "@aws-sdk/client-sns";
import { clientOptions } from "../../shared/aws/client-options.ts";
import { ec2 } from "../../shared/aws/runtime-clients.ts";
import { loadConfig } from "../../shared/config/load.ts";
import { requiredEnv } from "../../shared/config/required-env.ts";
import { clusterAccess } from "../../shared/kubernetes/api/connect.ts";
import { createFreshness } from "../../shared/lambda/freshness.ts";
import { reflex } from "../../shared/lambda/stack.ts";
import { createLedger } from "../../shared/ledger/ledger.ts";
import { createOutbox } from "../../shared/ledger/outbox.ts";
import { nodePools } from "../../shared/node-pools/policy.ts";
import { createSpotFleets } from "../../shared/node-pools/spot-fleets.ts";
import { createNotify } from "../../shared/notify/notify.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { traced } from "../../shared/tracing/aws-calls.ts";
import { KeyedQueue } from "./act/remove-instance/keyed-queue.ts";
import { drainNodes } from "./drain-nodes.ts";
import { createOpenDrainsStore } from "./observe/open-drains.ts";
import type { Dependencies } from "./run/dependencies.ts";

/** Longer than the function's time-out (function.yml), so that only a dead run's lease runs out. */
const LEASE_MS = 210_000;
const KEEP_ENTRIES_MS = 90 * 24 * 3_600_000;

const dynamodb = traced(new DynamoDBClient(clientOptions()));
const table = requiredEnv("LEDGER_TABLE");

const clients = {
  autoScaling: traced(new AutoScalingClient(clientOptions())),
  autoScalingOnce: traced(new AutoScalingClient({ ...clientOptions(), maxAttempts: 1 })),
  clusters: clusterAccess(traced(new EKSClient(clientOptions())), systemClock),
  spotFleets: async () => createSpotFleets(await ec2()),
  poolQueue: new KeyedQueue(),
  freshness: createFreshness(),
  ledger: createLedger(dynamodb, { table, leaseMs: LEASE_MS, keepMs: KEEP_ENTRIES_MS }),
  openDrains: createOpenDrainsStore(dynamodb, table),
  outbox: createOutbox(dynamodb, { table, keepMs: KEEP_ENTRIES_MS }),
  notify: createNotify(traced(new SNSClient(clientOptions())), requiredEnv("NOTIFY_TOPIC")),
};

const deps = loadConfig("nodePools", nodePools).then(
  ({ mode, policies }): Dependencies => ({ ...clients, mode, pools: policies }),
);

export const handler = reflex("drain-nodes", async (event, run) => drainNodes(event, run, await deps));
