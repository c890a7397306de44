import type { Entry, History, Intent } from "../../../shared/ledger/entry.ts";
import type { Hold } from "../model/decision.ts";
import type { Observation } from "../model/observation.ts";

/**
 * An intent whose run left no outcome, and its outcome as the stream shows it. Undefined when there is none, or
 * while it is not known: the run may still be at work, or the stream may still be changing.
 */
export function interruptedRun(
  { pending, leasedUntil = 0 }: History,
  observation: Observation,
  now: number,
): Entry | undefined {
  if (!pending || leasedUntil > now || observation.status !== "ACTIVE") return undefined;
  const { is, wanted } = shownBy(observation, pending);
  const found = `its run left no outcome; the stream ${is}`;
  return wanted === undefined
    ? { intent: pending, outcome: { result: "applied", at: now, detail: found } }
    : { intent: pending, outcome: { result: "lost", at: now, detail: `${found}, not ${wanted}` } };
}

/** What the stream shows of a change, and what it would, where that is something else. */
function shownBy(
  { shards, warmMiBps = 0, distribution, mode }: Observation,
  { action, to, evidence }: Intent,
): { readonly is: string; readonly wanted: string | undefined } {
  const shown = (is: string, value: unknown, wanted: unknown) => ({
    is,
    wanted: value === wanted ? undefined : String(wanted),
  });
  switch (action) {
    case "kinesis:UpdateStreamWarmThroughput":
      return shown(`has ${warmMiBps} MiB/s of warm throughput`, warmMiBps, to);
    case "kinesis:UpdateStreamRecordDistributionStrategy":
      return shown(`distributes records by ${distribution ?? "partition key"}`, distribution, "AUTO");
    case "kinesis:UpdateStreamMode":
      return shown(`is in mode ${mode}`, mode, evidence.mode);
    default:
      return shown(`has ${shards.length} open shards`, shards.length, to);
  }
}

/**
 * The decision of the run that recovers an intent: no change. Its observation is older than the recovered ledger, so
 * the next run decides. A notification is sent, because the run that died sent none.
 */
export function afterRecovery({ intent, outcome }: Entry): Hold {
  const { at, action, from, to, evidence } = intent;
  const { result, detail = "" } = outcome;
  const when = `${new Date(at).toISOString().slice(0, 16)}Z`;
  const became = result === "applied" ? "it was applied" : "it was not applied";
  return {
    kind: "hold",
    verdict: "recovered",
    reasons: [`${action} ${from} -> ${to}, started at ${when}: ${became}; ${detail}`],
    evidence,
    notify: true,
    requeue: true,
  };
}
