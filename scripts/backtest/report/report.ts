import type { StreamPolicy } from "../../../functions/reshard-streams/config/policy.ts";
import {
  type Alternative,
  asItIs,
  bounds,
  type Case,
  caseOf,
  runPolicy,
  simulated,
} from "../alternatives.ts";
import { type Episode, episodesOf, withPreventions } from "../episodes.ts";
import { ENOUGH_MINUTES, gapsOf, type StreamHistory } from "../history/history.ts";
import { type FoundPolicy, withSettings } from "../policy.ts";
import type { SimulationResult } from "../simulate.ts";
import { type VerdictCost, verdictCosts } from "../waste.ts";

/** Refusals in a minute used less than this were no lack of shards. */
const LITTLE_USED = 0.5;

/** Everything a backtest of one stream found. */
export interface BacktestReport {
  readonly stream: string;
  readonly source: string;
  /** Begin and end of the history, ms since the epoch. */
  readonly from: number;
  readonly to: number;
  /** The policy that the headline is about: the deployed one, or the one that `--set` made of it. */
  readonly about: Alternative;
  /** What it is compared with: as the stream is, else one fixed number of shards. */
  readonly baseline: Alternative;
  readonly alternatives: readonly Alternative[];
  readonly episodes: readonly Episode[];
  readonly verdicts: readonly VerdictCost[];
  /** What limits the numbers. */
  readonly warnings: readonly string[];
}

/** A report with what its plot is drawn from. */
export interface Backtest {
  readonly report: BacktestReport;
  readonly one: Case;
  readonly result: SimulationResult;
}

/**
 * Runs the deployed policy, the changed one, and the alternatives over one history.
 *
 * @throws {Misconfigured} when a setting is wrong
 */
export function backtest(history: StreamHistory, found: FoundPolicy, settings: readonly string[]): Backtest {
  const changed = settings.length > 0 ? withSettings(found.raw, settings, history.stream) : undefined;
  const one = caseOf(history, found.policy);
  const deployedRun = runPolicy(one, found.policy);
  const deployed = simulated("policy", "the deployed policy", one, deployedRun);
  const changedRun = changed && runPolicy(one, changed);
  const about = changedRun ? simulated("changed", `with ${settings.join(", ")}`, one, changedRun) : deployed;
  const result = changedRun ?? deployedRun;
  const policy: StreamPolicy = changed ?? found.policy;
  const recorded = asItIs(one);
  const others = bounds(one);
  const [fixed = about] = others;
  const raw = settings.length > 0 ? { ...found.raw, ...overridden(policy, settings) } : found.raw;
  return {
    ...{ one, result },
    report: {
      ...{ stream: history.stream, source: history.source, from: history.from, to: history.to },
      ...{ about, baseline: recorded ?? fixed },
      alternatives: [...(recorded ? [recorded] : []), deployed, ...(changedRun ? [about] : []), ...others],
      episodes: withPreventions(episodesOf(one, policy, result), { one, policy, raw, result }),
      verdicts: verdictCosts(one, result),
      warnings: warningsOf(one, found),
    },
  };
}

/** The keys that were set, as they are in the changed policy. */
function overridden(policy: StreamPolicy, settings: readonly string[]): object {
  const keys = settings.map((setting) => setting.split(/[.=]/)[0] ?? "");
  return Object.fromEntries(Object.entries(policy).filter(([key]) => keys.includes(key)));
}

function warningsOf({ history, offered, demand }: Case, { policy, note }: FoundPolicy): string[] {
  const gaps = gapsOf(history);
  const missing = gaps.reduce((sum, { minutes }) => sum + minutes, 0);
  const longest = gaps.reduce((most, gap) => (gap.minutes > (most?.minutes ?? 0) ? gap : most), gaps[0]);
  const refused = history.recorded.filter((minute) => minute.refused > 0);
  const records = refused.reduce((sum, minute) => sum + minute.refused, 0);
  const unexplained = refused.filter((minute) => {
    const index = Math.round((minute.at - history.from) / 60_000);
    const open =
      minute.openShards ?? (history.now?.mode === "PROVISIONED" ? history.now.openShards : undefined);
    return open !== undefined && (demand[index] ?? 0) / open < LITTLE_USED;
  });
  return [
    ...(note ? [note] : []),
    ...history.notes,
    ...(records > 0
      ? [
          `${records.toLocaleString("en-US")} records were refused in ${refused.length} minutes of the history. What they were is an estimate from what was accepted: demand, and so every cost here, is a lower bound in those minutes.`,
        ]
      : []),
    ...(unexplained.length > 0
      ? [
          `${unexplained.length} of those minutes used less than half of the shards: a hot key, or bursts shorter than a minute. Those are not simulated: here keys are spread evenly, and a minute is even.`,
        ]
      : []),
    ...(longest
      ? [
          `${missing} minutes in ${gaps.length} ${gaps.length === 1 ? "gap has" : "gaps have"} no datapoint, the longest of ${longest.minutes} minutes from ${new Date(longest.from).toISOString().slice(0, 16)}Z: they are taken as no traffic.`,
        ]
      : []),
    ...(offered.length < ENOUGH_MINUTES
      ? [`The history has ${offered.length} minutes, less than a day: a month is not like them.`]
      : []),
    ...(policy.shardMetrics ? ["shardMetrics has no effect here: keys are spread evenly."] : []),
    ...(policy.mode === "observe" ? ["The stream is in mode observe: this is what mode act would do."] : []),
  ];
}
