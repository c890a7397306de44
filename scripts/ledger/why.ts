/**
 * `npm run why -- <resource> [--stage dev] [--region <r>] [--profile <p>] [--at 2026-11-28T02:10Z] [--json]`: the changes of one resource, newest first, with
 * their reasons, evidence, trigger, trace and what AWS answered; with `--at` the last one before that moment. Ends with 1
 * when the ledger has nothing of the resource, 2 when it was called wrongly.
 */
import { parseArgs } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { nearest } from "../../shared/config/nearest.ts";
import { STAGE_OPTIONS, stageOptions } from "../stage/stage-options.ts";
import { readLedger } from "./view.ts";
import { entryBlock, incidentLine } from "./wording.ts";

const MOST_SHOWN = 5;

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
  const views = await readLedger(new DynamoDBClient(aws), `reflex-${stage}-ledger`);
  const view = views.find((each) => each.resource === resource);
  if (!view) {
    const near = nearest(
      resource,
      views.map((each) => each.resource),
    );
    console.error(
      `The ledger has nothing of ${resource}.${near === undefined ? "" : ` Did you mean ${near}?`}`,
    );
    process.exitCode = 1;
    return;
  }
  const entries = view.entries.filter(({ intent }) => intent.at <= at);
  const shown = values.at === undefined ? entries.slice(0, MOST_SHOWN) : entries.slice(0, 1);
  if (values.json) {
    console.log(JSON.stringify({ ...view, entries: shown }, undefined, 2));
    return;
  }
  const incidents = view.openIncidents.map((incident) => incidentLine(resource, incident, Date.now()));
  console.log([...incidents, ...shown.map(entryBlock)].join("\n"));
  if (shown.length === 0) console.log("No change in the ledger up to then.");
  console.log(
    `\nA decision to change nothing is in the log: reflex logs -f <function> --stage ${stage} --filter '"${resource}"'`,
  );
}
