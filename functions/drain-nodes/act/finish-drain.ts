import type { DrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import type { Node } from "../../../shared/kubernetes/node.ts";
import { Blocked, Misconfigured, RetryLater } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { goesAnyway } from "../decide/deadlines.ts";
import type { Blocker } from "../decide/next-step.ts";
import type { Charge } from "./drain-node.ts";
import { complete } from "./lifecycle-hook.ts";
import type { House } from "../run/dependencies.ts";
import { giveBack, mark as writeMark } from "./drain-mark.ts";
import { removeFromFleet } from "./remove-from-fleet.ts";
import { removeFromGroup } from "./remove-from-group.ts";
import type { NodeResult } from "../model/drain.ts";
import { tellOnce } from "../notify/notification.ts";

/** A marked node that nothing is left to wait for. */
export interface Emptied extends Charge {
  readonly mark: DrainMark;
  readonly marked: Node;
  /** Who is still there because the time is over. */
  readonly left: readonly Blocker[];
}

interface Ended {
  readonly outcome: NodeResult["outcome"];
  readonly did: string;
}

/** Does what the node was emptied for, and notes on the node that it was done. */
export async function end(found: Emptied, run: Run, house: House): Promise<Ended> {
  const { api, mark, left } = found;
  const marked = await noteEnding(found, run);
  if (!marked) return { outcome: "gone", did: "the node is no more" };
  const emptied = { ...found, marked };
  try {
    const did = await follow(emptied, run, house);
    await noteEnded(emptied, run);
    run.metrics.count("Drained", 1, { Reason: mark.reason });
    if (left.length === 0) return { outcome: "ended", did: `empty; ${did}` };
    return await timeOver(emptied, did, run, house);
  } catch (error) {
    // A node that stays must not stand there cordoned; what passes by itself is tried again.
    if (goesAnyway(mark) || !(error instanceof Blocked || error instanceof Misconfigured)) throw error;
    await giveBack(api, marked, run.clock.now(), run.signal);
    const did = `given back, its cordon undone: ${error.message}`;
    await tellOnce({ ...resultOf(emptied), outcome: "given-back", did }, run, house);
    return { outcome: "given-back", did };
  }
}

/**
 * Notes on the node that it is about to be ended. The scaler takes no drain back after that, and if it was
 * faster this fails: no node is ended that takes pods again.
 */
async function noteEnding({ api, mark, marked }: Emptied, run: Run): Promise<Node | undefined> {
  return mark.ending ? marked : writeMark(api, marked, { ...mark, ending: true }, run.signal);
}

/** Without the note the next run ends the node again, which finds everything done. */
async function noteEnded({ api, mark, marked, node }: Emptied, run: Run): Promise<void> {
  try {
    await writeMark(api, marked, { ...mark, ended: Math.floor(run.clock.now() / 1000) }, run.signal);
  } catch (error) {
    if (!(error instanceof RetryLater)) throw error;
    run.log.info(`the end of node ${node} could not be noted on it: ${error.message}`);
  }
}

/** What the reason asks for; a sentence on what was done. Throws Blocked when the node has to stay. */
async function follow({ pool, mark }: Emptied, run: Run, house: House): Promise<string> {
  switch (mark.reason) {
    case "scale-in":
    case "rebalance-recommendation": {
      const remove = pool.policy.spotFleet === undefined ? removeFromGroup : removeFromFleet;
      return remove(pool, mark, run, house);
    }
    case "lifecycle-hook":
      return completeHook(mark, run, house);
    case "spot-interruption":
      return mark.hook ? completeHook(mark, run, house) : "AWS takes the instance back";
  }
}

async function completeHook({ hook, instanceId }: DrainMark, run: Run, house: House): Promise<string> {
  if (!hook) return "it had no lifecycle hook to complete";
  const held = await complete(house.autoScaling, hook, instanceId, run.signal);
  if (!held) return `lifecycle hook ${hook.name} was over already`;
  return `lifecycle hook ${hook.name} completed${hook.toWarmPool ? "; the instance goes to the warm pool" : ""}`;
}

/** The time was over with pods still there: that is said, always. */
async function timeOver(emptied: Emptied, did: string, run: Run, house: House): Promise<Ended> {
  const { left } = emptied;
  const said = `its hard deadline passed with ${left.length} pods still there; ${did}`;
  run.metrics.count("HardDeadlinePassed");
  run.log.warn(said, { node: emptied.node, left });
  await tellOnce({ ...resultOf(emptied), outcome: "ended", did: said }, run, house);
  return { outcome: "ended", did: said };
}

const resultOf = ({ pool, node, mark, left }: Emptied) => ({
  nodePool: pool.name,
  node,
  reason: mark.reason,
  evicted: 0,
  blockers: left,
});
