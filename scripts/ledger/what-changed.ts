/**
 * `npm run what-changed [-- --since 1h] [--stage dev] [--region <r>] [--profile <p>] [--json]`: every change of every resource since then, oldest first;
 * with `--json` one JSON document a line, as an audit export. Ends with 2 when it was called wrongly.
 */

import { parseArgs } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { messageOf } from "../../shared/errors/message-of.ts";
import { parseDuration } from "../../shared/time/duration.ts";
import { serviceClock } from "../stage/service-clock.ts";
import { STAGE_OPTIONS, stageOptions } from "../stage/stage-options.ts";
import { changesIn } from "./changes.ts";
import { readPauses } from "./pause/store.ts";
import { entryLine } from "./wording.ts";

const { values } = parseArgs({
  options: {
    ...STAGE_OPTIONS,
    since: { type: "string", default: "1h" },
    json: { type: "boolean", default: false },
  },
});
const { since, json } = values;

const sinceMs = durationOf(since);
if (sinceMs !== undefined) {
  const { stage, aws } = await stageOptions(values);
  const client = new DynamoDBClient(aws);
  const clock = serviceClock(client);
  const table = `reflex-${stage}-ledger`;
  // The first answer says what time it is.
  await readPauses({ client, table });
  const to = clock.now();
  let count = 0;
  for await (const change of changesIn({ from: to - sinceMs, to }, client, table)) {
    count += 1;
    console.log(json ? JSON.stringify(change) : `${change.resource}  ${entryLine(change)}`);
  }
  if (count === 0 && !json) console.log(`Nothing was changed in the last ${since}.`);
}

function durationOf(text: string): number | undefined {
  try {
    return parseDuration(text);
  } catch (error) {
    console.error(`--since: ${messageOf(error)}`);
    process.exitCode = 2;
    return undefined;
  }
}
