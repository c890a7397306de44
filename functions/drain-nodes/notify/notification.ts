import { createHash } from "node:crypto";
import type { Run } from "../../../shared/lambda/run.ts";
import type { Notification } from "../../../shared/notify/notification.ts";
import { notifyOnce } from "../../../shared/notify/notify-once.ts";
import type { NodeResult } from "../model/drain.ts";
import type { Dependencies } from "../run/dependencies.ts";

/** What stays true is told again after a day. */
const AGAIN_AFTER_MS = 24 * 3_600_000;

/** Tells a result that a person has to know, once: the same of the same node is not told again for a day. */
export async function notifyOutcome(result: NodeResult, run: Run, deps: Dependencies): Promise<void> {
  const now = run.clock.now();
  const resource = `node/${result.node}`;
  const fingerprint = createHash("sha256")
    .update(JSON.stringify([result.outcome, result.blockers]))
    .digest("hex");
  const told = { subject: result.outcome, fingerprint, now, againAfterMs: AGAIN_AFTER_MS };
  await notifyOnce(notificationOf(result, now, run), run, deps.notify, () =>
    deps.ledger.claimTelling(resource, told, run.signal),
  );
}

const HEADLINES: Readonly<Record<NodeResult["outcome"], string>> = {
  ended: "is gone with pods still on it",
  "going-on": "is being emptied",
  "given-back": "could not be emptied and stays",
  refused: "is not to be emptied",
  stopped: "is no longer to be emptied",
  gone: "is gone",
  observed: "would be emptied; mode is observe",
};

function notificationOf(result: NodeResult, now: number, run: Run): Notification {
  const { node, nodePool, reason, outcome, did, blockers } = result;
  return {
    id: `${run.id}/${node}/${outcome}`,
    at: new Date(now).toISOString(),
    automation: run.automation,
    resource: `node-pool/${nodePool}`,
    headline: `${nodePool}: node ${node} ${HEADLINES[outcome]}`,
    work: [{ name: "Called by", value: reason }],
    resourceMetrics: blockers.map(({ pod, why }) => ({ name: pod, value: why })),
    events: [],
    done: { what: did },
    reasons: blockers.length === 0 ? [did] : blockers.map(({ pod, why }) => `${pod}: ${why}`),
    ...(outcome === "given-back" && { undo: "nothing: the node takes pods again" }),
    ...(run.traceId !== undefined && { traceId: run.traceId }),
  };
}
