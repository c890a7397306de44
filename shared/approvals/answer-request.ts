import type { Entry } from "../ledger/entry.ts";
import { minuteText, personOf } from "../ledger/pauses.ts";
import { changeText } from "./next-step.ts";
import type { Answer, ApprovalRequest } from "./request.ts";
import type { RequestStore } from "./store.ts";

/** What an answer came to. */
export type Answered =
  | { readonly kind: "taken"; readonly request: ApprovalRequest }
  | { readonly kind: "refused"; readonly why: string; readonly request?: ApprovalRequest };

/** Why a request takes no answer any more; undefined while it does. Times in ms since the epoch. */
export function closedBecause(request: ApprovalRequest | undefined, now: number): string | undefined {
  if (!request) return "it stands no more: another request has taken its place, or it was never made";
  const { answer, expiresAt } = request;
  if (answer) return `it was ${answer.said} by ${personOf(answer.by)} at ${minuteText(answer.at)}`;
  return now < expiresAt ? undefined : `it lapsed at ${minuteText(expiresAt)}: nobody had answered`;
}

/**
 * Takes a person's answer to a request, once: the first answer counts. The next look of the automation, a minute later at
 * most, decides anew, and acts on an approval only if the same change is still right.
 */
export async function answerRequest(
  id: string,
  answer: Answer,
  store: RequestStore,
  signal?: AbortSignal,
): Promise<Answered> {
  const request = await store.find(id, signal);
  const closed = closedBecause(request, answer.at);
  if (!request || closed !== undefined) {
    return { kind: "refused", why: closed ?? "", ...(request && { request }) };
  }
  const answered = { ...request, answer };
  if (!(await store.replace(request, answered, signal))) {
    return { kind: "refused", why: "somebody else answered at the same moment", request };
  }
  await store.record(request.resource, entryOf(request, answer), signal);
  return { kind: "taken", request: answered };
}

/** Its line in the audit trail. */
function entryOf({ id, change, askedAt }: ApprovalRequest, { said, by, at }: Answer): Entry {
  const { what, from, to, reasons } = change;
  return {
    intent: {
      id: `${id}/${said}`,
      at,
      automation: "operator",
      action: said === "approved" ? "reflex:approve" : "reflex:reject",
      direction: "none",
      ...{ from, to },
      reasons: [`${personOf(by)} ${said} ${changeText(change)}`, ...reasons],
      evidence: { request: id, change: what, by, asked: new Date(askedAt).toISOString() },
      trigger: by,
    },
    outcome: { result: "applied", at },
  };
}
