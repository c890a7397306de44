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
import type { StreamPolicy } from "../config/policy.ts";
import { usdPerMonth } from "../decide/measure/cost.ts";
import { type Action, type Decision, isReshard } from "../model/decision.ts";
import { changeText } from "../notify/change-text.ts";
import { factsOf } from "../notify/notification.ts";
import type { Cause } from "../triggers/requests.ts";
import type { Dependencies } from "./dependencies.ts";

/** What a decision was come to in. */
interface Decided {
  readonly cause: Cause;
  readonly run: PermitContext["run"];
  readonly deps: Pick<Dependencies, "mode"> & Pick<PermitContext, "requests">;
  /** ms since the epoch. */
  readonly observedAt: number;
}

/** Whether this run may carry the decision out, and the history with what people were asked as it is then. */
export async function permitDecision(
  decision: Decision,
  policy: StreamPolicy,
  history: History,
  { cause, run, deps, observedAt: now }: Decided,
): Promise<{ readonly permit: Permit; readonly history: History }> {
  if (cause.mode === "observe") return { permit: NOTHING, history };
  const { mode, requests } = deps;
  const context: PermitContext = {
    ...{ history, trigger: cause.text, askForMs: policy.askFor, now, requests, run },
  };
  if (decision.kind === "hold") {
    const [reason = decision.verdict] = decision.reasons;
    return { permit: NOTHING, history: await closeOvertaken(reason, context) };
  }
  const ofDirection = modeOf(policy.mode, directionOf(decision), mode);
  return { permit: await permitFor(proposed(decision), ofDirection, context), history };
}

/** What is no scale-out follows the mode of scale-in. */
const directionOf = ({ direction }: Action): "out" | "in" => (direction === "out" ? "out" : "in");

function proposed(action: Action): ProposedChange {
  const { from, to, reasons, evidence } = action;
  return {
    what: nameOf(action),
    ...{ direction: directionOf(action), from, to, text: changeText(action) },
    ...{ reasons: [...reasons], evidence, facts: factsOf(evidence) },
    ...(isReshard(action) && {
      costPerMonth: { before: usdPerMonth(from), after: usdPerMonth(to) },
    }),
  };
}

/** The call, and what it is made on: another shard is another change. */
function nameOf(action: Action): string {
  switch (action.kind) {
    case "SplitShard":
    case "MergeShards":
      return `${action.kind} ${action.shardId}`;
    case "UpdateStreamMode":
      return `${action.kind} ${action.mode}`;
    default:
      return action.kind;
  }
}
