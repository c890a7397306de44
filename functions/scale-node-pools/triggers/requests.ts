import { Misconfigured, type ReflexError } from "../../../shared/lambda/errors.ts";
import { clusterOf, type NodePools } from "../../../shared/node-pools/policy.ts";
import type { Trigger } from "../../../shared/triggers/trigger.ts";

/** What asked for a look at a pool. */
export interface Cause {
  /** For people: `alarm reflex-dev-node-pool-workers (ALARM)`. */
  readonly text: string;
  /** When: of an alarm when it changed its state, ms since the epoch. */
  readonly at: number;
}

/** Where the triggers of one event say to look. */
export interface Requests {
  /** The pools to act on: what asked for each. */
  readonly pools: ReadonlyMap<string, Cause>;
  /** Those of them about which a person asks only what would be done. */
  readonly dryRun: ReadonlySet<string>;
  /** What was understood and asks for nothing. */
  readonly ignored: readonly string[];
  /** What cannot be handled; the rest is, all the same. */
  readonly failures: readonly ReflexError[];
}

/**
 * An alarm only says that something is to be looked at, and looking at all pools costs what looking at one
 * does: it wakes them all, as the schedule's tick does.
 *
 * @param now ms since the epoch
 */
export function requestsFrom(triggers: readonly Trigger[], pools: NodePools, now: number): Requests {
  const requests = new Map<string, Cause>();
  const dryRun = new Set<string>();
  const ignored: string[] = [];
  const failures: ReflexError[] = [];
  for (const trigger of triggers) {
    switch (trigger.kind) {
      case "schedule":
        for (const pool of Object.keys(pools))
          if (!requests.has(pool)) requests.set(pool, { text: "schedule", at: now });
        break;
      case "alarm":
        for (const pool of Object.keys(pools))
          requests.set(pool, { text: `alarm ${trigger.alarmName} (${trigger.state})`, at: trigger.at });
        break;
      case "manual":
        if (trigger.of === "nodePool" && Object.hasOwn(pools, trigger.name)) {
          requests.set(trigger.name, { text: "by hand", at: now });
          if (trigger.mode === "observe") dryRun.add(trigger.name);
        } else failures.push(unknown(trigger.of, trigger.name, pools));
        break;
      case "nothing":
        ignored.push(trigger.why);
        break;
      case "unreadable":
        failures.push(trigger.failure);
    }
  }
  return { pools: requests, dryRun, ignored: ignored, failures };
}

const unknown = (of: string, name: string, pools: NodePools): Misconfigured =>
  new Misconfigured(
    `found { "${of}": "${name}" }, expected { "nodePool": … } with one of: ${Object.keys(pools).join(", ") || "none"}; nothing was looked at`,
  );

/**
 * The pools to look at: those that are wanted, and those whose cluster they share, because a pod may fit either
 * and must get nodes once.
 */
export function poolsToObserve(requests: ReadonlyMap<string, unknown>, pools: NodePools): string[] {
  const clusters = new Set(
    Object.entries(pools).flatMap(([name, policy]) => (requests.has(name) ? (clusterOf(policy) ?? []) : [])),
  );
  return Object.entries(pools).flatMap(([name, policy]) => {
    const cluster = clusterOf(policy);
    return requests.has(name) || (cluster !== undefined && clusters.has(cluster)) ? [name] : [];
  });
}
