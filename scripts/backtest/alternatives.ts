import type { StreamPolicy } from "../../functions/reshard-streams/config/policy.ts";
import { capacityOf } from "../../functions/reshard-streams/decide/measure/sizing.ts";
import { h80, staticShards } from "./bounds.ts";
import { DAY_MINUTES, MINUTE_MS, offeredOf, type StreamHistory } from "./history/history.ts";
import { onDemandRefused, pricesOf, shardsPerMonth, type TrafficPrices } from "./prices.ts";
import { reflexController } from "./reflex-controller.ts";
import { type Controller, type SimulationResult, simulate } from "./simulate.ts";
import type { Offered } from "./traffic.ts";

const DAY_MS = DAY_MINUTES * MINUTE_MS;

/** CloudWatch has the metrics of Kinesis 1 to 2 minutes after their minute. */
export const METRICS_LATE_MS = 90_000;

export type AlternativeKind =
  | "recorded"
  | "policy"
  | "changed"
  | "static"
  | "on-demand"
  | "on-demand-advantage"
  | "hindsight";

/** One way to run the stream, over the same traffic. What is not known of it is undefined. */
export interface Alternative {
  readonly kind: AlternativeKind;
  readonly name: string;
  /** Shards, PUT units and GB, a month like these minutes, us-east-1. */
  readonly usdPerMonth: number;
  readonly meanShards?: number;
  /** Records that were not taken at their first offer. */
  readonly refusedRecords?: number;
  /** Their share of all that were offered, 0 to 1. */
  readonly refusedShare?: number;
  /** Refused records that were never taken. */
  readonly abandonedRecords?: number;
  readonly worstDelayMinutes?: number;
  /** Calls of UpdateShardCount, and changes of every kind, a day. */
  readonly callsPerDay?: number;
  readonly changesPerDay?: number;
}

/** What was offered, and what each alternative is run with. */
export interface Case {
  readonly history: StreamHistory;
  readonly offered: readonly Offered[];
  /** What was offered in shards' worth of the policy's own capacity. */
  readonly demand: readonly number[];
  readonly prices: TrafficPrices;
  readonly initialShards: number;
}

export function caseOf(history: StreamHistory, policy: StreamPolicy): Case {
  const capacity = capacityOf(policy);
  const offered = offeredOf(history, capacity);
  const demand = offered.map(({ bytes, records, readBytes }) =>
    Math.max(
      bytes / capacity.bytes,
      records / capacity.records,
      policy.reads ? readBytes / capacity.readBytes : 0,
    ),
  );
  const initialShards =
    history.recorded.find(({ openShards }) => openShards !== undefined)?.openShards ??
    (history.now?.mode === "PROVISIONED" ? history.now.openShards : undefined) ??
    staticShards(demand.slice(0, 60));
  return { history, offered, demand, prices: pricesOf(offered), initialShards };
}

/** One policy over the case, as it would have decided. */
export function runPolicy(one: Case, policy: StreamPolicy): SimulationResult {
  return runController(one, reflexController(policy, one.history.from - DAY_MS), one.initialShards);
}

function runController(one: Case, controller: Controller, initialShards: number): SimulationResult {
  const { offered, history } = one;
  return simulate(controller, {
    ...{ offered, start: history.from, initialShards, metricsLateMs: METRICS_LATE_MS, retries: true },
  });
}

export function simulated(
  kind: AlternativeKind,
  name: string,
  { prices, offered }: Case,
  result: SimulationResult,
): Alternative {
  const days = offered.length / DAY_MINUTES;
  const calls = result.changes.filter((change) => change.kind === "UpdateShardCount").length;
  return {
    ...{ kind, name, meanShards: result.shardHours / (offered.length / 60) },
    usdPerMonth: shardsPerMonth(result.shardHours, offered.length) + prices.putUnits,
    refusedRecords: Math.round(result.delayedRecords),
    refusedShare: result.delayedShare,
    abandonedRecords: Math.round(result.abandonedRecords),
    worstDelayMinutes: result.worstDelayMinutes,
    callsPerDay: calls / days,
    changesPerDay: result.changes.length / days,
  };
}

/** What the stream has been, where its shards are known; else what it is now. */
export function asItIs(one: Case): Alternative | undefined {
  const { history, prices, offered } = one;
  if (history.now?.mode === "ON_DEMAND") {
    return { ...onDemand(one), kind: "recorded", name: "as it is: on-demand" };
  }
  const open = openByMinute(history);
  if (!open) return undefined;
  const refusedRecords = history.recorded.reduce((sum, { refused }) => sum + refused, 0);
  const records = history.recorded.reduce((sum, minute) => sum + minute.records + minute.refused, 0);
  const shardHours = open.reduce((sum, each) => sum + each, 0) / 60;
  const [fewest, most] = [smallest(open), largest(open)];
  return {
    kind: "recorded",
    name: `as it is: ${fewest === most ? shards(fewest) : `${fewest} to ${shards(most)}`}`,
    meanShards: shardHours / (open.length / 60),
    usdPerMonth: shardsPerMonth(shardHours, offered.length) + prices.putUnits,
    ...{ refusedRecords, refusedShare: records === 0 ? 0 : refusedRecords / records },
  };
}

/** Open shards as they were recorded, each until the next; else as many as there are now. */
function openByMinute({ recorded, from, to, now }: StreamHistory): number[] | undefined {
  const known = new Map(
    recorded.flatMap(({ at, openShards }) => (openShards === undefined ? [] : [[at, openShards] as const])),
  );
  const first = [...known.values()][0] ?? now?.openShards;
  if (first === undefined) return undefined;
  let open = first;
  return Array.from({ length: Math.round((to - from) / MINUTE_MS) }, (_, index) => {
    open = known.get(from + index * MINUTE_MS) ?? open;
    return open;
  });
}

/** The same number of shards all the time, hindsight, and both on-demand modes. */
export function bounds(one: Case): Alternative[] {
  const { demand, prices, offered } = one;
  const fixed = staticShards(demand);
  const best = h80(demand);
  return [
    simulated(
      "static",
      `static: ${shards(fixed)}, the peak at 80 %`,
      one,
      runController(one, () => undefined, fixed),
    ),
    onDemand(one),
    {
      ...onDemand(one),
      ...{ kind: "on-demand-advantage", name: "on-demand Advantage" },
      usdPerMonth: prices.onDemandAdvantage,
    },
    {
      ...{ kind: "hindsight", name: "hindsight (H80)", meanShards: best / (offered.length / 60) },
      usdPerMonth: shardsPerMonth(best, offered.length) + prices.putUnits,
      ...{ refusedRecords: 0, refusedShare: 0, abandonedRecords: 0, worstDelayMinutes: 0 },
    },
  ];
}

function onDemand({ offered, prices }: Case): Alternative {
  const refused = onDemandRefused(offered).reduce((sum, each) => sum + each, 0);
  const records = offered.reduce((sum, each) => sum + each.records, 0);
  return {
    ...{ kind: "on-demand", name: "on-demand Standard", usdPerMonth: prices.onDemandStandard },
    refusedRecords: Math.round(refused),
    refusedShare: records === 0 ? 0 : refused / records,
    ...{ callsPerDay: 0, changesPerDay: 0 },
  };
}

export function shards(count: number): string {
  return count === 1 ? "1 shard" : `${count} shards`;
}

export function largest(values: readonly number[]): number {
  return values.reduce((most, each) => Math.max(most, each), 0);
}

function smallest(values: readonly number[]): number {
  return values.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
}
