/**
 * `npm run smoke -- --stage dev`: after a deploy, asks every function of the stage what it would do (mode observe)
 * and prints what it saw. Ends with 1 where one fails.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { awsOfStage } from "./aws-of-stage.ts";
import { checkedConfig } from "./checked-config.ts";
import { smokeEvents } from "./smoke-events.ts";

const { stage } = parseArgs({ options: { stage: { type: "string", default: "dev" } } }).values;
const { sections, problems } = await checkedConfig(join(import.meta.dirname, ".."), `config/${stage}.yml`);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 && (await allAnswer()) ? 0 : 1;

async function allAnswer(): Promise<boolean> {
  const lambda = new LambdaClient(awsOfStage());
  const answers = await Promise.all(
    Object.entries(smokeEvents(sections)).map(async ([automation, event]) => {
      const name = `reflex-${stage}-${automation}`;
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
