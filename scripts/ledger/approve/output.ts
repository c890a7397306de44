import type { Answered } from "../../../shared/approvals/answer-request.ts";
import { stateOf } from "../../../shared/approvals/item.ts";
import { changeText } from "../../../shared/approvals/next-step.ts";
import type { Answer, ApprovalRequest } from "../../../shared/approvals/request.ts";
import { minuteText } from "../../../shared/ledger/pauses.ts";

/** What a command says, and what it ends with. */
export interface CommandOutput {
  /** 0, or 1 where what was asked for is not so. */
  readonly code: number;
  /** For people. */
  readonly text: string;
  /** For machines. */
  readonly document: unknown;
}

const NEXT: Readonly<Record<Answer["said"], string>> = {
  approved:
    "Reflex decides anew within a minute, and makes the change if it is still right; a notification says what came of it.",
  rejected: "Nothing is changed. It is not asked for again for a day, unless more is needed.",
};

export function answeredOutput(said: Answer["said"], id: string, answered: Answered): CommandOutput {
  if (answered.kind === "refused") {
    const { why, request } = answered;
    return {
      code: 1,
      text: `Not ${said}: ${why}`,
      document: { id, result: "refused", why, ...(request && { request: documentOf(request) }) },
    };
  }
  const { request } = answered;
  return {
    code: 0,
    text: `${said === "approved" ? "Approved" : "Rejected"}: ${changeText(request.change)} of ${request.resource}\n${NEXT[said]}`,
    document: { id, result: said, request: documentOf(request) },
  };
}

/** @param now ms since the epoch */
export function waitingOutput(requests: readonly ApprovalRequest[], now: number): CommandOutput {
  const waiting = requests
    .filter((request) => stateOf(request) === "waiting" && now < request.expiresAt)
    .toSorted((a, b) => a.expiresAt - b.expiresAt);
  const texts = waiting.map(({ id, change, expiresAt }) =>
    [
      `${id}  ${changeText(change)}, until ${minuteText(expiresAt)}`,
      ...change.reasons.map((reason) => `    ${reason}`),
    ].join("\n"),
  );
  return {
    code: 0,
    text: texts.length === 0 ? "Nothing waits for an answer" : texts.join("\n"),
    document: waiting.map(documentOf),
  };
}

function documentOf({ id, resource, automation, change, askedAt, expiresAt, answer }: ApprovalRequest) {
  return {
    ...{ id, resource, automation, change: changeText(change), reasons: change.reasons },
    costPerMonth: change.costPerMonth,
    askedAt: iso(askedAt),
    until: iso(expiresAt),
    answer: answer && { said: answer.said, by: answer.by, at: iso(answer.at) },
  };
}

const iso = (at: number): string => new Date(at).toISOString();
