/**
 * `npm run notify -- test [--stage dev] [--route <name>]`: sends a message that is marked as a test to every target of a
 * route, or of all of them, and prints what each answered. Ends with 1 where one did not take it.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import * as z from "zod/mini";
import { configName } from "../../shared/config/read-file.ts";
import { checkedConfig } from "../checked-config.ts";
import { STAGE_OPTIONS, stageOptions } from "../stage/stage-options.ts";

const answerSchema = z.object({
  targets: z.array(z.object({ target: z.string(), outcome: z.string() })),
});

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { ...STAGE_OPTIONS, route: { type: "string" } },
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
  if (asked.length === 0) console.log(`The config of stage ${stage} has no notify.routes: nothing was sent.`);
  const lambda = new LambdaClient(aws);
  const outcomes = [];
  for (const route of asked) outcomes.push(await testRoute(lambda, stage, route));
  return outcomes.every(Boolean);
}

async function testRoute(lambda: LambdaClient, stage: string, route: string): Promise<boolean> {
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({
      FunctionName: `reflex-${stage}-deliver-notifications`,
      Payload: JSON.stringify({ route }),
    }),
  );
  const answer: unknown = JSON.parse(Payload?.transformToString() || "null");
  const parsed = answerSchema.safeParse(answer);
  console.log(`route ${route}`);
  if (FunctionError !== undefined || !parsed.success) {
    console.log(`  FAILED  ${String(Reflect.get(Object(answer), "errorMessage") ?? JSON.stringify(answer))}`);
    return false;
  }
  const { targets } = parsed.data;
  if (targets.length === 0) console.log("  to nobody");
  for (const { target, outcome } of targets) {
    console.log(`  ${outcome === "delivered" ? "ok    " : "FAILED"}  ${target}  ${outcome}`);
  }
  return targets.every(({ outcome }) => outcome === "delivered");
}
