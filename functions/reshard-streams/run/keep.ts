import type { History } from "../../../shared/ledger/entry.ts";
import { type Done, keepVerdict } from "../../../shared/ledger/keep-verdict.ts";
import type { StreamPolicy } from "../config/policy.ts";
import { demandsOf } from "../decide/measure/demand.ts";
import { profileAfter } from "../decide/measure/demand-profile.ts";
import { capacityOf } from "../decide/measure/sizing.ts";
import type { Decision } from "../model/decision.ts";
import type { Observation } from "../model/observation.ts";
import { resourceOf } from "../observe/configured-stream.ts";
import type { Reconciliation } from "./reconciliation.ts";

/** What is refused until a change has its effect says nothing about the shards after it: every process has to know. */
export function noteChanging({ stream, run, deps: { ledger }, observedAt }: Reconciliation): Promise<void> {
  return run.stage("keep", async (stage) => {
    stage.annotate("resource", resourceOf(stream));
    await ledger.noteChanging(resourceOf(stream), observedAt, run.signal);
  });
}

/** What the quarters of an hour that ended were like. Only scheduled runs keep it: others come as often as alarms do. */
export async function keepProfile(
  observation: Observation,
  policy: StreamPolicy,
  history: History,
  { stream, cause, run, deps: { ledger }, observedAt }: Reconciliation,
): Promise<void> {
  if (policy.forecast === "off" || cause.kind !== "schedule") return;
  const demands = demandsOf(observation.minutes, capacityOf(policy));
  const profile = profileAfter(observation, demands, policy.lookBackMinutes, observedAt, history);
  if (!profile) return;
  await run.stage("keep", async (stage) => {
    stage.annotate("resource", resourceOf(stream));
    await ledger.keepProfile(resourceOf(stream), JSON.stringify(profile), observedAt, run.signal);
  });
}

/** For `reflex why`: what was decided, when it came to something else than the decision before. */
export function keepDecision(
  { kind, verdict, reasons, evidence }: Decision,
  history: History,
  done: Done,
  { cause, run, deps, observedAt }: Reconciliation,
): Promise<void> {
  const changes = kind !== "hold";
  const decision = { at: observedAt, verdict, reasons, evidence, trigger: cause.text, changes };
  return keepVerdict(history, decision, done, run, deps.ledger);
}
