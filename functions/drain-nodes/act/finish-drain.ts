import type { DrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import type { Node } from "../../../shared/kubernetes/node.ts";
import { Blocked, Misconfigured, RetryLater } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { terminatesRegardless } from "../decide/deadlines.ts";
import { type BlockingPod, type NodeDrain, type NodeResult, nodeResult, podCount } from "../model/drain.ts";
import { notifyResult } from "../notify/notification.ts";
import { memberships } from "../observe/auto-scaling-groups.ts";
import type { Dependencies, RunDependencies } from "../run/dependencies.ts";
import { cancelDrain, writeMark } from "./drain-mark.ts";
import { completeLifecycleAction } from "./lifecycle-hook.ts";
import { removeFromFleet } from "./remove-instance/remove-from-fleet.ts";
import { removeFromGroup } from "./remove-instance/remove-from-group.ts";

/** A marked node with nothing left to wait for. */
export interface FinishedDrain {
  readonly drain: NodeDrain;
  readonly mark: DrainMark;
  readonly node: Node;
  /** Pods still there because time is up. */
  readonly left: readonly BlockingPod[];
  /** Evictions accepted in this run. */
  readonly evicted: number;
}

/** Does what the node was drained for, and notes on the node that it was done. */
export async function finishDrain(
  found: FinishedDrain,
  run: Run,
  deps: RunDependencies,
): Promise<NodeResult> {
  const { drain, mark, evicted } = found;
  const node = await noteEnding(found, run);
  if (!node) return nodeResult(drain, "gone", "node-gone", "the node no longer exists", { evicted });
  const ending: FinishedDrain = { ...found, node };
  try {
    const done = await removeInstance(ending, run, deps);
    await noteEnded(ending, run);
    run.metrics.count("Drained", 1, { Reason: mark.cause });
    return await reportFinish(ending, done, run, deps);
  } catch (error) {
    // A node that stays must not stand there cordoned; a transient error is tried again.
    if (terminatesRegardless(mark) || !(error instanceof Blocked || error instanceof Misconfigured))
      throw error;
    return cancelFinish(ending, error, run, deps);
  }
}

/**
 * Notes on the node that its instance is about to go. The scaler cancels no drain after that, and if it was
 * faster this fails: no instance is terminated whose node takes pods again.
 */
const noteEnding = async ({ drain, mark, node }: FinishedDrain, run: Run): Promise<Node | undefined> =>
  mark.ending ? node : writeMark(drain.api, node, { ...mark, ending: true }, run.signal);

/** Without the note the next run finishes the drain again, and finds everything done. */
async function noteEnded({ drain, mark, node }: FinishedDrain, run: Run): Promise<void> {
  try {
    await writeMark(drain.api, node, { ...mark, endedAt: run.clock.now() }, run.signal);
  } catch (error) {
    if (!(error instanceof RetryLater)) throw error;
    run.log.info(`the end of the drain could not be noted on node ${drain.node}: ${error.message}`);
  }
}

/** What the cause asks for; a sentence on what was done. Throws Blocked when the instance has to stay. */
async function removeInstance(
  { drain: { pool }, mark }: FinishedDrain,
  run: Run,
  deps: RunDependencies,
): Promise<string> {
  switch (mark.cause) {
    case "scale-in":
    case "rebalance-recommendation": {
      const fleet = pool.policy.spotFleet;
      return fleet === undefined
        ? removeFromGroup(pool, mark, run, deps)
        : removeFromFleet({ fleet, pool, mark }, run, deps);
    }
    case "lifecycle-hook":
      return completeHook(mark, run, deps);
    case "spot-interruption":
      return mark.hook ? completeHook(mark, run, deps) : "AWS takes the instance back";
  }
}

async function completeHook(
  { hook, instanceId }: DrainMark,
  run: Run,
  { autoScaling }: Pick<Dependencies, "autoScaling">,
): Promise<string> {
  if (!hook) return "it had no lifecycle hook to complete";
  const group = (await memberships(autoScaling, [instanceId], run.signal)).get(instanceId)?.group;
  const held =
    group !== undefined &&
    (await completeLifecycleAction(autoScaling, { group, hook: hook.name, instanceId }, run.signal));
  if (!held) return `lifecycle hook ${hook.name} had ended already`;
  return `lifecycle hook ${hook.name} completed${hook.toWarmPool ? "; the instance returns to the warm pool" : ""}`;
}

/** Pods that were still there when time was up are always reported. */
async function reportFinish(
  { drain, left, evicted }: FinishedDrain,
  done: string,
  run: Run,
  deps: Pick<RunDependencies, "notifications">,
): Promise<NodeResult> {
  const rest = { evicted, blockers: left };
  if (left.length === 0) return nodeResult(drain, "finished", "empty", `empty; ${done}`, rest);
  const text = `its hard deadline passed with ${podCount(left.length)} still there; ${done}`;
  const result = nodeResult(drain, "finished", "hard-deadline", text, rest);
  run.metrics.count("HardDeadlinePassed");
  run.log.warn(text, { node: drain.node, left });
  await notifyResult(result, run, deps);
  return result;
}

/** The group has to keep the instance: its node takes pods again. */
async function cancelFinish(
  { drain, node, left, evicted }: FinishedDrain,
  { message }: Blocked | Misconfigured,
  run: Run,
  deps: Pick<RunDependencies, "notifications">,
): Promise<NodeResult> {
  await cancelDrain(drain.api, node, run.clock.now(), run.signal);
  const text = `drain cancelled, node uncordoned: ${message}`;
  const result = nodeResult(drain, "cancelled", "group-refuses", text, { evicted, blockers: left });
  await notifyResult(result, run, deps);
  return result;
}
