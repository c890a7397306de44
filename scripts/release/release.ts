/**
 * `npm run release -- --stage prod --watch 10 [--package <folder>]`: deploys a stage (what stands in the folder, or what it
 * packages itself), asks every function (scripts/release/smoke.ts), watches the
 * stage's alarms, muted, for so many minutes, and goes back to what was deployed before where any of it fails. Ends with 1
 * then. A deploy that fails is taken back by CloudFormation itself.
 *
 * --json  one object, for machines; all else is printed to stderr:
 *         { "stage", "failed": null | "deploy" | "smoke" | "alarms", "functions": as smoke has them, "alarms": [name],
 *           "rollback": null | "done" | "failed" | "nothing-before" }
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { SERVERLESS } from "../serverless/program.ts";
import { STAGE_OPTIONS, stageOptions } from "../stage/stage-options.ts";
import { newAlarms, standingAlarms } from "./alarms.ts";
import { answeredText, answerText } from "./answer.ts";
import { type Answers, askFunctions } from "./ask-functions.ts";
import { deployedTimestamp } from "./deployed.ts";
import { muteAlarms } from "./mute.ts";
import { runProgram } from "./run-program.ts";
import { release, type Steps } from "./steps.ts";

/** Alarms are evaluated once a minute. */
const LOOK_EVERY_MS = 30_000;

const {
  watch,
  package: packaged,
  json,
  ...given
} = parseArgs({
  options: {
    ...STAGE_OPTIONS,
    watch: { type: "string", default: "0" },
    package: { type: "string" },
    json: { type: "boolean", default: false },
  },
}).values;
const options = await stageOptions(given);
const { stage, aws } = options;
const minutes = Number(watch);
if (!(minutes >= 0)) throw new Error(`--watch: found "${watch}", expected minutes, 0 or more.`);
const cloudwatch = new CloudWatchClient(aws);
const standing = () => standingAlarms(cloudwatch, stage);
/** With --json stdout is the object's alone. */
const screen = json ? "stderr" : "stdout";

const mute = await muteAlarms(cloudwatch, stage, { minutes, now: Date.now() }, console.warn);
try {
  const released = await release(await stepsOf(), stage, console.error);
  if (json) console.log(JSON.stringify({ stage, ...released }, undefined, 2));
  process.exitCode = released.failed === null ? 0 : 1;
} finally {
  await mute.end();
}

async function stepsOf(): Promise<Steps> {
  const deployed = await deployedTimestamp(new CloudFormationClient(aws), stage);
  const before = await standing();
  const serverless = (...args: readonly string[]) =>
    runProgram(SERVERLESS, [...args, "--stage", stage], screen);
  // Forced: after a roll-back serverless would take the last upload for what is deployed, and skip it.
  const from = packaged === undefined ? [] : ["--package", packaged];
  const looks = 1 + Math.ceil((minutes * 60_000) / LOOK_EVERY_MS);
  return {
    deploy: () => serverless("deploy", "--force", ...from),
    smoke,
    newAlarms: () => newAlarms({ standing, before, looks, pause: () => sleep(LOOK_EVERY_MS) }),
    rollback: deployed === undefined ? undefined : () => serverless("rollback", "--timestamp", deployed),
  };
}

async function smoke(): Promise<Answers> {
  const print = json ? console.error : console.log;
  const answers = await askFunctions(options, (asked) => print(answerText(asked, options.aws.region)));
  if (answers.ok || answers.functions.length > 0) print(answeredText(answers.functions, stage));
  return answers;
}
