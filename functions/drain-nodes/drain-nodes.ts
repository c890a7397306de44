import { asFailure } from "../../shared/aws/failure.ts";
import { inParallel } from "../../shared/aws/in-parallel.ts";
import {
  laterOf,
  Misconfigured,
  type ReflexError,
  RetryLater,
  throwLasting,
} from "../../shared/lambda/errors.ts";
import type { Run } from "../../shared/lambda/run.ts";
import { noted } from "../../shared/triggers/annotate.ts";
import type { ManualTrigger } from "../../shared/triggers/trigger.ts";
import { beginNotice } from "./act/admit-interruption.ts";
import { beginOrder } from "./act/admit-drain-order.ts";
import { type Charge, emptyNode } from "./act/drain-node.ts";
import type { House } from "./run/dependencies.ts";
import type { Begun, NodeResult } from "./model/drain.ts";
import { sweep, together } from "./act/resume-drains.ts";
import { decodeDrainTriggers } from "./triggers/decode.ts";
import type { DrainTrigger } from "./triggers/trigger.ts";

const NODES_AT_ONCE = 10;

export interface Result {
  readonly nodes: readonly NodeResult[];
  /** Triggers that ask for nothing, and why. */
  readonly nothing: readonly string[];
  /** What comes again by itself. */
  readonly later: readonly string[];
}

/** One invocation: marks the nodes that are to go, and takes every one of them as far as it gets. */
export async function drainNodes(event: unknown, run: Run, house: House): Promise<Result> {
  const nothing: string[] = [];
  const triggers = noted(decodeDrainTriggers(event), run);
  const begun = await run.stage("observe", async () => {
    const each = await inParallel(triggers, NODES_AT_ONCE, async (trigger) =>
      begin(trigger, run, house, nothing).catch(
        (error: unknown): Begun => ({
          charges: [],
          results: [],
          failures: [asFailure(error, "drain", trigger.kind)],
        }),
      ),
    );
    return together(each);
  });

  const emptied = await inParallel(distinct(begun.charges), NODES_AT_ONCE, (charge) =>
    empty(charge, run, house),
  );
  const nodes = [...begun.results, ...emptied.flatMap((one) => ("failure" in one ? [] : [one]))];
  const failures = [...begun.failures, ...emptied.flatMap((one) => ("failure" in one ? [one.failure] : []))];
  for (const { outcome, reason } of nodes)
    run.metrics.count("Decisions", 1, { Decision: outcome, Reason: reason });
  const result: Result = { nodes, nothing, later: laterOf(failures) };
  run.log.info("done", { ...result });
  throwLasting(failures);
  return result;
}

/** What one trigger comes to, before the first eviction. */
async function begin(trigger: DrainTrigger, run: Run, house: House, nothing: string[]): Promise<Begun> {
  switch (trigger.kind) {
    case "order":
      return beginOrder(trigger, run, house);
    case "lifecycle-hook":
    case "spot-interruption":
    case "rebalance-recommendation": {
      const begun = await beginNotice(trigger, run, house);
      if (begun.nothing !== undefined) nothing.push(begun.nothing);
      return begun;
    }
    case "schedule":
      return sweep(run, house);
    case "manual":
      return sweepOne(trigger, run, house);
    case "nothing":
      nothing.push(trigger.why);
      return together([]);
    case "unreadable":
      throw trigger.failure;
  }
}

async function sweepOne({ of, name, mode }: ManualTrigger, run: Run, house: House): Promise<Begun> {
  if (of === "nodePool" && name in house.pools) return sweep(run, { ...house, ...(mode && { mode }) }, name);
  const known = Object.keys(house.pools).join(", ") || "none";
  throw new Misconfigured(`found { "${of}": "${name}" }, expected { "nodePool": … } with one of: ${known}`);
}

/** Two triggers of one event may mean the same node. */
function distinct(charges: readonly Charge[]): Charge[] {
  return [...new Map(charges.map((charge) => [`${charge.api.cluster}/${charge.node}`, charge])).values()];
}

/** One node. Its failure is its own. */
async function empty(charge: Charge, run: Run, house: House): Promise<NodeResult | { failure: ReflexError }> {
  try {
    return await run.stage("drain", async (stage) => {
      stage.annotate("resource", `node/${charge.node}`);
      stage.annotate("reason", charge.reason);
      const result = await emptyNode(charge, run, house);
      stage.annotate("decision", result.outcome);
      stage.metadata("blockers", result.blockers);
      run.log.info(result.did, { ...result });
      return result;
    });
  } catch (error) {
    const failure = asFailure(error, "drain", `node/${charge.node}`);
    run.metrics.count(failure instanceof RetryLater ? "Postponed" : "Blocked");
    run.log.warn(failure.message, { resource: `node/${charge.node}`, class: failure.name });
    return { failure };
  }
}
