import type { AskedStep, Permit } from "../../../shared/approvals/permit.ts";
import type { ApprovalRequest } from "../../../shared/approvals/request.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { History } from "../../../shared/ledger/entry.ts";
import type { Done } from "../../../shared/ledger/keep-verdict.ts";
import type { Stage } from "../../../shared/tracing/subsegment.ts";

/** What people hear of a change that they are asked for; `wait` is silent. The compiler refuses a list with one missing. */
export const ASKED_KINDS = ["ask", "rejected", "lapsed", "overtaken"] as const satisfies readonly (
  | AskedStep["kind"]
  | "overtaken"
)[];
type AskedKind = (typeof ASKED_KINDS)[number];
// A new step would be no AskedKind: then this line does not compile.
const complete: Exclude<AskedStep["kind"], AskedKind | "wait"> extends never ? true : never = true;

export const ANNA = "arn:aws:sts::123456789012:assumed-role/admin/anna";

const MINUTE = 60_000;

/** A run that only decides what it may do. */
export function askingRun(automation: string): Pick<Run, "automation" | "signal" | "stage"> {
  const stage: Stage = { annotate: () => {}, metadata: () => {} } as never;
  return {
    automation,
    signal: new AbortController().signal,
    stage: async (_name, body) => body(stage),
  };
}

/** What a look finds of a change that is asked for. */
export interface AskedLook {
  readonly done: Done;
  readonly history: History;
}

/**
 * The looks of one request: people are asked, and then they answer, or not.
 *
 * @param permit what the automation's own rules come to at a time
 */
export async function looksOf(
  kind: AskedKind,
  past: History,
  permit: (history: History, now: number) => Promise<Permit>,
  now: number,
): Promise<readonly AskedLook[]> {
  const asked = await permit(past, now);
  if (asked.kind !== "ask" || !complete) throw new Error(`nobody is asked: ${asked.kind}`);
  const first = { done: asked, history: past };
  const later = async (request: ApprovalRequest, minutes: number): Promise<AskedLook> => {
    const history = { ...past, request };
    const found = await permit(history, now + minutes * MINUTE);
    return { done: found.kind === "act" ? "acted" : found.kind === "nothing" ? "nothing" : found, history };
  };
  const { request } = asked;
  switch (kind) {
    case "ask":
      return [first];
    case "rejected":
      return [
        first,
        await later({ ...request, answer: { said: "rejected", by: ANNA, at: now + 9 * MINUTE } }, 10),
      ];
    case "lapsed":
      return [first, await later(request, 61)];
    case "overtaken": {
      const answer = { said: "approved", by: ANNA, at: now - 9 * MINUTE } as const;
      const why = "53 % of 4 shards in the last 5 minutes: nothing to change";
      return [
        {
          done: "nothing",
          history: { ...past, request: { ...request, answer, overtaken: { at: now, why } } },
        },
      ];
    }
  }
}
