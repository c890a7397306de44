/**
 * `npm run why -- <resource> [--stage dev] [--region <r>] [--profile <p>] [--at 2026-11-28T02:10Z] [--json]`: what was
 * decided for one resource, holds too, and what was done, newest first, with reasons, evidence, trigger, trace and what AWS
 * answered; with `--at` the decision that stood at that moment and the last change before it. Of a site: its state since when,
 * the last check and what fails, the last change with its trace, and its incidents. Ends with 1 when nothing is kept of the
 * resource, 2 when it was called wrongly.
 */
import { parseArgs } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { nearest } from "../../shared/config/nearest.ts";
import { pauseText, standingPauses } from "../../shared/ledger/pauses.ts";
import { serviceClock } from "../stage/service-clock.ts";
import { STAGE_OPTIONS, stageOptions } from "../stage/stage-options.ts";
import { concerns, explanation, latest, standingAt } from "./explain.ts";
import { siteAt, siteExplanation } from "./site-lines.ts";
import { readSites } from "./site-view.ts";
import { readLedger } from "./view.ts";
import { incidentLine } from "./wording.ts";

const MOST_SHOWN = 8;
/** Who checks sites: a pause of it concerns each. */
const SITES = "check-sites";

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
  const isSite = resource.startsWith("site/");
  const [{ resources, pauses }, sites] = await Promise.all([
    readLedger(client, `reflex-${stage}-ledger`),
    isSite ? readSites(client, stage) : [],
  ]);
  const site = sites.find((each) => each.resource === resource);
  const kept = resources.find((each) => each.resource === resource);
  if (!kept && !site) {
    const known = [...resources, ...sites].map((each) => each.resource);
    const near = nearest(resource, known);
    const where = isSite ? "The ledger and the table of sites have" : "The ledger has";
    console.error(`${where} nothing of ${resource}.${near === undefined ? "" : ` Did you mean ${near}?`}`);
    process.exitCode = 1;
    return;
  }
  const view = kept ?? { resource, decisions: [], entries: [], openIncidents: [] };
  const shown = values.at === undefined ? latest(view, MOST_SHOWN) : standingAt(view, at);
  if (values.json) {
    console.log(JSON.stringify({ ...site, ...view, ...shown }, undefined, 2));
    return;
  }
  const now = clock.now();
  const standing = standingPauses(pauses, now).filter(
    ({ scope }) => concerns(scope, view) || (isSite && scope === SITES),
  );
  const incidents = view.openIncidents.map((incident) => incidentLine(resource, incident, now));
  const ofSite = site && (values.at === undefined ? siteExplanation(site, now) : siteAt(site, at));
  const ofLedger = kept ? explanation(shown) : [];
  console.log([...standing.map(pauseText), ...incidents, ...(ofSite ?? []), ...ofLedger].join("\n"));
}
