/**
 * `npm run undo -- <id> [--why "…"] [--for 1h] [--stage dev] [--region <r>] [--profile <p>]`: does what truly undoes one change,
 * by the id that its notification, `why` and `what-changed` name: a split by a merge, a new shard count by the old one, a
 * drain by uncordoning the nodes that are still there, a size nobody uses by the size before. Pauses the resource first, so
 * that it is not changed again at once; takes the resource's lease and counts against its quota. Ends with 1 where the change
 * or a part of it cannot be undone, and says why; with 2 when it was called wrongly. With --json: { "id", "done", "notDone" }.
 */
import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { STAGE_OPTIONS } from "../../stage/stage-options.ts";
import { openLedger } from "../open-ledger.ts";
import { pauseLength } from "../pause/pause-length.ts";
import { carryOut } from "./carry-out.ts";
import { findChange } from "./find-change.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    ...STAGE_OPTIONS,
    why: { type: "string" },
    for: { type: "string", default: "1h" },
    json: { type: "boolean", default: false },
  },
});
const [id] = positionals;
const pauseMs = pauseLength(values.for);
if (id === undefined || typeof pauseMs === "string") {
  console.error(
    typeof pauseMs === "string"
      ? pauseMs
      : "Name a change by its id: reflex what-changed --since 1h lists them",
  );
  process.exitCode = 2;
} else {
  process.exitCode = await undo(id, pauseMs);
}

/** @returns the exit code */
async function undo(id: string, pauseMs: number): Promise<number> {
  const { stage, aws, client, clock, table, automations, resources, arn } = await openLedger(values);
  const found = findChange(id, resources);
  if ("refused" in found) return refuse(found.refused);
  const { intent } = found.entry;
  const planUndo = automations.find(({ name }) => name === intent.automation)?.undo;
  if (!planUndo) {
    return refuse(
      `${intent.action} of ${intent.automation} is nothing that can be undone: what was terminated does not come back`,
    );
  }
  const operator = { arn, now: clock.now(), stage, id: randomUUID() };
  const result = await carryOut(found, planUndo, { client, table }, operator, {
    ...(values.why !== undefined && { why: values.why }),
    ...{ pauseMs, aws, clock },
  });
  if ("refused" in result) return refuse(result.refused);
  if (values.json)
    console.log(JSON.stringify({ id, done: result.lines, notDone: result.failed }, undefined, 2));
  else {
    console.log(result.lines.join("\n"));
    for (const each of result.failed) console.error(`Not done: ${each}`);
  }
  return result.failed.length === 0 ? 0 : 1;
}

function refuse(why: string): number {
  if (values.json) console.log(JSON.stringify({ id, done: [], notDone: [why] }, undefined, 2));
  else console.error(`Not undone: ${why}`);
  return 1;
}
