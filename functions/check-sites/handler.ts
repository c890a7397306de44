import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { clientOptions } from "../../shared/aws/client-options.ts";
import { loadConfig } from "../../shared/config/load.ts";
import { requiredEnv } from "../../shared/config/required-env.ts";
import { withHeartbeat } from "../../shared/heartbeat/with-heartbeat.ts";
import { createFreshness } from "../../shared/lambda/freshness.ts";
import { reflex } from "../../shared/lambda/stack.ts";
import { createLedger } from "../../shared/ledger/ledger.ts";
import { createNotify } from "../../shared/notify/notify.ts";
import { createCredentials } from "../../shared/secrets/credentials.ts";
import { createSecretSource } from "../../shared/secrets/secret-source.ts";
import { systemStopwatch } from "../../shared/time/clock.ts";
import { pause } from "../../shared/time/pause.ts";
import { traced } from "../../shared/tracing/aws-calls.ts";
import { checkSites } from "./check-sites.ts";
import { sites as schema } from "./config/sites.ts";
import { createAskRegion } from "./confirm/ask-region.ts";
import { loadPatternEngine } from "./evaluate/pattern.ts";
import { createAddressFilter } from "./probe/net/address-filter.ts";
import { createResolver } from "./probe/net/resolver.ts";
import { addressOf, createCanary, endpointOf } from "./run/canary.ts";
import type { Dependencies } from "./run/dependencies.ts";
import { createStore } from "./state/store.ts";
import { createUpload } from "./status-page/upload.ts";

const dynamodb = traced(new DynamoDBClient(clientOptions()));
const homeRegion = requiredEnv("AWS_REGION");
const clients = {
  store: createStore(dynamodb, requiredEnv("SITES_TABLE")),
  // It is only read here: nothing is leased and nothing expires.
  ledger: createLedger(dynamodb, { table: requiredEnv("LEDGER_TABLE"), leaseMs: 0, keepMs: 0 }),
  notify: createNotify(traced(new SNSClient(clientOptions())), requiredEnv("NOTIFY_TOPIC")),
  credentials: createCredentials(createSecretSource()),
  stopwatch: systemStopwatch,
  freshness: createFreshness(),
  pause,
  askRegion: createAskRegion(`reflex-${requiredEnv("REFLEX_STAGE")}-confirm-sites-for-${homeRegion}`),
  homeRegion,
};
const upload = createUpload(requiredEnv("STATUS_BUCKET"));

const deps = loadConfig("sites", schema).then(async ({ policies: sites }): Promise<Dependencies> => {
  const conditions = sites.list.flatMap((site) => site.conditions);
  if (conditions.some(({ needsPatternEngine }) => needsPatternEngine)) await loadPatternEngine();
  const resolver = createResolver(sites.resolvers);
  const { canary } = sites;
  const canaryAddress = canary ? async () => addressOf(canary) : () => endpointOf(dynamodb);
  return {
    ...clients,
    sites,
    resolver,
    addressFilter: createAddressFilter(sites.allow),
    askCanary: createCanary(canaryAddress, resolver, systemStopwatch),
    ...(sites.statusPage && { upload }),
  };
});

export const handler = reflex(
  "check-sites",
  withHeartbeat("check-sites", async (event, run) => checkSites(event, run, await deps)),
);
