import { join } from "node:path";
import { paginateListStreams } from "@aws-sdk/client-kinesis";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { SmokeAccount } from "../../shared/automation/automation.ts";
import { configName } from "../../shared/config/read-file.ts";
import { checkedConfig, type ServiceConfig } from "../checked-config.ts";
import { kinesisClient } from "../stage/kinesis-client.ts";
import type { StageOptions } from "../stage/stage-options.ts";
import type { Asked } from "./answer.ts";
import { concurrencyNote } from "./concurrency.ts";

/** What the functions of a stage answered; it ends well where the config is right and all of them did not fail. */
export interface Answers {
  readonly ok: boolean;
  readonly functions: readonly Asked[];
}

/**
 * Asks every function of the stage, in every region, what it would do. What is wrong with the config is printed; then none
 * is asked.
 *
 * @param onAnswer is given each answer as it comes
 */
export async function askFunctions(
  options: StageOptions,
  onAnswer: (asked: Asked) => void,
): Promise<Answers> {
  const checked = await checkedConfig(join(import.meta.dirname, "..", ".."), configName(options.stage));
  if ("problems" in checked) {
    for (const problem of checked.problems) console.error(problem);
    return { ok: false, functions: [] };
  }
  const { automations } = checked.config;
  const { aws } = options;
  const lambda = new LambdaClient(aws);
  const account = { streams: await streamNames(options) };
  const note = await concurrencyNote(lambda, automations.flatMap(({ functions }) => functions).length);
  if (note !== undefined) console.warn(`NOTE  ${note}\n`);
  const functions = await Promise.all(
    questions(automations, account, options).map(async ({ name, region, event }) => {
      const client = region === aws.region ? lambda : new LambdaClient({ ...aws, region });
      const asked = { name, region, event, ...(await ask(client, name, event)) };
      onAnswer(asked);
      return asked;
    }),
  );
  return { ok: functions.every(({ failed }) => !failed), functions };
}

/** Every function with what it is asked: at home, and in each of the regions that the config names. */
function questions(
  automations: ServiceConfig["automations"],
  account: SmokeAccount,
  { stage, aws }: StageOptions,
) {
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
async function streamNames({ aws }: StageOptions): Promise<readonly string[]> {
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
