import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EKSClient } from "@aws-sdk/client-eks";
import { SNSClient } from "@aws-sdk/client-sns";
import { createRequestStore } from "../../shared/approvals/store.ts";
import { clientOptions } from "../../shared/aws/client-options.ts";
import { cloudWatch, ec2, lambda } from "../../shared/aws/runtime-clients.ts";
import { loadConfig } from "../../shared/config/load.ts";
import { requiredEnv } from "../../shared/config/required-env.ts";
import { withHeartbeat } from "../../shared/heartbeat/with-heartbeat.ts";
import { clusterAccess } from "../../shared/kubernetes/api/connect.ts";
import { createFreshness } from "../../shared/lambda/freshness.ts";
import { once } from "../../shared/lambda/once.ts";
import { reflex } from "../../shared/lambda/stack.ts";
import { createLedger } from "../../shared/ledger/ledger.ts";
import { createOutbox } from "../../shared/ledger/outbox.ts";
import { nodePools } from "../../shared/node-pools/policy.ts";
import { createSpotFleets } from "../../shared/node-pools/spot-fleets.ts";
import { createNotify } from "../../shared/notify/notify.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { traced } from "../../shared/tracing/aws-calls.ts";
import { PodEvents } from "./act/pod-events.ts";
import { createRequestDrain, type RequestDrain } from "./act/request-drain.ts";
import { createLaunchTypes } from "./observe/launches/launch-types.ts";
import { createSpotPrices } from "./observe/launches/spot-prices.ts";
import { createPoolStatusStore } from "./observe/pool-status-store.ts";
import type { Dependencies } from "./run/dependencies.ts";
import { scaleNodePools } from "./scale-node-pools.ts";

/** Longer than the function's time-out (function.yml), so that only a dead run's lease runs out. */
const LEASE_MS = 90_000;
const KEEP_ENTRIES_MS = 90 * 24 * 3_600_000;

const eks = traced(new EKSClient(clientOptions()));
const dynamodb = traced(new DynamoDBClient(clientOptions()));
const table = requiredEnv("LEDGER_TABLE");
const drainFunction = requiredEnv("DRAIN_FUNCTION");

/** One for the process: what was read of an instance type stays true, and a price for an hour. */
const launchTypes = once(async () => createLaunchTypes(await ec2()));
const spotPrices = once(async () => createSpotPrices(await launchTypes(), await ec2()));
const requestDrain = once(async () => createRequestDrain(await lambda(), drainFunction));

const clients = {
  autoScaling: traced(new AutoScalingClient(clientOptions())),
  autoScalingOnce: traced(new AutoScalingClient({ ...clientOptions(), maxAttempts: 1 })),
  eks,
  cloudwatch: cloudWatch,
  clusters: clusterAccess(eks, systemClock),
  launchTypes,
  spotPrices,
  spotFleets: async () => createSpotFleets(await ec2()),
  ledger: createLedger(dynamodb, { table, leaseMs: LEASE_MS, keepMs: KEEP_ENTRIES_MS }),
  outbox: createOutbox(dynamodb, { table, keepMs: KEEP_ENTRIES_MS }),
  deployStage: requiredEnv("REFLEX_STAGE"),
  freshness: createFreshness(),
  requests: createRequestStore(dynamodb, table),
  poolStatuses: createPoolStatusStore(dynamodb, table),
  notify: createNotify(traced(new SNSClient(clientOptions())), requiredEnv("NOTIFY_TOPIC")),
  podEvents: new PodEvents(),
  requestDrain: async (...request: Parameters<RequestDrain>) => (await requestDrain())(...request),
};

const deps = loadConfig("nodePools", nodePools).then(
  ({ mode, policies }): Dependencies => ({ ...clients, mode, pools: policies }),
);

export const handler = reflex(
  "scale-node-pools",
  withHeartbeat("scale-node-pools", async (event, run) => scaleNodePools(event, run, await deps)),
);
