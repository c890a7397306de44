import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EKSClient } from "@aws-sdk/client-eks";
import { SNSClient } from "@aws-sdk/client-sns";
import { createRequestStore } from "../../shared/approvals/store.ts";
import { clientOptions } from "../../shared/aws/client-options.ts";
import { loadConfig } from "../../shared/config/load.ts";
import { requiredEnv } from "../../shared/config/required-env.ts";
import { withHeartbeat } from "../../shared/heartbeat/with-heartbeat.ts";
import { clusterAccess } from "../../shared/kubernetes/api/connect.ts";
import { createFreshness } from "../../shared/lambda/freshness.ts";
import { reflex } from "../../shared/lambda/stack.ts";
import { createLedger } from "../../shared/ledger/ledger.ts";
import { createOutbox } from "../../shared/ledger/outbox.ts";
import { nodePools } from "../../shared/node-pools/policy.ts";
import { createNotify } from "../../shared/notify/notify.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { traced } from "../../shared/tracing/aws-calls.ts";
import { PodEvents } from "./act/pod-events.ts";
import type { RequestDrain } from "./act/request-drain.ts";
import type { LaunchTypes } from "./observe/launches/launch-types.ts";
import type { SpotPrices } from "./observe/launches/spot-prices.ts";
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

/** One for the process: what it has read of an instance type stays true. */
let launchTypes: Promise<LaunchTypes> | undefined;

function knownLaunchTypes(): Promise<LaunchTypes> {
  launchTypes ??= import("./observe/launches/launch-types.ts").then(({ createLaunchTypes }) =>
    createLaunchTypes(),
  );
  return launchTypes;
}

/** One for the process: a price is read once an hour. */
let spotPrices: Promise<SpotPrices> | undefined;

async function loadSpotPrices(): Promise<SpotPrices> {
  const { createSpotPrices } = await import("./observe/launches/spot-prices.ts");
  return createSpotPrices(await knownLaunchTypes());
}

/**
 * Loaded when the first node is to be drained, from Lambda's runtime: most runs have none, and a cold start does not wait
 * for it.
 */
let drains: Promise<RequestDrain> | undefined;

async function loadRequestDrain(): Promise<RequestDrain> {
  const { LambdaClient } = await import("@aws-sdk/client-lambda");
  const { createRequestDrain } = await import("./act/request-drain.ts");
  return createRequestDrain(traced(new LambdaClient(clientOptions())), drainFunction);
}

const clients = {
  autoScaling: traced(new AutoScalingClient(clientOptions())),
  autoScalingOnce: traced(new AutoScalingClient({ ...clientOptions(), maxAttempts: 1 })),
  eks,
  cloudwatch: async () => (await import("./observe/container-insights.ts")).createCloudWatch(),
  clusters: clusterAccess(eks, systemClock),
  launchTypes: knownLaunchTypes,
  spotPrices: () => {
    spotPrices ??= loadSpotPrices();
    return spotPrices;
  },
  spotFleets: async () => (await import("../../shared/node-pools/spot-fleets.ts")).createSpotFleets(),
  ledger: createLedger(dynamodb, { table, leaseMs: LEASE_MS, keepMs: KEEP_ENTRIES_MS }),
  outbox: createOutbox(dynamodb, { table, keepMs: KEEP_ENTRIES_MS }),
  deployStage: requiredEnv("REFLEX_STAGE"),
  freshness: createFreshness(),
  requests: createRequestStore(dynamodb, table),
  poolStatuses: createPoolStatusStore(dynamodb, table),
  notify: createNotify(traced(new SNSClient(clientOptions())), requiredEnv("NOTIFY_TOPIC")),
  podEvents: new PodEvents(),
  requestDrain: async (...request: Parameters<RequestDrain>) => {
    drains ??= loadRequestDrain();
    return (await drains)(...request);
  },
};

const deps = loadConfig("nodePools", nodePools).then(
  ({ mode, policies }): Dependencies => ({ ...clients, mode, pools: policies }),
);

export const handler = reflex(
  "scale-node-pools",
  withHeartbeat("scale-node-pools", async (event, run) => scaleNodePools(event, run, await deps)),
);
