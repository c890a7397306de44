import { answerRequest, closedBecause } from "../../../shared/approvals/answer-request.ts";
import { changeText } from "../../../shared/approvals/next-step.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { Command } from "../triggers.ts";
import type { Dependencies } from "./dependencies.ts";

/** Shown in the chat as it is. */
export interface CommandResult {
  readonly result: string;
}

/** Whoever may invoke the function may answer: which person it was, CloudTrail knows. */
const BY_CHAT = "invoke/a chat command or an invoke of approve-changes";

/** Takes the answer of a command. */
export async function takeCommand(
  { id, said, mode }: Command,
  run: Run,
  { requests }: Pick<Dependencies, "requests">,
): Promise<CommandResult> {
  const at = run.clock.now();
  if (mode === "observe") {
    const closed = closedBecause(await requests.find(id, run.signal), at);
    return { result: closed === undefined ? "it can be answered" : `it cannot be answered: ${closed}` };
  }
  const answered = await answerRequest(id, { said, by: BY_CHAT, at }, requests, run.signal);
  if (answered.kind === "refused") return { result: `Not ${said}: ${answered.why}` };
  const { resource, change } = answered.request;
  run.log.info(`${said}: ${changeText(change)}`, { resource, request: id });
  const next = said === "approved" ? "; Reflex decides anew within a minute, and says what came of it" : "";
  return { result: `${said}: ${changeText(change)} of ${resource}${next}` };
}
