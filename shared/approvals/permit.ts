import type { Mode } from "../config/load.ts";
import { RetryLater } from "../lambda/errors.ts";
import type { Run } from "../lambda/run.ts";
import type { History } from "../ledger/entry.ts";
import { type ApprovalStep, nextStep, overtakenBy } from "./next-step.ts";
import type { Approval, ApprovalRequest, ProposedChange } from "./request.ts";
import type { RequestStore } from "./store.ts";

/** What a run may do about its decision. */
export type Permit =
  | { readonly kind: "act"; readonly approval?: Approval }
  /** Nothing is to be changed, or mode is observe. */
  | { readonly kind: "nothing" }
  | AskedStep;

/** A person is asked, and has not approved this change. */
export type AskedStep = Exclude<ApprovalStep, { readonly kind: "act" }>;

/** What it is asked in. */
export interface PermitContext {
  readonly history: History;
  readonly trigger: string;
  readonly askForMs: number;
  /** When it was decided, ms since the epoch. */
  readonly now: number;
  readonly requests: Pick<RequestStore, "replace">;
  readonly run: Pick<Run, "automation" | "signal" | "stage">;
}

export const NOTHING: Permit = { kind: "nothing" };

/**
 * By the mode of a change's direction, and in mode `ask` by what people have answered. Writes the request where one has to
 * be asked. Throws `RetryLater` when another run or a person was there in between.
 */
export async function permitFor(change: ProposedChange, mode: Mode, context: PermitContext): Promise<Permit> {
  if (mode !== "ask") return mode === "act" ? { kind: "act" } : NOTHING;
  const { history, run, trigger, askForMs, now } = context;
  const step = nextStep(change, {
    ...{ resource: history.resource, automation: run.automation, trigger, askForMs, now },
    standing: history.request,
    isUsed: (id) => isUsed(id, history),
  });
  if (step.kind === "act") return { kind: "act", approval: step.approval };
  if (step.kind === "ask") await write(step.request, context);
  return step;
}

/**
 * Closes an approval that is not right any more, now that nothing is to be changed.
 *
 * @param reason why nothing is
 * @returns the history with the request as it is now
 */
export async function closeOvertaken(reason: string, context: PermitContext): Promise<History> {
  const { history, now } = context;
  const closed = overtakenBy(reason, {
    ...{ standing: history.request, now },
    isUsed: (id) => isUsed(id, history),
  });
  if (!closed) return history;
  await write(closed, context);
  return { ...history, request: closed };
}

/** Whether anything was begun on the word of this request. */
const isUsed = (id: string, { pending, entries }: History): boolean =>
  [...(pending ? [pending] : []), ...entries.map(({ intent }) => intent)].some(
    ({ approval }) => approval?.id === id,
  );

function write(request: ApprovalRequest, { history, requests, run }: PermitContext): Promise<void> {
  const { resource } = history;
  return run.stage("ask", async (stage) => {
    stage.annotate("resource", resource);
    if (await requests.replace(history.request, request, run.signal)) return;
    const message = `what people are asked of ${resource} has changed since this run looked: the next one looks again`;
    throw new RetryLater(message, { resource, call: "dynamodb:PutItem" });
  });
}
