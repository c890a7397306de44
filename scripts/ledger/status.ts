/**
 * `npm run status [-- --stage dev] [--json]`: what needs a person first, then each resource with its last change. Reads the
 * ledger and the stage's alarms, changes nothing. Ends with 0, also when something needs a person.
 */
import { parseArgs } from "node:util";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { standingPauses } from "../../shared/ledger/pauses.ts";
import { standingAlarms } from "../release/alarms.ts";
import { serviceClock } from "../stage/service-clock.ts";
import { STAGE_OPTIONS, stageOptions } from "../stage/stage-options.ts";
import { statusText } from "./status-lines.ts";
import { isManaged, readLedger } from "./view.ts";

const { values } = parseArgs({
  options: { ...STAGE_OPTIONS, json: { type: "boolean", default: false } },
});
const { stage, aws } = await stageOptions(values);
const client = new DynamoDBClient(aws);
const clock = serviceClock(client);

const [{ resources, pauses }, alarms] = await Promise.all([
  readLedger(client, `reflex-${stage}-ledger`),
  standingAlarms(new CloudWatchClient(aws), stage),
]);
const at = clock.now();
const status = {
  stage,
  at,
  alarms: [...alarms].toSorted(),
  pauses: standingPauses(pauses, at),
  resources: resources.filter(isManaged),
};
console.log(values.json ? JSON.stringify(status, undefined, 2) : statusText(status));
