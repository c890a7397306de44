import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Blocked, Misconfigured } from "../../shared/lambda/errors.ts";
import { recordFailure } from "../../shared/lambda/record-failure.ts";
import type { Run } from "../../shared/lambda/run.ts";
import { landingFor } from "./config/policy.ts";
import type { IngestConfig } from "./config/schema.ts";
import { type KinesisBatch, readKinesisEvent } from "./decode/kinesis-event.ts";
import type { Quarantine } from "./quarantine/quarantine.ts";
import { holdBatch } from "./run/measure.ts";
import { type IngestContext, ingest } from "./run/pipeline.ts";
import { type BatchReport, report } from "./run/report.ts";
import { budgetOf } from "./run/run-time-budget.ts";
import { tableOf } from "./write/table.ts";

/** What every invocation is handed. */
export interface Dependencies {
  readonly config: IngestConfig;
  /** Must not retry by itself: `write` does, within the invocation's time. */
  readonly dynamo: DynamoDBClient;
  /** The same for a table of another account, with the credentials of its role. */
  readonly dynamoAs: (roleArn: string) => DynamoDBClient;
  readonly quarantine: (run: Run) => Quarantine;
  /** `mode: observe`: write nothing, and acknowledge nothing. */
  readonly observeOnly: boolean;
}

/**
 * Lands one batch.
 *
 * What a person has to repair (`Blocked`, `Misconfigured`) is reported as the first record's failure and not thrown:
 * Lambda would halve a batch that throws, again and again, down to a call for each record.
 * @throws Misconfigured for an event that is none of Kinesis.
 */
export async function ingestEvents(event: unknown, run: Run, deps: Dependencies): Promise<BatchReport> {
  const batch = readKinesisEvent(event);
  run.annotate("trigger", "kinesis");
  if (batch === undefined) return report([]);
  try {
    return await ingest(batch, contextOf(batch, run, deps), run);
  } catch (error) {
    if (!(error instanceof Blocked || error instanceof Misconfigured)) throw error;
    recordFailure(error, { call: "ingest", resource: `stream/${batch.stream}` }, run);
    return holdBatch(batch, error.message, run);
  }
}

function contextOf(batch: KinesisBatch, run: Run, deps: Dependencies): IngestContext {
  const landing = landingFor(deps.config, batch.stream);
  if (landing === undefined) {
    throw new Misconfigured(
      `ingest.streams.${batch.stream}: is missing. Records of this stream come in, and none is acknowledged`,
    );
  }
  return {
    landing,
    tableOf: (policy, redrive) => {
      const dynamo = policy.roleArn === undefined ? deps.dynamo : deps.dynamoAs(policy.roleArn);
      return tableOf(dynamo, policy, redrive);
    },
    quarantine: deps.quarantine(run),
    budget: (keepMs: number) => budgetOf(run, keepMs),
    observeOnly: deps.observeOnly,
  };
}
