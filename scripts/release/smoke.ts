/**
 * `npm run smoke -- --stage dev`: after a deploy, asks every function of the stage what it would do (mode observe)
 * and prints what it saw; those in other regions as well. Where the config has patterns only, it asks about a stream of the account that one matches. Says
 * when the account's concurrency is so small that functions can starve each other. Ends with 1 where one fails.
 *
 * --json  one object, for machines: { "stage", "functions": [{ "name", "region", "event", "failed", "answer" }] }
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { paginateListStreams } from "@aws-sdk/client-kinesis";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { SmokeAccount } from "../../shared/automation/automation.ts";
import { configName } from "../../shared/config/read-file.ts";
import { checkedConfig, type ServiceConfig } from "../checked-config.ts";
import { kinesisClient } from "../stage/kinesis-client.ts";
import { STAGE_OPTIONS, stageOptions } from "../stage/stage-options.ts";
import { concurrencyNote } from "./concurrency.ts";

const { values } = parseArgs({ options: { ...STAGE_OPTIONS, json: { type: "boolean", default: false } } });
const { stage, aws } = await stageOptions(values);
const checked = await checkedConfig(join(import.meta.dirname, "..", ".."), configName(stage));
if ("problems" in checked) {
  for (const problem of checked.problems) console.error(problem);
  process.exitCode = 1;
} else {
  process.exitCode = (await allAnswer(checked.config)) ? 0 : 1;
}

async function allAnswer({ automations }: ServiceConfig): Promise<boolean> {
  const lambda = new LambdaClient(aws);
  const account = { streams: await streamNames() };
  const note = await concurrencyNote(lambda, automations.flatMap(({ functions }) => functions).length);
  if (note !== undefined) console.warn(`NOTE  ${note}\n`);
  const functions = await Promise.all(
    questions(automations, account).map(async ({ name, region, event }) => {
      const client = region === aws.region ? lambda : new LambdaClient({ ...aws, region });
      const asked = { name, region, event, ...(await ask(client, name, event)) };
      if (!values.json) print(asked);
      return asked;
    }),
  );
  const answered = functions.filter(({ failed }) => !failed).length;
  if (values.json) console.log(JSON.stringify({ stage, functions }, undefined, 2));
  else console.log(`${answered} of ${functions.length} functions of stage ${stage} answered.`);
  return answered === functions.length;
}

interface Asked {
  readonly name: string;
  readonly region: string;
  readonly event: object;
  readonly failed: boolean;
  readonly answer: unknown;
}

function print({ name, region, event, failed, answer }: Asked): void {
  const where = region === aws.region ? name : `${name} in ${region}`;
  const text = typeof answer === "string" ? answer : JSON.stringify(answer, undefined, 2);
  console.log(`${failed ? "FAILED" : "ok"}  ${where}  ${JSON.stringify(event)}\n${indented(text)}\n`);
}

/** Every function with what it is asked: at home, and in each of the regions that the config names. */
function questions(automations: ServiceConfig["automations"], account: SmokeAccount) {
  const atHome = automations
    .flatMap((automation) => Object.entries(automation.smokeEvents(account)))
    .map(([name, event]) => ({ name: `reflex-${stage}-${name}`, region: aws.region, event }));
  const elsewhere = automations.flatMap((automation) =>
    automation.regionsElsewhere.flatMap((region) =>
      Object.entries(automation.smokeEventsElsewhere()).map(([name, event]) => ({
        name: `reflex-${stage}-${name}-for-${aws.region}`,
        region,
        event,
      })),
    ),
  );
  return [...atHome, ...elsewhere];
}

/** None where whoever smokes may not list them. */
async function streamNames(): Promise<readonly string[]> {
  const client = kinesisClient(aws);
  const names: string[] = [];
  try {
    for await (const { StreamNames = [] } of paginateListStreams({ client }, {})) names.push(...StreamNames);
  } catch (error) {
    console.warn(
      `NOTE  The account's streams were not listed: ${error instanceof Error ? error.message : error}\n`,
    );
  }
  return names;
}

async function ask(lambda: LambdaClient, FunctionName: string, event: object) {
  try {
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
    );
    const answer: unknown = JSON.parse(Payload?.transformToString() || "null");
    return { answer, failed: FunctionError !== undefined };
  } catch (error) {
    return { answer: String(error), failed: true };
  }
}

function indented(text: string): string {
  return text.replace(/^/gm, "    ");
}
