/**
 * `npm run resume -- <all|automation|resource> [--stage dev] [--region <r>] [--profile <p>]`: ends a pause before its time.
 * What is held back is decided anew at the next look, a minute later at most. Ends with 1 where nothing of that name is
 * paused, 2 when it was called wrongly. With --json the pause that was ended and those that stand are one object.
 */
import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { pauseText, standingPauses } from "../../../shared/ledger/pauses.ts";
import { callerArn } from "../../stage/caller.ts";
import { serviceClock } from "../../stage/service-clock.ts";
import { STAGE_OPTIONS, stageOptions } from "../../stage/stage-options.ts";
import { recordOfResume } from "./record.ts";
import { readPauses, removePause } from "./store.ts";

const {
  positionals,
  values: { json, ...values },
} = parseArgs({
  allowPositionals: true,
  options: { ...STAGE_OPTIONS, json: { type: "boolean", default: false } },
});
const [scope] = positionals;
if (scope === undefined) {
  console.error("Name what to resume, for example: reflex resume all");
  process.exitCode = 2;
} else {
  await resume(scope);
}

async function resume(scope: string): Promise<void> {
  const { stage, aws } = await stageOptions(values);
  const client = new DynamoDBClient(aws);
  const clock = serviceClock(client);
  const ledger = { client, table: `reflex-${stage}-ledger` };
  const pauses = await readPauses(ledger);
  const now = clock.now();
  const standing = standingPauses(pauses, now);
  const ended = standing.find((one) => one.scope === scope);
  const still = standing.filter((one) => one !== ended);
  const others = still.map(pauseText);
  if (!ended) {
    console.error([`${scope} is not paused.`, ...others].join("\n"));
    process.exitCode = 1;
    return;
  }
  const operator = { arn: await callerArn(aws), now, stage, id: randomUUID() };
  const record = recordOfResume(scope, ended, operator);
  await removePause(scope, record, ledger);
  if (json) {
    console.log(JSON.stringify({ stage, ended, still }, undefined, 2));
    return;
  }
  console.log([record.notification.headline, ...others.map((other) => `  still: ${other}`)].join("\n"));
}
