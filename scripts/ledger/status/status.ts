/**
 * `npm run status [-- --stage dev] [--region <r>] [--profile <p>] [--json]`: what needs a person first, then each stream, node
 * pool, site and landed stream with its last look, its decision since when, and its last change; of which share of the
 * decisions X-Ray kept a trace; and what this month costs so far, an estimate by the config. Reads the ledger, the sites'
 * table, metrics, alarms and traces, changes nothing; ReadOnlyAccess is enough. Ends with 0, also when something needs a person.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { configName } from "../../../shared/config/read-file.ts";
import { standingPauses } from "../../../shared/ledger/pauses.ts";
import { findAutomations } from "../../automations.ts";
import { standingAlarms } from "../../release/alarms.ts";
import { serviceClock } from "../../stage/service-clock.ts";
import { STAGE_OPTIONS, stageOptions } from "../../stage/stage-options.ts";
import { readSites } from "../site-view.ts";
import { isManaged, readLedger } from "../view.ts";
import { keptTraces } from "./kept-traces.ts";
import { readLooks } from "./looks.ts";
import { monthCost } from "./month-cost.ts";
import { type Status, statusText } from "./status-lines.ts";

const { values } = parseArgs({
  options: { ...STAGE_OPTIONS, json: { type: "boolean", default: false } },
});
const status = await readStatus();
console.log(values.json ? JSON.stringify(status, undefined, 2) : statusText(status));

async function readStatus(): Promise<Status> {
  const { stage, aws } = await stageOptions(values);
  const client = new DynamoDBClient(aws);
  const cloudwatch = new CloudWatchClient(aws);
  const clock = serviceClock(client);
  const root = join(import.meta.dirname, "..", "..", "..");
  const [ledger, alarms, sites, automations] = await Promise.all([
    readLedger(client, `reflex-${stage}-ledger`),
    standingAlarms(cloudwatch, stage),
    readSites(client, stage),
    findAutomations(root),
  ]);
  const at = clock.now();
  const resources = ledger.resources.filter(isManaged);
  const [looks, traces, cost] = await Promise.all([
    readLooks(cloudwatch, { stage, now: at, automations: automations.map(({ name }) => name) }),
    keptTraces(resources, client),
    monthCost(root, { stage, config: configName(stage), now: at }),
  ]);
  return {
    ...{ stage, at, sites },
    alarms: [...alarms].toSorted(),
    pauses: standingPauses(ledger.pauses, at),
    resources: resources.map((one) => ({ ...one, ...lookAt(one, looks) })),
    landed: [...looks.landed].map(([stream, landed]) => ({ stream, ...landed })),
    ...(traces && { traces }),
    ...(cost && { cost }),
  };
}

/** When it was last looked at: by the last run of its automation, unless that could not. */
function lookAt(
  {
    resource,
    lastDecision,
    entries: [last],
  }: { readonly resource: string } & Pick<Status["resources"][number], "lastDecision" | "entries">,
  { lastRun, minutesStale }: Awaited<ReturnType<typeof readLooks>>,
) {
  const automation = lastDecision?.automation ?? last?.intent.automation ?? "";
  const run = lastRun.get(automation);
  const stale = minutesStale.get(resource);
  return {
    ...(run !== undefined && { lastLook: run - (stale ?? 0) * 60_000 }),
    ...(stale !== undefined && { minutesStale: stale }),
  };
}
