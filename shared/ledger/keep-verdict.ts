import type { AskedStep } from "../approvals/permit.ts";
import { asFailure } from "../aws/failure.ts";
import type { Run } from "../lambda/run.ts";
import type { History, KeptDecision } from "./entry.ts";
import type { Ledger } from "./ledger.ts";
import type { StandingPause } from "./pauses.ts";

/**
 * What became of a change that was decided on; `nothing` for a decision to change nothing, and in mode observe; where
 * people are asked and have not approved it, how that stands.
 */
export type Done = "acted" | "nothing" | StandingPause | AskedStep;

/** A decision as an automation has it. */
export interface Decided extends Omit<KeptDecision, "automation" | "held" | "traceId" | "reasons"> {
  readonly reasons: readonly string[];
  /** Whether it would change something. */
  readonly changes: boolean;
}

/**
 * Keeps a decision for `reflex why`, where it came to something else than the one before. Without it the work is done all
 * the same: a failure is a warning.
 */
export async function keepVerdict(
  history: History,
  { changes, reasons, ...decided }: Decided,
  done: Done,
  { automation, traceId, log, signal, stage }: Run,
  ledger: Pick<Ledger, "keepDecision">,
): Promise<void> {
  const { resource, lastDecision: last } = history;
  const held = changes ? heldBy(done) : undefined;
  if (last?.verdict === decided.verdict && last.held === held) return;
  const decision: KeptDecision = {
    ...decided,
    automation,
    reasons: [...reasons],
    ...(held && { held }),
    ...(traceId !== undefined && { traceId }),
  };
  try {
    await stage("keep", async (part) => {
      part.annotate("resource", resource);
      await ledger.keepDecision(resource, decision, signal);
    });
  } catch (error) {
    log.warn(asFailure(error, "dynamodb:PutItem", resource).message, { resource });
  }
}

function heldBy(done: Done): KeptDecision["held"] {
  if (done === "acted") return undefined;
  if (done === "nothing") return "observe";
  return "kind" in done ? "ask" : "paused";
}
