import { parseArgs } from "node:util";
import { type AttributeValue, DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { answerRequest } from "../../../shared/approvals/answer-request.ts";
import { REQUEST_KEY, readRequest, stateOf } from "../../../shared/approvals/item.ts";
import { changeText } from "../../../shared/approvals/next-step.ts";
import type { Answer, ApprovalRequest } from "../../../shared/approvals/request.ts";
import { createRequestStore } from "../../../shared/approvals/store.ts";
import { minuteText } from "../../../shared/ledger/pauses.ts";
import { callerArn } from "../../stage/caller.ts";
import { serviceClock } from "../../stage/service-clock.ts";
import { STAGE_OPTIONS, stageOptions } from "../../stage/stage-options.ts";

/** `reflex approve` and `reflex reject`. @returns the exit code */
export async function answerByCommand(said: Answer["said"]): Promise<number> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: STAGE_OPTIONS });
  const { stage, aws } = await stageOptions(values);
  const client = new DynamoDBClient(aws);
  const clock = serviceClock(client);
  const table = `reflex-${stage}-ledger`;
  const [id] = positionals;
  if (id === undefined) {
    console.log(waitingText(await waitingRequests(client, table), clock.now()));
    return 0;
  }
  const store = createRequestStore(client, table);
  // Before its time is asked for: the clock takes it from the first answer.
  const [by] = await Promise.all([callerArn(aws), store.find(id)]);
  const answered = await answerRequest(id, { said, by, at: clock.now() }, store);
  if (answered.kind === "refused") {
    console.error(`Not ${said}: ${answered.why}`);
    return 1;
  }
  console.log(answeredText(said, answered.request));
  return 0;
}

function answeredText(said: Answer["said"], { resource, change }: ApprovalRequest): string {
  const next =
    said === "approved"
      ? "Reflex decides anew within a minute, and makes the change if it is still right; a notification says what came of it."
      : "Nothing is changed. It is not asked for again for a day, unless more is needed.";
  return `${said === "approved" ? "Approved" : "Rejected"}: ${changeText(change)} of ${resource}\n${next}`;
}

/** @param now ms since the epoch */
export function waitingText(requests: readonly ApprovalRequest[], now: number): string {
  const waiting = requests
    .filter((request) => stateOf(request) === "waiting" && now < request.expiresAt)
    .toSorted((a, b) => a.expiresAt - b.expiresAt);
  if (waiting.length === 0) return "Nothing waits for an answer";
  return waiting
    .map(({ id, change, expiresAt }) =>
      [
        `${id}  ${changeText(change)}, until ${minuteText(expiresAt)}`,
        ...change.reasons.map((reason) => `    ${reason}`),
      ].join("\n"),
    )
    .join("\n");
}

async function waitingRequests(client: DynamoDBClient, TableName: string): Promise<ApprovalRequest[]> {
  const items: Record<string, AttributeValue>[] = [];
  const scan = {
    TableName,
    FilterExpression: "sk = :request",
    ExpressionAttributeValues: { ":request": { S: REQUEST_KEY } },
  };
  for await (const { Items = [] } of paginateScan({ client }, scan)) items.push(...Items);
  return items.flatMap((item) => readRequest(item) ?? []);
}
