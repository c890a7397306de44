import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createRequestStore } from "../../shared/approvals/store.ts";
import { clientOptions } from "../../shared/aws/client-options.ts";
import { loadConfig } from "../../shared/config/load.ts";
import { requiredEnv } from "../../shared/config/required-env.ts";
import { reflex } from "../../shared/lambda/stack.ts";
import { notifySchema } from "../../shared/routes/routes.ts";
import { createCredentials } from "../../shared/secrets/credentials.ts";
import { createSecretSource } from "../../shared/secrets/secret-source.ts";
import { traced } from "../../shared/tracing/aws-calls.ts";
import { approveChanges } from "./approve-changes.ts";
import type { Dependencies } from "./run/dependencies.ts";

const clients = {
  requests: createRequestStore(traced(new DynamoDBClient(clientOptions())), requiredEnv("LEDGER_TABLE")),
  credentials: createCredentials(createSecretSource()),
};

const deps = loadConfig("notify", notifySchema).then(
  ({ policies }): Dependencies => ({ ...clients, secret: policies.approvals?.secret }),
);
// A wrong config is the error of every invocation, not a crash at load that nobody hears of.
deps.catch(() => {});

export const handler = reflex("approve-changes", async (event, run) =>
  approveChanges(event, run, await deps),
);
