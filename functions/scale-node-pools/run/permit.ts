import { modeOf } from "../../../shared/approvals/mode.ts";
import {
  closeOvertaken,
  NOTHING,
  type Permit,
  type PermitContext,
  permitFor,
} from "../../../shared/approvals/permit.ts";
import type { ProposedChange } from "../../../shared/approvals/request.ts";
import type { History } from "../../../shared/ledger/entry.ts";
import { changesAnything, describePlan } from "../model/action.ts";
import type { Pool } from "../model/cluster.ts";
import type { Decision } from "../model/decision.ts";
import { textsOf } from "../model/reason.ts";
import { factsOf, podsFact } from "../notify/facts.ts";
import type { Dependencies } from "./dependencies.ts";

/** What a decision was come to in. */
interface Decided {
  readonly pool: Pool;
  readonly trigger: string;
  /** ms since the epoch. */
  readonly now: number;
}

/**
 * Whether this run may carry the decision out, and the history with what people were asked as it is then. What is no
 * scale-out takes something away, and follows the mode of scale-in.
 */
export async function permitDecision(
  decision: Decision,
  history: History,
  { pool, trigger, now }: Decided,
  run: PermitContext["run"],
  { mode, requests }: Pick<Dependencies, "mode"> & Pick<PermitContext, "requests">,
): Promise<{ readonly permit: Permit; readonly history: History }> {
  const { askFor: askForMs, mode: own } = pool.policy;
  const context: PermitContext = { history, trigger, askForMs, now, requests, run };
  if (!changesAnything(decision)) {
    const reason = decision.reasons[0]?.text ?? decision.verdict;
    return { permit: NOTHING, history: await closeOvertaken(reason, context) };
  }
  const direction = decision.verdict === "scale-out" ? "out" : "in";
  const change = proposed(decision, direction);
  return { permit: await permitFor(change, modeOf(own, direction, mode), context), history };
}

function proposed(decision: Decision, direction: "out" | "in"): ProposedChange {
  const { from, to, reasons, evidence } = decision;
  return {
    what: describePlan(decision),
    ...{
      direction,
      from,
      to,
      text: from === to ? "" : `${from} -> ${to} nodes`,
      reasons: textsOf(reasons),
      evidence: { ...evidence },
      facts: [podsFact(evidence), ...factsOf(evidence)],
    },
  };
}
