import type { StreamPolicy } from "../../functions/reshard-streams/config/policy.ts";
import { type Case, largest, runPolicy, shards, simulated } from "./alternatives.ts";
import { MINUTE_MS } from "./history/history.ts";
import { withSettings } from "./policy.ts";
import type { SimulationResult } from "./simulate.ts";

/** Refusals closer than this belong together. */
const JOINED_MINUTES = 10;

/** Beyond so few, whatever else is changed is about something else. */
const CANDIDATE_EPISODES = 3;

/** An episode is prevented when so little of it is left. */
const PREVENTED = 0.99;

/** A key that prevents less than this is no answer. */
const WORTH_NAMING = 0.3;

/** Minutes in a row in which the policy's shards refused records, and why. */
export interface Episode {
  /** Begin of the first minute, ms since the epoch. */
  readonly at: number;
  readonly minutes: number;
  readonly refusedRecords: number;
  /** Open shards when it began, and what its busiest minute needed. */
  readonly open: number;
  readonly neededShards: number;
  readonly cause: string;
  /** The cheapest one key that would have prevented it, or else the one that would have prevented most of it. */
  readonly prevention?: Prevention;
}

export interface Prevention {
  /** As `--set` takes it: `min=9`. */
  readonly setting: string;
  /** The share of its refused records that it prevents, 0 to 1. */
  readonly share: number;
  /** What it costs more a month, over the whole time. */
  readonly usdPerMonthMore: number;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

export function episodesOf(one: Case, policy: StreamPolicy, result: SimulationResult): Episode[] {
  return spansOf(result.delayed).map((span) => ({
    at: one.history.from + span.from * MINUTE_MS,
    minutes: span.to - span.from + 1,
    refusedRecords: Math.round(refusedIn(result, span)),
    open: result.open[span.from] ?? 0,
    neededShards: Math.ceil(largest(one.demand.slice(span.from, span.to + 1)) - 1e-9),
    cause: causeOf(one, policy, result, span),
  }));
}

/** Adds to each episode the cheapest key that would have prevented it: each candidate is run over the whole time. */
export function withPreventions(
  episodes: readonly Episode[],
  { one, policy, raw, result }: PolicyRun,
): Episode[] {
  if (episodes.length === 0) return [];
  const before = simulated("policy", "", one, result).usdPerMonth;
  const tried = candidates(episodes, policy).flatMap((setting) => {
    const changed = changedPolicy(raw, setting, one.history.stream);
    if (!changed) return [];
    const run = runPolicy(one, changed);
    const usdPerMonthMore = simulated("changed", "", one, run).usdPerMonth - before;
    return [{ setting, run, usdPerMonthMore }];
  });
  tried.sort((a, b) => a.usdPerMonthMore - b.usdPerMonthMore);
  return episodes.map((episode) => {
    const from = Math.round((episode.at - one.history.from) / MINUTE_MS);
    const span = { from, to: from + episode.minutes - 1 };
    const preventions = tried.map(({ setting, usdPerMonthMore, run }) => ({
      ...{ setting, usdPerMonthMore },
      share: 1 - refusedIn(run, span) / refusedIn(result, span),
    }));
    const most = preventions.reduce((best, each) => Math.max(best, each.share), 0);
    const prevention = preventions.find(({ share }) => share >= Math.min(most, PREVENTED) - 1e-9);
    return prevention && prevention.share >= WORTH_NAMING ? { ...episode, prevention } : episode;
  });
}

/** A policy that was run. */
export interface PolicyRun {
  readonly one: Case;
  readonly policy: StreamPolicy;
  /** The policy as the config has it. */
  readonly raw: object;
  readonly result: SimulationResult;
}

/** What a person would try, one key each. */
function candidates(episodes: readonly Episode[], policy: StreamPolicy): string[] {
  const worst = episodes.toSorted((a, b) => b.refusedRecords - a.refusedRecords).slice(0, CANDIDATE_EPISODES);
  const needed = [...new Set(worst.map(({ neededShards }) => neededShards))];
  const cappedAt = largest(needed.filter((count) => count > policy.max * policy.targetUtilisation));
  const lower = (key: "targetUtilisation" | "scaleOutAt", by: number) =>
    policy[key] - by >= 0.3 ? [`${key}=${(policy[key] - by).toFixed(2)}`] : [];
  return [
    ...(cappedAt > 0 ? [`max=${Math.ceil(cappedAt / policy.targetUtilisation)}`] : []),
    ...needed
      .map((count) => Math.ceil(count / policy.targetUtilisation))
      .filter((count) => count > policy.min && count <= policy.max)
      .map((count) => `min=${count}`),
    ...(policy.prefer === "headroom" ? [] : ["prefer=headroom"]),
    ...lower("targetUtilisation", 0.1),
    ...lower("targetUtilisation", 0.25),
    ...lower("scaleOutAt", 0.15),
    ...(policy.lookBackMinutes < 60 ? ["lookBackMinutes=60"] : []),
    ...(policy.scaleInCooldownMinutes < 240 ? ["scaleInCooldownMinutes=240"] : []),
    ...(policy.scaleInCooldownMinutes < 1440 ? ["scaleInCooldownMinutes=1440"] : []),
    ...(policy.reserveForScaleOut < 7 ? ["reserveForScaleOut=7"] : []),
  ];
}

function changedPolicy(raw: object, setting: string, stream: string): StreamPolicy | undefined {
  try {
    return withSettings(raw, [setting], stream);
  } catch {
    // Not valid together with the other keys: then it is no way out.
    return undefined;
  }
}

function spansOf(delayed: readonly number[]): Span[] {
  const spans: { from: number; to: number }[] = [];
  for (const [index, records] of delayed.entries()) {
    if (records < 0.5) continue;
    const last = spans.at(-1);
    if (last && index - last.to <= JOINED_MINUTES) last.to = index;
    else spans.push({ from: index, to: index });
  }
  return spans;
}

function refusedIn({ delayed }: SimulationResult, { from, to }: Span): number {
  return delayed.slice(from, to + 1).reduce((sum, each) => sum + each, 0);
}

function causeOf(one: Case, policy: StreamPolicy, result: SimulationResult, span: Span): string {
  const at = (minute: number) => one.history.from + minute * MINUTE_MS;
  const decisions = result.decisions.filter(
    (each) => each.at >= at(span.from - 5) && each.at <= at(span.to + 3),
  );
  const verdicts = new Set(decisions.map(({ verdict }) => verdict));
  const open = result.open[span.from] ?? 0;
  const peak = largest(one.demand.slice(span.from, span.to + 1));
  const before = largest(one.demand.slice(Math.max(0, span.from - 15), Math.max(0, span.from - 4)));
  if (verdicts.has("at-max")) return `max is ${policy.max}, and it needed ${shards(Math.ceil(peak))}`;
  if (verdicts.has("quota-spent") || verdicts.has("split-without-quota"))
    return "the 10 calls of UpdateShardCount in 24 hours were used";
  const steps = decisions.filter((each) => each.kind === "UpdateShardCount" && each.to > each.from).length;
  const scaledIn = result.changes.findLast(
    (each) => each.to < each.from && each.at < at(span.from) && each.at >= at(span.from - 120),
  );
  const jump =
    peak > 1.25 * before && before <= open * policy.scaleOutAt
      ? `the traffic rose from ${before.toFixed(1)} to ${peak.toFixed(1)} shards' worth faster than metrics show it`
      : `${shards(open)} were open for up to ${peak.toFixed(1)} shards' worth`;
  const more = steps > 1 ? `; one call at most doubles, and it took ${steps}` : "";
  const after = scaledIn
    ? `; it was scaled in to ${scaledIn.to} ${Math.round((at(span.from) - scaledIn.at) / MINUTE_MS)} minutes before`
    : "";
  return jump + more + after;
}
