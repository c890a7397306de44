/**
 * `npm run release -- --stage prod --watch 10 [--package <folder>]`: deploys a stage (what stands in the folder, or what it
 * packages itself), asks every function (scripts/release/smoke.ts), watches the
 * stage's alarms, muted, for so many minutes, and goes back to what was deployed before where any of it fails. Ends with 1
 * then. A deploy that fails is taken back by CloudFormation itself.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { SERVERLESS, SERVERLESS_CACHES } from "../serverless/program.ts";
import { STAGE_OPTIONS, stageOptions } from "../stage/stage-options.ts";
import { newAlarms, standingAlarms } from "./alarms.ts";
import { deployedTimestamp } from "./deployed.ts";
import { muteAlarms } from "./mute.ts";

/** Alarms are evaluated once a minute. */
const LOOK_EVERY_MS = 30_000;

const {
  watch,
  package: packaged,
  ...given
} = parseArgs({
  options: { ...STAGE_OPTIONS, watch: { type: "string", default: "0" }, package: { type: "string" } },
}).values;
const { stage, aws } = await stageOptions(given);
const minutes = Number(watch);
if (!(minutes >= 0)) throw new Error(`--watch: found "${watch}", expected minutes, 0 or more.`);
const cloudwatch = new CloudWatchClient(aws);
const standing = () => standingAlarms(cloudwatch, stage);

const mute = await muteAlarms(cloudwatch, stage, { minutes, now: Date.now() }, console.warn);
try {
  process.exitCode = (await released()) ? 0 : 1;
} finally {
  await mute.end();
}

async function released(): Promise<boolean> {
  const before = await deployedTimestamp(new CloudFormationClient(aws), stage);
  const alarmsBefore = await standing();
  // Forced: after a roll-back serverless would take the last upload for what is deployed, and skip it.
  const from = packaged === undefined ? [] : ["--package", packaged];
  if (!(await run(SERVERLESS, "deploy", "--force", "--stage", stage, ...from))) return false;
  if (await isWell(alarmsBefore)) return true;
  if (before === undefined) {
    console.error(`Nothing was deployed to stage ${stage} before: there is nothing to go back to.`);
    return false;
  }
  console.error(`Going back to what was deployed to stage ${stage} before …`);
  if (!(await run(SERVERLESS, "rollback", "--timestamp", before, "--stage", stage))) {
    console.error(`The roll-back failed: stage ${stage} runs what was just deployed.`);
  }
  return false;
}

async function isWell(before: ReadonlySet<string>): Promise<boolean> {
  if (!(await run(join(import.meta.dirname, "smoke.ts"), "--stage", stage))) return false;
  const looks = 1 + Math.ceil((minutes * 60_000) / LOOK_EVERY_MS);
  const alarms = await newAlarms({ standing, before, looks, pause: () => sleep(LOOK_EVERY_MS) });
  if (alarms.length > 0) console.error(`In ALARM since the deploy: ${alarms.join(", ")}.`);
  return alarms.length === 0;
}

/** Whether it ended well; what it prints is ours. */
function run(program: string, ...args: readonly string[]): Promise<boolean> {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...SERVERLESS_CACHES, ...process.env },
    stdio: "inherit",
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code === 0));
  });
}
