import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { clientOptions } from "../../shared/aws/client-options.ts";
import { asFailure } from "../../shared/aws/failure.ts";
import { loadConfig } from "../../shared/config/load.ts";
import { requiredEnv } from "../../shared/config/required-env.ts";
import { Misconfigured } from "../../shared/lambda/errors.ts";
import type { Run } from "../../shared/lambda/run.ts";
import { reflex } from "../../shared/lambda/stack.ts";
import { traced } from "../../shared/lambda/tracing.ts";
import { ingest } from "./ingest.ts";
import { readKinesisEvent } from "./kinesis-event.ts";
import { ingestSchema, policyFor } from "./policy.ts";
import { quarantineQueue } from "./quarantine-queue.ts";
import { type BatchReport, report } from "./report.ts";
import { budgetOf } from "./run-budget.ts";
import { dynamoTable } from "./table.ts";

const config = loadConfig("ingest", ingestSchema);
const places = {
  queueUrl: requiredEnv("QUARANTINE_QUEUE_URL"),
  bucket: requiredEnv("QUARANTINE_BUCKET"),
};
// `write` retries by itself, within the invocation's time.
const dynamo = traced(new DynamoDBClient({ ...clientOptions(), maxAttempts: 1 }));
const sqs = traced(new SQSClient(clientOptions()));
const s3 = async () => {
  const { S3Client } = await import("@aws-sdk/client-s3");
  return traced(new S3Client(clientOptions()));
};

export const handler = reflex("ingest-events", handle);

async function handle(event: unknown, run: Run): Promise<BatchReport> {
  const batch = readKinesisEvent(event);
  if (batch === undefined) return report([]);
  const policy = policyFor(config.policies, batch.stream);
  if (policy === undefined) {
    throw new Misconfigured(
      `ingest.streams.${batch.stream}: is missing. Records of this stream come in, and none is acknowledged`,
    );
  }
  const quarantine = quarantineQueue(sqs, s3, places, (call, error) => {
    run.log.error(`not quarantined: ${asFailure(error, call, `stream/${batch.stream}`).message}`);
  });
  return ingest(
    batch,
    {
      policy,
      table: dynamoTable(dynamo, policy),
      quarantine,
      budget: (keepMs) => budgetOf(run, keepMs),
      observeOnly: config.mode === "observe",
    },
    run,
  );
}
