/**
 * `npm run pause -- <all|automation|resource> --for 2h --why "…" [--stage dev] [--region <r>] [--profile <p>]`: stops what
 * it names from changing anything, without a deploy: it goes on deciding and notifying. Ends by itself, after seven days at
 * the latest; `npm run resume` ends it earlier. With --json the pause and what it does not stop is one object. Examples of names: `all`, `reshard-streams`, `stream/orders`,
 * `node-pool/workers`, `site/shop`. Ends with 1 where nothing was paused, 2 when it was called wrongly.
 */
import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { pauseText } from "../../../shared/ledger/pauses.ts";
import { durationText } from "../../../shared/time/duration.ts";
import { STAGE_OPTIONS } from "../../stage/stage-options.ts";
import { openLedger } from "../open-ledger.ts";
import { pauseLength } from "./pause-length.ts";
import { recordOfPause } from "./record.ts";
import { meaningOf, scopeProblem } from "./scope.ts";
import { siteExists, writePause } from "./store.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    ...STAGE_OPTIONS,
    for: { type: "string" },
    why: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const asked = request();
if (typeof asked === "string") {
  console.error(asked);
  process.exitCode = 2;
} else {
  await pause(asked);
}

interface Request {
  readonly scope: string;
  readonly forMs: number;
  readonly why: string;
}

/** What is asked for, or what is wrong with it. */
function request(): Request | string {
  const [scope] = positionals;
  if (scope === undefined)
    return 'Name what to pause, for example: reflex pause all --for 2h --why "a deploy"';
  if (!values.why) return "--why: found nothing, expected a reason: whoever is called next reads it";
  if (values.for === undefined) return "--for: found nothing, expected a duration such as 30m or 2h";
  const forMs = pauseLength(values.for);
  return typeof forMs === "string" ? forMs : { scope, forMs, why: values.why };
}

async function pause({ scope, forMs, why }: Request): Promise<void> {
  const { stage, client, clock, table, automations, resources, arn } = await openLedger(values);
  const names = resources.map(({ resource }) => resource);
  const known = (await siteExists(scope, client, `reflex-${stage}-sites`)) ? [...names, scope] : names;
  const problem = scopeProblem(scope, automations, known);
  if (problem !== undefined) {
    console.error(problem);
    process.exitCode = 1;
    return;
  }
  const now = clock.now();
  const standing = { at: now, until: now + forMs, by: arn, why };
  const record = recordOfPause(scope, standing, { arn, now, stage, id: randomUUID() });
  await writePause(scope, standing, record, { client, table });
  const atWork = resources.filter(({ inDoubt }) => inDoubt !== undefined);
  if (values.json) {
    const underWay = atWork.map(({ resource }) => resource);
    console.log(JSON.stringify({ stage, scope, ...standing, underWay }, undefined, 2));
    return;
  }
  console.log(
    [
      pauseText({ scope, ...standing }),
      ...meaningOf(scope, automations).map((line) => `  ${line}`),
      ...atWork.map(
        ({ resource, inDoubt }) =>
          `  under way: ${resource} ${inDoubt?.action}, begun ${durationText(now - (inDoubt?.at ?? now))} ago, is not stopped`,
      ),
      `End it earlier: reflex resume ${scope} --stage ${stage}`,
    ].join("\n"),
  );
}
