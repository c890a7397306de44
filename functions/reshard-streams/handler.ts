import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { SNSClient } from "@aws-sdk/client-sns";
import { createRequestStore } from "../../shared/approvals/store.ts";
import { clientOptions } from "../../shared/aws/client-options.ts";
import { loadConfig } from "../../shared/config/load.ts";
import { requiredEnv } from "../../shared/config/required-env.ts";
import { withHeartbeat } from "../../shared/heartbeat/with-heartbeat.ts";
import { reflex } from "../../shared/lambda/stack.ts";
import { createLedger } from "../../shared/ledger/ledger.ts";
import { createOutbox } from "../../shared/ledger/outbox.ts";
import { createNotify } from "../../shared/notify/notify.ts";
import { pause } from "../../shared/time/pause.ts";
import { traced } from "../../shared/tracing/aws-calls.ts";
import { streamPolicies } from "./config/streams.ts";
import { reshardStreams } from "./reshard-streams.ts";
import type { Dependencies } from "./run/dependencies.ts";
import { createWatchlist } from "./triggers/watchlist.ts";
import { createWatchlistStore } from "./triggers/watchlist-store.ts";

/** Longer than the function's time-out (function.yml), so that only a dead run's lease runs out. */
const LEASE_MS = 90_000;
const KEEP_ENTRIES_MS = 90 * 24 * 3_600_000;

const dynamodb = traced(new DynamoDBClient(clientOptions()));
const table = requiredEnv("LEDGER_TABLE");

const clients = {
  kinesis: traced(new KinesisClient(clientOptions())),
  cloudwatch: traced(new CloudWatchClient(clientOptions())),
  ledger: createLedger(dynamodb, { table, leaseMs: LEASE_MS, keepMs: KEEP_ENTRIES_MS }),
  outbox: createOutbox(dynamodb, { table, keepMs: KEEP_ENTRIES_MS }),
  requests: createRequestStore(dynamodb, table),
  watchlistStore: createWatchlistStore(dynamodb, { table, keepMs: KEEP_ENTRIES_MS }),
  pause,
  notify: createNotify(traced(new SNSClient(clientOptions())), requiredEnv("NOTIFY_TOPIC")),
  deployStage: requiredEnv("REFLEX_STAGE"),
  alarmNamePrefix: requiredEnv("ALARM_NAME_PREFIX"),
};

const deps = loadConfig("streams", streamPolicies).then(
  ({ mode, policies }): Dependencies => ({ ...clients, mode, watchlist: createWatchlist(policies) }),
);
// A wrong config is the error of every invocation, not a crash at load that nobody hears of.
deps.catch(() => {});

export const handler = reflex(
  "reshard-streams",
  withHeartbeat("reshard-streams", async (event, run) => reshardStreams(event, run, await deps)),
);
