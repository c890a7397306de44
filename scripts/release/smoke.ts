/**
 * `npm run smoke -- --stage dev`: after a deploy, asks every function of the stage what it would do (mode observe)
 * and prints what it saw. Ends with 1 where one fails.
 */
import { join } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { configName } from "../../shared/config/read-file.ts";
import { checkedConfig, type ServiceConfig } from "../checked-config.ts";
import { readStageOptions } from "../stage/stage-options.ts";

const { stage, aws } = await readStageOptions();
const checked = await checkedConfig(join(import.meta.dirname, "..", ".."), configName(stage));
if ("problems" in checked) {
  for (const problem of checked.problems) console.error(problem);
  process.exitCode = 1;
} else {
  process.exitCode = (await allAnswer(checked.config)) ? 0 : 1;
}

async function allAnswer({ automations }: ServiceConfig): Promise<boolean> {
  const lambda = new LambdaClient(aws);
  const answers = await Promise.all(
    automations
      .flatMap((automation) => Object.entries(automation.smokeEvents()))
      .map(async ([functionName, event]) => {
        const name = `reflex-${stage}-${functionName}`;
        const { text, failed } = await ask(lambda, name, event);
        console.log(`${failed ? "FAILED" : "ok"}  ${name}  ${JSON.stringify(event)}\n${indented(text)}\n`);
        return !failed;
      }),
  );
  const failures = answers.filter((answered) => !answered).length;
  console.log(`${answers.length - failures} of ${answers.length} functions of stage ${stage} answered.`);
  return failures === 0;
}

async function ask(lambda: LambdaClient, FunctionName: string, event: object) {
  try {
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
    );
    const answer: unknown = JSON.parse(Payload?.transformToString() || "null");
    return { text: JSON.stringify(answer, undefined, 2), failed: FunctionError !== undefined };
  } catch (error) {
    return { text: String(error), failed: true };
  }
}

function indented(text: string): string {
  return text.replace(/^/gm, "    ");
}
