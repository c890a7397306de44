import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { findAutomations } from "../automations.ts";
import { callerArn } from "../stage/caller.ts";
import { serviceClock } from "../stage/service-clock.ts";
import { stageOptions } from "../stage/stage-options.ts";
import { readLedger } from "./view.ts";

/** What a command that changes something works with: the stage's ledger as it is now, and who asks. */
export async function openLedger(values: Parameters<typeof stageOptions>[0]) {
  const { stage, aws } = await stageOptions(values);
  const client = new DynamoDBClient(aws);
  // Before the first call: it takes AWS's time from the answers.
  const clock = serviceClock(client);
  const table = `reflex-${stage}-ledger`;
  const [automations, { resources }, arn] = await Promise.all([
    findAutomations(join(import.meta.dirname, "..", "..")),
    readLedger(client, table),
    callerArn(aws),
  ]);
  return { stage, aws, client, clock, table, automations, resources, arn };
}
