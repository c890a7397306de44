import { minuteText, personOf } from "../ledger/pauses.ts";
import { durationText } from "../time/duration.ts";
import { isSameChange } from "./item.ts";
import { type Approval, type ApprovalRequest, type ProposedChange, requestId } from "./request.ts";

const MINUTE_MS = 60_000;
/** An approval holds for so long: what could not be done by then is asked for anew. */
export const APPROVAL_HOLDS_MS = 10 * MINUTE_MS;
/** A target that moves is not asked for at each look. */
const ASK_AGAIN_MS = 5 * MINUTE_MS;
/** What a person rejected, or did not answer, is not asked for again for so long, unless more is needed. */
const REFUSAL_HOLDS_MS = 24 * 60 * MINUTE_MS;

/** Where the decision to change something stands with the people who are asked. */
export type ApprovalStep =
  /** To be asked for: nothing is done in this run. */
  | { readonly kind: "ask"; readonly request: ApprovalRequest }
  /** It is asked for, and nobody has answered yet. */
  | { readonly kind: "wait"; readonly request: ApprovalRequest }
  /** A person said no, or nothing. */
  | { readonly kind: "rejected" | "lapsed"; readonly request: ApprovalRequest }
  /** A person said yes to this very change, and nothing has been done on that word yet. */
  | { readonly kind: "act"; readonly request: ApprovalRequest; readonly approval: Approval };

/** What is known when a change is decided on. Times in ms since the epoch. */
export interface Asked {
  readonly resource: string;
  readonly automation: string;
  readonly trigger: string;
  /** What was asked last; undefined where nothing was. */
  readonly standing: ApprovalRequest | undefined;
  /** Whether an intent was written on the word of this request, whatever came of it. */
  readonly isUsed: (requestId: string) => boolean;
  readonly askForMs: number;
  readonly now: number;
}

/**
 * What a decision for a change comes to where the mode is `ask`. Pure. It acts only on an approval of exactly this change
 * that nothing was done on yet; whatever else is found, a person is asked, or asked again.
 */
export function nextStep(change: ProposedChange, asked: Asked): ApprovalStep {
  const { standing, now } = asked;
  const anew = (): ApprovalStep => ({ kind: "ask", request: newRequest(change, asked) });
  if (!standing || standing.overtaken || asked.isUsed(standing.id)) return anew();
  const { answer, expiresAt, askedAt } = standing;
  if (answer?.said === "approved") {
    const holds = now - answer.at < APPROVAL_HOLDS_MS && isSameChange(standing.change, change);
    const approval = { id: standing.id, by: answer.by, at: answer.at };
    return holds ? { kind: "act", request: standing, approval } : anew();
  }
  const isOther = standing.change.direction !== change.direction;
  if (!answer && now < expiresAt) {
    const isStale = !isSameChange(standing.change, change) && now - askedAt >= ASK_AGAIN_MS;
    return isOther || isStale ? anew() : { kind: "wait", request: standing };
  }
  const refusedAt = answer?.at ?? expiresAt;
  const needsMore = isMore(change, standing.change) && now - refusedAt >= ASK_AGAIN_MS;
  if (isOther || needsMore || now - refusedAt >= REFUSAL_HOLDS_MS) return anew();
  return { kind: answer ? "rejected" : "lapsed", request: standing };
}

/** A request that was approved, with the approval; undefined where it was not, or something came of it. */
function unusedApproval(request: ApprovalRequest | undefined, isUsed: Asked["isUsed"]) {
  const { answer, overtaken } = request ?? {};
  if (!request || answer?.said !== "approved" || overtaken || isUsed(request.id)) return undefined;
  return { request, answer };
}

/** Why an approval that still holds is closed now that nothing is to be changed; undefined where there is none. */
export function overtakenBy(
  reason: string,
  { standing, isUsed, now }: Pick<Asked, "standing" | "isUsed" | "now">,
): ApprovalRequest | undefined {
  const approved = unusedApproval(standing, isUsed);
  return approved && { ...approved.request, overtaken: { at: now, why: reason } };
}

/** `4 -> 8 shards (UpdateShardCount)`. */
export const changeText = ({ what, text }: ProposedChange): string =>
  text === "" ? what : `${text} (${what})`;

const isMore = (a: ProposedChange, b: ProposedChange): boolean =>
  a.direction === "out" ? a.to > b.to : a.to < b.to;

function newRequest(change: ProposedChange, asked: Asked): ApprovalRequest {
  const { resource, automation, trigger, askForMs, now } = asked;
  const before = whatBecameOf(asked);
  return {
    id: requestId(resource, now),
    ...{ resource, automation, trigger },
    change: before === undefined ? change : { ...change, reasons: [...change.reasons, before] },
    askedAt: now,
    expiresAt: now + askForMs,
  };
}

/** What whoever answered the last request has to know of it. */
function whatBecameOf({ standing, isUsed }: Asked): string | undefined {
  const approved = unusedApproval(standing, isUsed);
  if (!approved) return undefined;
  const { answer, request } = approved;
  return `${personOf(answer.by)} approved ${changeText(request.change)} at ${minuteText(answer.at)}, which is not right any more: it was not done`;
}

export const untilText = ({ expiresAt }: ApprovalRequest): string => `until ${minuteText(expiresAt)}`;

/** One sentence on where it stands, for a notification and `reflex why`. */
export function stepText({ kind, request }: ApprovalStep): string {
  const { change, answer, askedAt, expiresAt } = request;
  switch (kind) {
    case "ask":
    case "wait":
      return `waits for approval ${untilText(request)}`;
    case "rejected":
      return `rejected by ${personOf(answer?.by ?? "nobody")} at ${minuteText(answer?.at ?? expiresAt)}: nothing was changed`;
    case "lapsed":
      return `nobody answered within ${durationText(expiresAt - askedAt)}: nothing was changed`;
    case "act":
      return `${changeText(change)} was approved by ${personOf(answer?.by ?? "nobody")}`;
  }
}
