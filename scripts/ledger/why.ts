/**
 * `npm run why -- <resource> [--stage dev] [--region <r>] [--profile <p>] [--at 2026-11-28T02:10Z] [--json]`: what was
 * decided for one resource, holds too, and what was done, newest first, with reasons, evidence, trigger, trace and what AWS
 * answered; with `--at` the decision that stood at that moment and the last change before it. Ends with 1 when the ledger
 * has nothing of the resource, 2 when it was called wrongly.
 */
import { parseArgs } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { nearest } from "../../shared/config/nearest.ts";
import { pauseText, standingPauses } from "../../shared/ledger/pauses.ts";
import { serviceClock } from "../stage/service-clock.ts";
import { STAGE_OPTIONS, stageOptions } from "../stage/stage-options.ts";
import { concerns, explanation, latest, standingAt } from "./explain.ts";
import { readLedger } from "./view.ts";
import { incidentLine } from "./wording.ts";

const MOST_SHOWN = 8;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    ...STAGE_OPTIONS,
    at: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const [resource] = positionals;
const at = values.at === undefined ? Number.POSITIVE_INFINITY : Date.parse(values.at);
if (resource === undefined || Number.isNaN(at)) {
  console.error(
    resource === undefined
      ? "Name a resource, for example: reflex why stream/orders"
      : `--at: found "${values.at}", expected a time such as 2026-11-28T02:10Z`,
  );
  process.exitCode = 2;
} else {
  await explain(resource);
}

async function explain(resource: string): Promise<void> {
  const { stage, aws } = await stageOptions(values);
  const client = new DynamoDBClient(aws);
  const clock = serviceClock(client);
  const { resources, pauses } = await readLedger(client, `reflex-${stage}-ledger`);
  const view = resources.find((each) => each.resource === resource);
  if (!view) {
    const near = nearest(
      resource,
      resources.map((each) => each.resource),
    );
    console.error(
      `The ledger has nothing of ${resource}.${near === undefined ? "" : ` Did you mean ${near}?`}`,
    );
    process.exitCode = 1;
    return;
  }
  const shown = values.at === undefined ? latest(view, MOST_SHOWN) : standingAt(view, at);
  if (values.json) {
    console.log(JSON.stringify({ ...view, ...shown }, undefined, 2));
    return;
  }
  const now = clock.now();
  const standing = standingPauses(pauses, now).filter(({ scope }) => concerns(scope, view));
  const incidents = view.openIncidents.map((incident) => incidentLine(resource, incident, now));
  console.log([...standing.map(pauseText), ...incidents, ...explanation(shown)].join("\n"));
}
