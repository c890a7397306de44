import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Misconfigured } from "../../shared/lambda/errors.ts";
import type { Run } from "../../shared/lambda/run.ts";
import { type IngestConfig, policyFor } from "./config/policy.ts";
import { readKinesisEvent } from "./decode/kinesis-event.ts";
import type { Quarantine } from "./quarantine/quarantine.ts";
import { ingest } from "./run/pipeline.ts";
import { type BatchReport, report } from "./run/report.ts";
import { budgetOf } from "./run/run-time-budget.ts";
import { tableOf } from "./write/table.ts";

/** What every invocation is handed. */
export interface Dependencies {
  readonly config: IngestConfig;
  /** Must not retry by itself: `write` does, within the invocation's time. */
  readonly dynamo: DynamoDBClient;
  readonly quarantine: (run: Run) => Quarantine;
  /** `mode: observe`: write nothing. */
  readonly observeOnly: boolean;
}

/**
 * Lands one batch.
 * @throws Misconfigured for an event that is none of Kinesis, or of a stream without a policy.
 */
export async function ingestEvents(event: unknown, run: Run, deps: Dependencies): Promise<BatchReport> {
  const batch = readKinesisEvent(event);
  run.annotate("trigger", "kinesis");
  if (batch === undefined) return report([]);
  const policy = policyFor(deps.config, batch.stream);
  if (policy === undefined) {
    throw new Misconfigured(
      `ingest.streams.${batch.stream}: is missing. Records of this stream come in, and none is acknowledged`,
    );
  }
  const context = {
    policy,
    table: tableOf(deps.dynamo, policy),
    quarantine: deps.quarantine(run),
    budget: (keepMs: number) => budgetOf(run, keepMs),
    observeOnly: deps.observeOnly,
  };
  return ingest(batch, context, run);
}
