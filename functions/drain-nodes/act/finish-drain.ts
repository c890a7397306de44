import type { DrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import type { Node } from "../../../shared/kubernetes/node.ts";
import { Blocked, Misconfigured, RetryLater } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { terminatesRegardless } from "../decide/deadlines.ts";
import type { BlockingPod } from "../decide/next-step.ts";
import type { NodeResult } from "../model/drain.ts";
import { notifyOutcome } from "../notify/notification.ts";
import type { Dependencies } from "../run/dependencies.ts";
import { cancelDrain, mark as writeMark } from "./drain-mark.ts";
import type { NodeDrain } from "./drain-node.ts";
import { completeLifecycleAction } from "./lifecycle-hook.ts";
import { removeFromFleet } from "./remove-from-fleet.ts";
import { removeFromGroup } from "./remove-from-group.ts";

/** A marked node that nothing is left to wait for. */
export interface FinishedDrain extends NodeDrain {
  readonly mark: DrainMark;
  readonly marked: Node;
  /** Who is still there because the time is over. */
  readonly left: readonly BlockingPod[];
}

interface Ended {
  readonly outcome: NodeResult["outcome"];
  readonly did: string;
}

/** Does what the node was emptied for, and notes on the node that it was done. */
export async function finishDrain(found: FinishedDrain, run: Run, deps: Dependencies): Promise<Ended> {
  const { api, mark, left } = found;
  const marked = await noteEnding(found, run);
  if (!marked) return { outcome: "gone", did: "the node is no more" };
  const emptied = { ...found, marked };
  try {
    const did = await follow(emptied, run, deps);
    await noteEnded(emptied, run);
    run.metrics.count("Drained", 1, { Reason: mark.reason });
    if (left.length === 0) return { outcome: "ended", did: `empty; ${did}` };
    return await timeOver(emptied, did, run, deps);
  } catch (error) {
    // A node that stays must not stand there cordoned; what passes by itself is tried again.
    if (terminatesRegardless(mark) || !(error instanceof Blocked || error instanceof Misconfigured))
      throw error;
    await cancelDrain(api, marked, run.clock.now(), run.signal);
    const did = `given back, its cordon undone: ${error.message}`;
    await notifyOutcome({ ...resultOf(emptied), outcome: "given-back", did }, run, deps);
    return { outcome: "given-back", did };
  }
}

/**
 * Notes on the node that it is about to be ended. The scaler takes no drain back after that, and if it was
 * faster this fails: no node is ended that takes pods again.
 */
async function noteEnding({ api, mark, marked }: FinishedDrain, run: Run): Promise<Node | undefined> {
  return mark.ending ? marked : writeMark(api, marked, { ...mark, ending: true }, run.signal);
}

/** Without the note the next run ends the node again, which finds everything done. */
async function noteEnded({ api, mark, marked, node }: FinishedDrain, run: Run): Promise<void> {
  try {
    await writeMark(api, marked, { ...mark, ended: Math.floor(run.clock.now() / 1000) }, run.signal);
  } catch (error) {
    if (!(error instanceof RetryLater)) throw error;
    run.log.info(`the end of node ${node} could not be noted on it: ${error.message}`);
  }
}

/** What the reason asks for; a sentence on what was done. Throws Blocked when the node has to stay. */
async function follow({ pool, mark }: FinishedDrain, run: Run, deps: Dependencies): Promise<string> {
  switch (mark.reason) {
    case "scale-in":
    case "rebalance-recommendation": {
      const remove = pool.policy.spotFleet === undefined ? removeFromGroup : removeFromFleet;
      return remove(pool, mark, run, deps);
    }
    case "lifecycle-hook":
      return completeHook(mark, run, deps);
    case "spot-interruption":
      return mark.hook ? completeHook(mark, run, deps) : "AWS takes the instance back";
  }
}

async function completeHook({ hook, instanceId }: DrainMark, run: Run, deps: Dependencies): Promise<string> {
  if (!hook) return "it had no lifecycle hook to complete";
  const held = await completeLifecycleAction(deps.autoScaling, hook, instanceId, run.signal);
  if (!held) return `lifecycle hook ${hook.name} was over already`;
  return `lifecycle hook ${hook.name} completed${hook.toWarmPool ? "; the instance goes to the warm pool" : ""}`;
}

/** The time was over with pods still there: that is said, always. */
async function timeOver(emptied: FinishedDrain, did: string, run: Run, deps: Dependencies): Promise<Ended> {
  const { left } = emptied;
  const said = `its hard deadline passed with ${left.length} pods still there; ${did}`;
  run.metrics.count("HardDeadlinePassed");
  run.log.warn(said, { node: emptied.node, left });
  await notifyOutcome({ ...resultOf(emptied), outcome: "ended", did: said }, run, deps);
  return { outcome: "ended", did: said };
}

const resultOf = ({ pool, node, mark, left }: FinishedDrain) => ({
  nodePool: pool.name,
  node,
  reason: mark.reason,
  evicted: 0,
  blockers: left,
});
