import { randomUUID } from "node:crypto";
import type { Permit } from "../../../shared/approvals/permit.ts";
import type { Approval } from "../../../shared/approvals/request.ts";
import type { History } from "../../../shared/ledger/entry.ts";
import type { Done } from "../../../shared/ledger/keep-verdict.ts";
import { Paused, type StandingPause } from "../../../shared/ledger/pauses.ts";
import { act } from "../act/act.ts";
import type { Action, Decision } from "../model/decision.ts";
import { notificationOf } from "../notify/notification.ts";
import { resourceOf } from "../observe/configured-stream.ts";
import type { Reconciliation } from "./reconciliation.ts";

/** @returns what became of it: a pause may stand in the way of what is permitted */
export async function carryOut(
  decision: Decision,
  permit: Permit,
  history: History,
  about: Reconciliation,
): Promise<Done> {
  if (permit.kind === "nothing") return "nothing";
  if (permit.kind !== "act" || decision.kind === "hold") return permit.kind === "act" ? "nothing" : permit;
  return (await actOn(decision, history, permit.approval, about)) ?? "acted";
}

/** @returns the pause, where one stands: then nothing was changed */
async function actOn(
  decision: Action,
  history: History,
  approval: Approval | undefined,
  { stream, arn, cause, run, deps, rates, notifications, observedAt }: Reconciliation,
): Promise<StandingPause | undefined> {
  return run.stage("act", async (stage) => {
    stage.annotate("resource", resourceOf(stream));
    stage.annotate("decision", decision.verdict);
    run.progress(
      `about to call ${describeChange(decision)} for ${stream}; the ledger shows whether it was done`,
    );
    const id = randomUUID();
    const runInfo = { id, now: observedAt, trigger: cause.text, traceId: run.traceId, approval };
    const { deployStage } = deps;
    const outgoing = notifications.outgoing(
      notificationOf(stream, decision, history, { ...runInfo, deployStage }),
    );
    // Before the lease: a run that waits for its turn keeps no other from acting.
    await rates.take(decision.kind);
    const actor = { ...deps, now: () => run.clock.now(), holder: id, signal: run.signal, outgoing };
    try {
      notifications.add(await act({ stream, arn }, decision, history, runInfo, actor));
    } catch (error) {
      if (!(error instanceof Paused)) throw error;
      stage.annotate("reason", error.message);
      run.log.info(error.message, { resource: resourceOf(stream) });
      return error.pause;
    }
    stage.annotate("changed", resourceOf(stream));
    run.metrics.count("Actions", 1, { Action: `kinesis:${decision.kind}` });
    return undefined;
  });
}

export function describeChange(decision: Decision): string {
  switch (decision.kind) {
    case "hold":
      return "none";
    case "UpdateStreamRecordDistributionStrategy":
      return `${decision.kind} ${decision.strategy}`;
    case "UpdateStreamMode":
      return `${decision.kind} ${decision.mode}`;
    default:
      return `${decision.kind} ${decision.from} -> ${decision.to}`;
  }
}
