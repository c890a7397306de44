import { createHash } from "node:crypto";
import type { Run } from "../../../shared/lambda/run.ts";
import type { Notification } from "../../../shared/notify/notification.ts";
import { notifyOnce } from "../../../shared/notify/notify-once.ts";
import type { NodeOutcome, NodeResult } from "../model/drain.ts";
import type { Dependencies } from "../run/dependencies.ts";

/** What stays true is notified again after a day. */
const REPEAT_AFTER_MS = 24 * 3_600_000;

/** Notifies a result that a person has to know, once: the same of the same node is not repeated for a day. */
export async function notifyResult(
  result: NodeResult,
  run: Run,
  { notify, ledger }: Pick<Dependencies, "notify" | "ledger">,
): Promise<void> {
  const now = run.clock.now();
  const resource = `node/${result.node}`;
  const fingerprint = createHash("sha256")
    .update(JSON.stringify([result.outcome, result.blockers]))
    .digest("hex");
  const told = { subject: result.outcome, fingerprint, now, repeatAfterMs: REPEAT_AFTER_MS };
  await notifyOnce(notificationOf(result, now, run), run, notify, () =>
    ledger.claimNotification(resource, told, run.signal),
  );
}

const HEADLINES: Readonly<Record<NodeOutcome, string>> = {
  finished: "is gone with pods still on it",
  draining: "is being drained",
  cancelled: "could not be drained and stays",
  refused: "must not be drained",
  stopped: "is no longer being drained",
  gone: "is gone",
  observed: "would be drained; mode is observe",
};

function notificationOf(result: NodeResult, now: number, run: Run): Notification {
  const { node, nodePool, cause, outcome, reason, blockers } = result;
  return {
    id: `${run.id}/${node}/${outcome}`,
    at: new Date(now).toISOString(),
    automation: run.automation,
    resource: `node-pool/${nodePool}`,
    headline: `${nodePool}: node ${node} ${HEADLINES[outcome]}`,
    work: [{ name: "Cause", value: cause }],
    resourceMetrics: blockers.map(({ pod, reason: { text } }) => ({ name: pod, value: text })),
    events: [],
    done: { what: reason.text },
    reasons:
      blockers.length === 0 ? [reason.text] : blockers.map(({ pod, reason: { text } }) => `${pod}: ${text}`),
    ...(outcome === "cancelled" && { undo: "nothing: the node takes pods again" }),
    ...(run.traceId !== undefined && { traceId: run.traceId }),
  };
}
