import { HOURS_A_MONTH } from "../../../shared/cost/prices.ts";
import type { NodePool } from "../../../shared/node-pools/policy.ts";
import { DAY_MINUTES } from "../history/history.ts";
import { conditionOn, type FailIf } from "../report/fail-if.ts";
import { type ClusterHistory, everyMinute, nodeSizeOf } from "./history.ts";
import type { FoundPool } from "./pool.ts";
import { nodesFor, type PoolCase, type PoolRun, poolCase, runPolicy } from "./simulate.ts";
import { warningsOf } from "./warnings.ts";

/** One way to run the pool, over the same requests. What is not known of it is undefined. */
export interface PoolAlternative {
  readonly kind: "recorded" | "policy" | "changed" | "static" | "hindsight";
  readonly name: string;
  readonly meanNodes: number;
  /** By the pool's `pricePerHour`, in its currency. */
  readonly costPerMonth?: number;
  /** Minutes in which more was requested than the nodes have, and by how many nodes at worst. */
  readonly shortMinutes?: number;
  readonly worstShortNodes?: number;
  readonly changesPerDay?: number;
}

/** Everything a backtest of one node pool found. */
export interface PoolReport {
  readonly cluster: string;
  readonly pool: string;
  readonly source: string;
  /** Begin and end of the history, ms since the epoch. */
  readonly from: number;
  readonly to: number;
  /** The policy that the headline is about: the deployed one, or the one that `--set` made of it. */
  readonly about: PoolAlternative;
  /** As the cluster was. */
  readonly baseline: PoolAlternative;
  readonly alternatives: readonly PoolAlternative[];
  /** What limits the numbers. */
  readonly warnings: readonly string[];
}

/** A report with what its plot is drawn from. */
export interface PoolBacktest {
  readonly report: PoolReport;
  readonly one: PoolCase;
  readonly run: PoolRun;
}

/** Runs the deployed policy, the changed one, and what they are compared with over one history. */
export function backtestPool(history: ClusterHistory, found: FoundPool): PoolBacktest {
  const minutes = everyMinute(history);
  const size = nodeSizeOf(minutes);
  const { deployed, changed, settings } = found;
  const policy = changed ?? deployed;
  const one = poolCase(minutes, size, policy.nodeShape?.allocatable.pods);
  const price = policy.pricePerHour;
  const deployedRun = runPolicy(one, deployed);
  const run = changed ? runPolicy(one, changed) : deployedRun;
  const byPolicy = simulated("policy", "the deployed policy", deployedRun, price);
  const about = changed ? simulated("changed", `with ${settings.join(", ")}`, run, price) : byPolicy;
  const baseline = priced(
    { kind: "recorded", name: "as it was", meanNodes: meanOf(minutes.map(({ nodes }) => nodes)) },
    price,
  );
  const { cluster, source, from, to } = history;
  return {
    ...{ one, run },
    report: {
      ...{ cluster, pool: found.pool, source, from, to, about, baseline },
      alternatives: [baseline, byPolicy, ...(changed ? [about] : []), ...bounds(one, policy)],
      warnings: [...history.notes, ...warningsOf(history, minutes, size, found)],
    },
  };
}

/** A fixed number of nodes, and what no schedule can beat. */
function bounds(one: PoolCase, policy: NodePool): PoolAlternative[] {
  const { targetUtilisation, pricePerHour } = policy;
  const needed = one.requests.map((requests) => nodesFor(one, requests, targetUtilisation));
  const most = needed.reduce((largest, each) => Math.max(largest, each), 0);
  const fixed: PoolAlternative = {
    ...{ kind: "static", name: `static: ${most} nodes, the peak at ${targetUtilisation} %` },
    ...{ meanNodes: most, shortMinutes: 0, worstShortNodes: 0, changesPerDay: 0 },
  };
  const hindsight: PoolAlternative = {
    ...{ kind: "hindsight", name: `hindsight, each minute at ${targetUtilisation} %` },
    meanNodes: meanOf(needed),
  };
  return [priced(fixed, pricePerHour), priced(hindsight, pricePerHour)];
}

function simulated(
  kind: "policy" | "changed",
  name: string,
  { nodes, short, changes }: PoolRun,
  price: number | undefined,
): PoolAlternative {
  const alternative = {
    ...{ kind, name, meanNodes: meanOf(nodes) },
    shortMinutes: short.filter((each) => each > 0).length,
    worstShortNodes: short.reduce((largest, each) => Math.max(largest, each), 0),
    changesPerDay: changes.length / (nodes.length / DAY_MINUTES),
  };
  return priced(alternative, price);
}

const priced = (alternative: PoolAlternative, pricePerHour: number | undefined): PoolAlternative =>
  pricePerHour === undefined
    ? alternative
    : { ...alternative, costPerMonth: alternative.meanNodes * HOURS_A_MONTH * pricePerHour };

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / Math.max(1, values.length);

/** The share of node-hours that the policy saves, in percent. */
export const savedPercent = ({ about, baseline }: Pick<PoolReport, "about" | "baseline">): number =>
  baseline.meanNodes === 0 ? 0 : 100 * (1 - about.meanNodes / baseline.meanNodes);

/** @throws {Misconfigured} when the text is no condition */
export const poolFailIf = (text: string): FailIf<PoolReport> =>
  conditionOn(
    text,
    {
      nodes: { unit: "", of: ({ about }) => about.meanNodes },
      saved: { unit: "%", of: savedPercent },
      short: { unit: "min", of: ({ about }) => about.shortMinutes ?? 0 },
      lacking: { unit: "", of: ({ about }) => about.worstShortNodes ?? 0 },
      cost: { unit: "", of: ({ about }) => about.costPerMonth ?? 0 },
      changes: { unit: "a day", of: ({ about }) => about.changesPerDay ?? 0 },
    },
    '"nodes > 12", "saved < 0 %", "short > 10 min", "lacking > 2", "cost > 400", "changes > 8 a day"',
  );
