import type { DrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import type { Node } from "../../../shared/kubernetes/node.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { pause } from "../../../shared/time/pause.ts";
import { terminatesRegardless } from "../decide/deadlines.ts";
import { setAside } from "../decide/instance-standing.ts";
import { nextStep, podName, podsEndedByForce, type Step } from "../decide/next-step.ts";
import { type BlockingPod, type NodeDrain, type NodeResult, nodeResult, podCount } from "../model/drain.ts";
import { notifyResult } from "../notify/notification.ts";
import { memberships } from "../observe/auto-scaling-groups.ts";
import { type DrainingNode, readDrainState } from "../observe/drain-state.ts";
import type { Dependencies, RunDependencies } from "../run/dependencies.ts";
import { cancelDrain, takeMarkBack, uncordon, writeMark } from "./drain-mark.ts";
import {
  type EvictionProgress,
  evictPods,
  explained,
  explainedInTime,
  NO_EVICTIONS,
  refusedPods,
} from "./evict-pods.ts";
import { finishDrain } from "./finish-drain.ts";
import { leaveToAws } from "./leave-to-aws.ts";
import { isHeartbeatDue, recordHeartbeat } from "./lifecycle-hook.ts";

/** How often a run looks again at a node it drains. */
const PASS_INTERVAL_MS = 5_000;
/** How long a run stays with its nodes; the next one comes a minute after it. */
const STAY_MS = 45_000;
/** A Spot instance has two minutes in all, so its run stays with it; what is reserved ends the run in order. */
const RESERVED_MS = 10_000;

const NO_NODE = "the node no longer exists";

/** A pass that left pods behind. */
interface Unfinished {
  readonly mark: DrainMark;
  readonly progress: EvictionProgress;
  readonly podsLeft: number;
  readonly waitingFor: readonly BlockingPod[];
}

/**
 * Takes one marked node as far as it gets in this run: evicts, waits, looks again; and does what follows when
 * it is empty. All that the next run needs to go on is on the node.
 */
export async function drainNode(drain: NodeDrain, run: Run, deps: RunDependencies): Promise<NodeResult> {
  const startedAt = run.clock.now();
  let progress = NO_EVICTIONS;
  for (;;) {
    const pass = await drainOnce(drain, progress, run, deps);
    if ("outcome" in pass) return pass;
    progress = pass.progress;
    if (await waitForNextPass(pass.mark, startedAt, run)) continue;
    const text = `${progress.evicted} evicted, ${podCount(pass.podsLeft)} still there: the next run goes on`;
    const rest = { evicted: progress.evicted, blockers: pass.waitingFor };
    return nodeResult(drain, "draining", "pods-remain", text, rest);
  }
}

/** One pass: observe, decide, act. The node's result when its drain is over for this run. */
async function drainOnce(
  drain: NodeDrain,
  before: EvictionProgress,
  run: Run,
  deps: RunDependencies,
): Promise<NodeResult | Unfinished> {
  const { evicted } = before;
  const state = await run.stage("observe", () => readDrainState(drain, run.signal));
  if (state === "node-gone") return nodeResult(drain, "gone", state, NO_NODE, { evicted });
  if (state === "mark-removed")
    return nodeResult(drain, "stopped", state, "its mark was removed: the drain stops", { evicted });
  const { mark } = state;
  if (mark.instanceId !== state.node.machine?.instanceId) return foreign(drain, state, run, deps);
  if (!state.node.unschedulable && !terminatesRegardless(mark)) return takenBack(drain, state, run);
  if (mark.awaitsReplacement) {
    const text = "cordoned; drained when its replacement is there";
    return nodeResult(drain, "draining", "awaits-replacement", text);
  }
  const node = await extendHook(drain, state, run, deps);
  if (node === "hook-over") return hookOver(drain, state, before, run, deps);
  if (!node) return nodeResult(drain, "gone", "node-gone", NO_NODE, { evicted });
  return takeStep(drain, { ...state, node }, before, run, deps);
}

/** Decides on the node as it stands, and does that. */
async function takeStep(
  drain: NodeDrain,
  { node, mark, pods }: DrainingNode,
  before: EvictionProgress,
  run: Run,
  deps: RunDependencies,
): Promise<NodeResult | Unfinished> {
  const { policy } = drain.pool;
  const step = nextStep({ mark, ready: node.ready, pods, policy: policy.drain, now: run.clock.now() });
  await traceStep(step, drain, run);
  const progress = await evictPods(step, drain.api, before, run);
  run.progress(`node ${node.name}: ${step.kind}; ${progress.evicted} pods evicted so far`);
  switch (step.kind) {
    case "finish": {
      const left = await explainedInTime(step.left, pods, progress, drain.api, run);
      return run.stage("act", () =>
        finishDrain({ drain, mark, node, left, evicted: progress.evicted }, run, deps),
      );
    }
    case "cancel": {
      const blockers = await explainedInTime(step.blockers, pods, progress, drain.api, run);
      return cancel(drain, node, { ...step, blockers }, progress.evicted, run, deps);
    }
    case "evict":
    case "delete":
      return { mark, progress, podsLeft: pods.length, waitingFor: refusedPods(progress) };
    case "wait":
      return { mark, progress, podsLeft: pods.length, waitingFor: explained(step.blockers, progress) };
  }
}

/**
 * Sends the lifecycle hook its heartbeat when one is due. The node as it is then; undefined when it no longer exists;
 * `hook-over` when the hook no longer holds the instance.
 */
async function extendHook(
  { api }: NodeDrain,
  { node, mark }: DrainingNode,
  run: Run,
  { autoScaling }: Pick<Dependencies, "autoScaling">,
): Promise<Node | "hook-over" | undefined> {
  const { hook } = mark;
  const now = run.clock.now();
  if (!hook || !isHeartbeatDue(hook, now)) return node;
  const { instanceId } = mark;
  const group = (await memberships(autoScaling, [instanceId], run.signal)).get(instanceId)?.group;
  if (!group || !(await recordHeartbeat(autoScaling, { group, hook: hook.name, instanceId }, run.signal)))
    return "hook-over";
  return writeMark(api, node, { ...mark, hook: { ...hook, lastHeartbeatAt: now } }, run.signal);
}

/** The hook timed out, or somebody else completed it: AWS lets the instance go, whatever is on it. */
async function hookOver(
  drain: NodeDrain,
  { node: { ready }, mark, pods }: DrainingNode,
  progress: EvictionProgress,
  run: Run,
  deps: Pick<RunDependencies, "notifications">,
): Promise<NodeResult> {
  const { evicted } = progress;
  const left = podsEndedByForce({ mark, ready, pods, policy: drain.pool.policy.drain, now: run.clock.now() });
  if (left.length === 0)
    return nodeResult(drain, "gone", "hook-over", "its lifecycle hook has ended: the instance goes", {
      evicted,
    });
  const hook = mark.hook?.name ?? "";
  const text = `its lifecycle hook ${hook} has ended with ${podCount(left.length)} still there: the instance goes`;
  const blockers = await explainedInTime(left, pods, progress, drain.api, run);
  const result = nodeResult(drain, "gone", "hook-over", text, { evicted, blockers });
  run.log.warn(text, { node: drain.node, left });
  await notifyResult(result, run, deps);
  return result;
}

/** A person has run `kubectl uncordon`: the node is theirs again. */
async function takenBack(drain: NodeDrain, { node }: DrainingNode, run: Run): Promise<NodeResult> {
  await run.stage("act", () => takeMarkBack(drain.api, node, run.clock.now(), run.signal));
  return nodeResult(
    drain,
    "stopped",
    "uncordoned",
    "somebody uncordoned it: the drain stops, its mark is removed",
  );
}

/** The mark names another instance: restored from a backup, or forged. Nothing that it says is done. */
async function foreign(
  drain: NodeDrain,
  { node, mark }: DrainingNode,
  run: Run,
  deps: Pick<RunDependencies, "notifications">,
): Promise<NodeResult> {
  await run.stage("act", () => uncordon(drain.api, node, run.signal));
  const own = node.machine?.instanceId ?? "no EC2 instance";
  const text = `mark removed, node uncordoned: its mark names instance ${mark.instanceId}, the node is on ${own}`;
  const result = nodeResult(drain, "cancelled", "foreign-instance", text);
  await notifyResult(result, run, deps);
  return result;
}

/** The node can stay and cannot be drained: it is uncordoned, and a person hears why. */
async function cancel(
  drain: NodeDrain,
  node: Node,
  { reason, blockers }: Extract<Step, { kind: "cancel" }>,
  evicted: number,
  run: Run,
  deps: Pick<RunDependencies, "notifications" | "autoScaling">,
): Promise<NodeResult> {
  // It takes a while until that is known here: a node whose instance goes must not take pods again.
  const { instanceId = "" } = node.machine ?? {};
  const membership = (await memberships(deps.autoScaling, [instanceId], run.signal)).get(instanceId);
  const aside = membership && setAside(instanceId, membership.lifecycleState, node);
  if (aside?.code === "terminating") return leaveToAws(drain, node, aside, run);
  await run.stage("act", () => cancelDrain(drain.api, node, run.clock.now(), run.signal));
  const text = `drain cancelled, node uncordoned: ${reason.text}`;
  const result = nodeResult(drain, "cancelled", reason.code, text, { evicted, blockers });
  await notifyResult(result, run, deps);
  return result;
}

/** What was decided, as a part of the trace. */
function traceStep(step: Step, { node }: NodeDrain, run: Run): Promise<void> {
  return run.stage("decide", async (stage) => {
    stage.annotate("resource", `node/${node}`);
    stage.annotate("decision", step.kind);
    if (step.kind === "cancel") stage.annotate("reason", step.reason.code);
    if ("evictions" in step) {
      stage.metadata(
        "pods",
        step.evictions.map(({ pod }) => podName(pod)),
      );
    }
    if ("blockers" in step) stage.metadata("blockers", step.blockers);
    if ("left" in step) stage.metadata("blockers", step.left);
  });
}

/** Waits for the next pass; false when this run is to leave the node to the next one. */
async function waitForNextPass({ cause }: DrainMark, startedAt: number, run: Run): Promise<boolean> {
  if (run.remainingMs() < RESERVED_MS + PASS_INTERVAL_MS) return false;
  if (cause !== "spot-interruption" && run.clock.now() - startedAt >= STAY_MS) return false;
  return pause(run.clock, PASS_INTERVAL_MS, run.signal);
}
