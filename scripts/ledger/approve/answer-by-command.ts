import { parseArgs } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { answerRequest } from "../../../shared/approvals/answer-request.ts";
import type { Answer } from "../../../shared/approvals/request.ts";
import { createRequestStore } from "../../../shared/approvals/store.ts";
import { callerArn } from "../../stage/caller.ts";
import { serviceClock } from "../../stage/service-clock.ts";
import { STAGE_OPTIONS, stageOptions } from "../../stage/stage-options.ts";
import { answeredOutput, type CommandOutput, waitingOutput } from "./output.ts";
import { requestsIn } from "./requests.ts";

/** `reflex approve` and `reflex reject`. @returns the exit code */
export async function answerByCommand(said: Answer["said"]): Promise<number> {
  const options = { ...STAGE_OPTIONS, json: { type: "boolean", default: false } } as const;
  const { positionals, values } = parseArgs({ allowPositionals: true, options });
  const [id, ...others] = positionals;
  if (others.length > 0) {
    console.error(`Name one request: found ${positionals.join(" ")}`);
    return 2;
  }
  const { stage, aws } = await stageOptions(values);
  const client = new DynamoDBClient(aws);
  const clock = serviceClock(client);
  const table = `reflex-${stage}-ledger`;
  if (id === undefined) {
    const requests = await requestsIn(client, table);
    return print(waitingOutput(requests, clock.now()), values.json);
  }
  const store = createRequestStore(client, table);
  // Before its time is asked for: the clock takes it from the first answer.
  const [by] = await Promise.all([callerArn(aws), store.find(id)]);
  const answered = await answerRequest(id, { said, by, at: clock.now() }, store);
  return print(answeredOutput(said, id, answered), values.json);
}

/** A document goes to the standard output whatever came of it; the exit code says that. */
function print({ code, text, document }: CommandOutput, json: boolean): number {
  if (json) console.log(JSON.stringify(document, undefined, 2));
  else if (code === 0) console.log(text);
  else console.error(text);
  return code;
}
