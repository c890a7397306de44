import { inParallel } from "../../../shared/aws/in-parallel.ts";
import type { KubernetesApi } from "../../../shared/kubernetes/api.ts";
import { type DrainMark, type DrainReason, readDrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import { hasStatus } from "../../../shared/kubernetes/errors.ts";
import { deletePod, evictPod } from "../../../shared/kubernetes/eviction.ts";
import { type Node, readNode } from "../../../shared/kubernetes/node.ts";
import { collect } from "../../../shared/kubernetes/pages.ts";
import { type Pod, podsOnNode } from "../../../shared/kubernetes/pod.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { pause } from "../../../shared/time/pause.ts";
import { type EvictionOutcome, evictionOutcome, GOING } from "../decide/eviction-outcome.ts";
import { type BlockingPod, type Eviction, nextStep, podName, type Step } from "../decide/next-step.ts";
import type { NodeResult } from "../model/drain.ts";
import { notifyOutcome } from "../notify/notification.ts";
import type { Dependencies, NamedPool } from "../run/dependencies.ts";
import { cancelDrain, mark as writeMark } from "./drain-mark.ts";
import { finishDrain } from "./finish-drain.ts";
import { recordHeartbeat, wantsHeartbeat } from "./lifecycle-hook.ts";

/** A node of ours that is marked. */
export interface NodeDrain {
  readonly pool: NamedPool;
  readonly api: KubernetesApi;
  readonly node: string;
  readonly reason: DrainReason;
}

/** How often a run looks again at a node it is emptying. */
const LOOK_AGAIN_MS = 5_000;
/** How long a run stays with its nodes; the next one comes a minute after it. */
const STAY_MS = 45_000;
/** A Spot instance has two minutes in all, so its run stays with it; what is kept back ends the run in order. */
const KEEP_BACK_MS = 10_000;
/** Evictions at once: as many as the API client has connections. */
const EVICTIONS_AT_ONCE = 8;

/**
 * Takes one marked node as far as it gets in this run: evicts, waits, looks again; and does what follows when
 * it is empty. All that the next run needs to go on is on the node.
 */
export async function drainNode(drain: NodeDrain, run: Run, deps: Dependencies): Promise<NodeResult> {
  const { pool, api } = drain;
  const beganAt = run.clock.now();
  const held = new Map<string, string>();
  let evicted = 0;

  for (;;) {
    const seen = await run.stage("observe", () => observe(drain, run, deps));
    if ("over" in seen) return result(drain, seen.over, seen.did, evicted);
    const { mark, node, pods } = seen;
    const now = run.clock.now();
    const step = nextStep({ mark, ready: node.ready, pods, policy: pool.policy.drain, now });
    await show(step, drain, run);
    const asked = await ask(step, drain, run);
    for (const { eviction, outcome } of asked) {
      if (outcome.kind === "going") {
        evicted += 1;
        held.delete(podName(eviction.pod));
      } else held.set(podName(eviction.pod), reasonOf(outcome));
    }
    const named = (blockers: readonly BlockingPod[]) =>
      blockers.map(({ pod, why }) => ({ pod, why: held.get(pod) ?? why }));
    run.progress(`node ${node.name}: ${step.kind}; ${evicted} pods evicted so far`);

    if (step.kind === "end") {
      const emptied = { ...drain, mark, marked: node, left: named(step.left) };
      const done = await run.stage("act", () => finishDrain(emptied, run, deps));
      return { ...result(drain, done.outcome, done.did, evicted), blockers: named(step.left) };
    }
    if (step.kind === "give-back") {
      const blockers = named(step.blockers);
      await run.stage("act", () => cancelDrain(api, node, now, run.signal));
      const did = `given back, its cordon undone: ${step.why}`;
      const given = { ...result(drain, "given-back", did, evicted), blockers };
      await notifyOutcome(given, run, deps);
      return given;
    }
    if (!(await stayOn(mark, beganAt, run))) {
      const waitsFor =
        step.kind === "wait" ? named(step.blockers) : [...held].map(([pod, why]) => ({ pod, why }));
      const did = `${evicted} evicted, ${pods.length} pods still there: the next run goes on`;
      return { ...result(drain, "going-on", did, evicted), blockers: waitsFor };
    }
  }
}

interface Seen {
  readonly node: Node;
  readonly mark: DrainMark;
  readonly pods: readonly Pod[];
}

/** The node, its mark and its pods; or why the drain is over. The lifecycle hook is kept meanwhile. */
async function observe(
  drain: NodeDrain,
  run: Run,
  deps: Dependencies,
): Promise<Seen | { over: NodeResult["outcome"]; did: string }> {
  const look = await lookAt(drain, run);
  if (!look) return { over: "gone", did: "the node is no more" };
  const { mark } = look;
  if (!mark) return { over: "stopped", did: "its mark was taken away: the drain stops here" };
  const node = await keepHook(drain, look.node, mark, run, deps);
  if (!node) return { over: "gone", did: "its lifecycle hook is over: the instance goes" };
  return { mark, node, pods: await collect(podsOnNode(drain.api, node.name, run.signal)) };
}

/** What was decided, as a part of the trace. */
function show(step: Step, { node }: NodeDrain, run: Run): Promise<void> {
  return run.stage("decide", async (stage) => {
    stage.annotate("resource", `node/${node}`);
    stage.annotate("decision", step.kind);
    if ("why" in step) stage.annotate("reason", step.why);
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

async function lookAt(
  { api, node: name }: NodeDrain,
  run: Run,
): Promise<{ node: Node; mark?: DrainMark } | undefined> {
  try {
    const node = await readNode(api, name, run.signal);
    const mark = readDrainMark(node);
    return { node, ...(mark && { mark }) };
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

/**
 * Gives the lifecycle hook its heartbeat when it is time. The node as it is then; undefined when the hook holds
 * nothing back any more, or the node is no more.
 */
async function keepHook(
  drain: NodeDrain,
  node: Node,
  mark: DrainMark,
  run: Run,
  deps: Dependencies,
): Promise<Node | undefined> {
  const { hook } = mark;
  const now = run.clock.now();
  if (!hook || !wantsHeartbeat(hook, now)) return node;
  if (!(await recordHeartbeat(deps.autoScaling, hook, mark.instanceId, run.signal))) return undefined;
  const beaten: DrainMark = { ...mark, hook: { ...hook, beatAt: Math.floor(now / 1000) } };
  return writeMark(drain.api, node, beaten, run.signal);
}

interface Asked {
  readonly eviction: Eviction;
  readonly outcome: EvictionOutcome;
}

/** Carries the step's evictions out, side by side; none of them stops another. */
async function ask(step: Step, { api }: NodeDrain, run: Run): Promise<Asked[]> {
  if (step.kind !== "evict" && step.kind !== "delete") return [];
  const send = (eviction: Eviction): Promise<void> =>
    step.kind === "evict"
      ? evictPod(api, eviction.pod, eviction.gracePeriodSeconds, run.signal)
      : deletePod(
          api,
          eviction.pod,
          eviction.gracePeriodSeconds ?? eviction.pod.gracePeriodSeconds,
          run.signal,
        );
  return run.stage("act", () =>
    inParallel(step.evictions, EVICTIONS_AT_ONCE, async (eviction) => {
      const outcome = await send(eviction).then(() => GOING, evictionOutcome);
      run.metrics.count("Evictions", 1, { Outcome: outcome.kind });
      return { eviction, outcome };
    }),
  );
}

function reasonOf(outcome: Exclude<EvictionOutcome, { kind: "going" }>): string {
  switch (outcome.kind) {
    case "budget":
      return `PodDisruptionBudget: ${outcome.why}`;
    case "throttled":
      return "the API server is busy";
    case "blocked":
    case "retry":
      return outcome.why;
  }
}

/** Waits for the next look; false when this run is to leave the node to the next one. */
async function stayOn({ reason }: DrainMark, beganAt: number, run: Run): Promise<boolean> {
  if (run.remainingMs() < KEEP_BACK_MS + LOOK_AGAIN_MS) return false;
  if (reason !== "spot-interruption" && run.clock.now() - beganAt >= STAY_MS) return false;
  return pause(run.clock, LOOK_AGAIN_MS, run.signal);
}

function result(
  { pool, node, reason }: NodeDrain,
  outcome: NodeResult["outcome"],
  did: string,
  evicted: number,
): NodeResult {
  return { nodePool: pool.name, node, reason, outcome, did, evicted, blockers: [] };
}
