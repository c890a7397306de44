/**
 * `npm run smoke -- --stage dev`: after a deploy, asks every function of the stage what it would do (mode observe)
 * and prints what it saw; those in other regions as well. Where the config has patterns only, it asks about a stream of the account that one matches. Says
 * when the account's concurrency is so small that functions can starve each other. Ends with 1 where one fails.
 *
 * --json  one object, for machines: { "stage", "functions": [{ "name", "region", "event", "failed", "answer" }] }
 */
import { parseArgs } from "node:util";
import { STAGE_OPTIONS, stageOptions } from "../stage/stage-options.ts";
import { answeredText, answerText } from "./answer.ts";
import { askFunctions } from "./ask-functions.ts";

const { json, ...given } = parseArgs({
  options: { ...STAGE_OPTIONS, json: { type: "boolean", default: false } },
}).values;
const options = await stageOptions(given);
const { stage } = options;

const { ok, functions } = await askFunctions(options, (asked) => {
  if (!json) console.log(answerText(asked, options.aws.region));
});
if (ok || functions.length > 0)
  console.log(json ? JSON.stringify({ stage, functions }, undefined, 2) : answeredText(functions, stage));
process.exitCode = ok ? 0 : 1;
