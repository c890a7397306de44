import type { Run } from "../../shared/lambda/run.ts";
import { type CommandResult, takeCommand } from "./run/command.ts";
import type { Dependencies } from "./run/dependencies.ts";
import { answerPage, type HttpResponse } from "./run/page.ts";
import { decodeTrigger } from "./triggers.ts";

/** One invocation: a page for a browser, or the answer of a person's command. */
export async function approveChanges(
  event: unknown,
  run: Run,
  deps: Dependencies,
): Promise<HttpResponse | CommandResult> {
  const trigger = decodeTrigger(event);
  run.annotate("trigger", trigger.kind);
  return trigger.kind === "page" ? answerPage(trigger, run, deps) : takeCommand(trigger, run, deps);
}
