import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { clientOptions } from "../../shared/aws/client-options.ts";
import { loadConfig } from "../../shared/config/load.ts";
import { requiredEnv } from "../../shared/config/required-env.ts";
import type { Run } from "../../shared/lambda/run.ts";
import { reflex } from "../../shared/lambda/stack.ts";
import { traced } from "../../shared/tracing/aws-calls.ts";
import { ingestSchema } from "./config/policy.ts";
import { type Dependencies, ingestEvents } from "./ingest-events.ts";
import { quarantineLocations } from "./quarantine/locations.ts";
import { quarantineQueue } from "./quarantine/queue.ts";
import { roleClients } from "./write/other-account/role-clients.ts";

// The queue's URL says which queue; where it is asked, AWS_ENDPOINT_URL or the region says.
const sqs = traced(new SQSClient({ ...clientOptions(), useQueueUrlAsEndpoint: false }));
const names = {
  queue: requiredEnv("QUARANTINE_QUEUE"),
  bucketPrefix: requiredEnv("QUARANTINE_BUCKET_PREFIX"),
};
const region = requiredEnv("AWS_REGION");

// `write` retries by itself, within the invocation's time.
const dynamoOptions = () => ({ ...clientOptions(), maxAttempts: 1 });

const clients = {
  dynamo: traced(new DynamoDBClient(dynamoOptions())),
  dynamoAs: roleClients(dynamoOptions, "reflex-ingest-events"),
  quarantine: (run: Run) =>
    quarantineQueue(sqs, quarantineLocations(names, run.functionArn, region), (failure) =>
      run.log.error(failure.message),
    ),
};

const deps = loadConfig("ingest", ingestSchema).then(
  ({ mode, policies }): Dependencies => ({ ...clients, config: policies, observeOnly: mode === "observe" }),
);

export const handler = reflex("ingest-events", async (event, run) => ingestEvents(event, run, await deps));
