/**
 * `npm run notify -- test [--stage dev] [--route <name>] [--region <r>] [--profile <p>]`: sends a message that is marked as a
 * test to every target of a route, or of all of them, and prints what each answered. Ends with 1 where one did not take it,
 * with 2 when it was called wrongly. With --json what each target answered is one object.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { configName } from "../../shared/config/read-file.ts";
import { checkedConfig } from "../checked-config.ts";
import { STAGE_OPTIONS, stageOptions } from "../stage/stage-options.ts";
import { testRoute } from "./test-routes.ts";

const {
  values: { json, ...values },
  positionals,
} = parseArgs({
  allowPositionals: true,
  options: { ...STAGE_OPTIONS, route: { type: "string" }, json: { type: "boolean", default: false } },
});
const [command, ...others] = positionals;
if (command !== "test" || others.length > 0) {
  console.error("Say what to do: reflex notify test [--stage <stage>] [--route <name>]");
  process.exitCode = 2;
} else {
  process.exitCode = (await testRoutes()) ? 0 : 1;
}

async function testRoutes(): Promise<boolean> {
  const { stage, aws } = await stageOptions(values);
  const checked = await checkedConfig(join(import.meta.dirname, "..", ".."), configName(stage));
  if ("problems" in checked) {
    for (const problem of checked.problems) console.error(problem);
    return false;
  }
  const names = checked.config.notify.routes.map(({ name }) => name);
  const asked = values.route === undefined ? names : [values.route];
  if (asked.length === 0 && !json)
    console.log(`The config of stage ${stage} has no notify.routes: nothing was sent.`);
  const lambda = new LambdaClient(aws);
  const tests = [];
  for (const route of asked) {
    const test = await testRoute(lambda, stage, route);
    if (!json) for (const line of test.lines) console.log(line);
    tests.push(test);
  }
  if (json) {
    const routes = tests.map(({ route, isTaken, targets }) => ({ route, isTaken, targets }));
    console.log(JSON.stringify({ stage, routes }, undefined, 2));
  }
  return tests.every(({ isTaken }) => isTaken);
}
