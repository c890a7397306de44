import { asFailure } from "../../shared/aws/failure.ts";
import { inParallel } from "../../shared/aws/in-parallel.ts";
import {
  Misconfigured,
  permanentMessages,
  retryMessages,
  throwPermanent,
} from "../../shared/lambda/errors.ts";
import { publishStale } from "../../shared/lambda/freshness.ts";
import { type Failed, recordFailure } from "../../shared/lambda/record-failure.ts";
import type { Run } from "../../shared/lambda/run.ts";
import { RunNotifications } from "../../shared/notify/run-notifications.ts";
import { annotateTriggers } from "../../shared/triggers/annotate.ts";
import type { ManualTrigger } from "../../shared/triggers/trigger.ts";
import { admitDrainOrder } from "./act/admission/admit-drain-order.ts";
import { admitInterruption } from "./act/admission/admit-interruption.ts";
import { drainNode } from "./act/drain-node.ts";
import { resumeDrains } from "./act/resume-drains.ts";
import { type DrainStart, drainStart, mergeStarts, type NodeDrain, type NodeResult } from "./model/drain.ts";
import { type Dependencies, type RunDependencies, runDependencies } from "./run/dependencies.ts";
import { decodeDrainTriggers } from "./triggers/decode.ts";
import type { DrainTrigger } from "./triggers/trigger.ts";

const NODES_AT_ONCE = 10;

export interface Result {
  readonly nodes: readonly NodeResult[];
  /** Triggers that ask for nothing, and why. */
  readonly ignored: readonly string[];
  /** What the next run tries again by itself. */
  readonly later: readonly string[];
  /** What a sweep goes on without, as it has served others: a person has to act. */
  readonly failed?: readonly string[];
}

/** One invocation: marks the nodes that are to go, and takes every one of them as far as it gets. */
export async function drainNodes(event: unknown, run: Run, process: Dependencies): Promise<Result> {
  const notifications = new RunNotifications(run, process);
  const deps = runDependencies(process, notifications, run);
  const triggers = annotateTriggers(decodeDrainTriggers(event), run);
  const start = await run.stage("observe", async () =>
    mergeStarts(
      await inParallel(triggers, NODES_AT_ONCE, (trigger) =>
        startDrains(trigger, run, deps).catch((error: unknown) =>
          drainStart({ failures: [asFailure(error, "drain", trigger.kind)] }),
        ),
      ),
    ),
  );
  const drained = await inParallel(distinct(start.drains), NODES_AT_ONCE, (drain) =>
    drainInStage(drain, run, deps),
  );
  const isSweep = triggers.some(({ kind }) => kind === "schedule");
  if (isSweep) publishStale(deps.freshness.minutesStale(run.clock.now()), run);
  const nodes = [...start.results, ...drained.flatMap((one) => ("failure" in one ? [] : [one]))];
  const ofResources = [
    ...start.clusterFailures,
    ...drained.flatMap((one) => ("failure" in one ? [one.failure] : [])),
  ];
  const ofRun = [...start.failures, ...(await notifications.send(isSweep ? "all" : "own"))];
  for (const { outcome, reason } of nodes)
    run.metrics.count("Decisions", 1, { Decision: outcome, Reason: reason.code });
  const failed = permanentMessages(ofResources);
  const result: Result = {
    nodes,
    ignored: start.ignored,
    later: retryMessages([...ofRun, ...ofResources]),
    ...(failed.length > 0 && { failed }),
  };
  run.log.info("done", { ...result });
  // A cluster or a node that fails has an incident of its own: the sweep that has served others did run.
  const isServing = isSweep && start.clustersRead.length > 0;
  throwPermanent(isServing ? ofRun : [...ofRun, ...ofResources]);
  return result;
}

/** What one trigger comes to, before the first eviction. */
async function startDrains(trigger: DrainTrigger, run: Run, deps: RunDependencies): Promise<DrainStart> {
  switch (trigger.kind) {
    case "order":
      return admitDrainOrder(trigger, run, deps);
    case "lifecycle-hook":
    case "spot-interruption":
    case "rebalance-recommendation":
      return admitInterruption(trigger, run, deps);
    case "schedule":
      return resumeDrains(run, deps);
    case "manual":
      return resumePool(trigger, run, deps);
    case "nothing":
      return drainStart({ ignored: [trigger.why] });
    case "unreadable":
      throw trigger.failure;
  }
}

async function resumePool(
  { of, name, mode }: ManualTrigger,
  run: Run,
  deps: RunDependencies,
): Promise<DrainStart> {
  if (of === "nodePool" && name in deps.pools)
    return resumeDrains(run, deps, { pool: name, dryRun: mode === "observe" });
  const known = Object.keys(deps.pools).join(", ") || "none";
  throw new Misconfigured(`found { "${of}": "${name}" }, expected { "nodePool": … } with one of: ${known}`);
}

/** Two triggers of one event may mean the same node. */
function distinct(drains: readonly NodeDrain[]): NodeDrain[] {
  return [...new Map(drains.map((drain) => [`${drain.api.cluster}/${drain.node}`, drain])).values()];
}

/** One node; its failure stops no other node. */
async function drainInStage(drain: NodeDrain, run: Run, deps: RunDependencies): Promise<NodeResult | Failed> {
  try {
    return await run.stage("drain", async (stage) => {
      stage.annotate("resource", `node/${drain.node}`);
      stage.annotate("reason", drain.cause);
      const result = await drainNode(drain, run, deps);
      stage.annotate("decision", result.outcome);
      stage.metadata("blockers", result.blockers);
      run.log.info(result.reason.text, { ...result });
      return result;
    });
  } catch (error) {
    const resource = `node/${drain.node}`;
    const failed = recordFailure(error, { call: "drain", resource }, run);
    await deps.notifications.reportFailure(resource, failed.failure, "event");
    return failed;
  }
}
