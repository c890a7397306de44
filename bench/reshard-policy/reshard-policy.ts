/**
 * What the policy of reshard-streams costs and refuses on synthetic and recorded traffic, beside peers' rules, one fixed
 * count, and a lower bound.
 */
import { streamPolicy } from "../../functions/reshard-streams/config/policy.ts";
import { h80, staticShards } from "../../scripts/backtest/bounds.ts";
import { onDemandRefused, pricesOf, shardsPerMonth } from "../../scripts/backtest/prices.ts";
import { reflexController } from "../../scripts/backtest/reflex-controller.ts";
import { type Controller, type SimulationResult, simulate } from "../../scripts/backtest/simulate.ts";
import { ofShards } from "../../scripts/backtest/traffic.ts";
import { median, printTable } from "../table.ts";
import { fixed, PEERS } from "./peers.ts";
import { recordedByFiveMinutes, recordedByTheHour } from "./public-series.ts";
import { heldOut, type Series, synthetic } from "./series.ts";

const START = Date.parse("2026-11-02T00:00:00Z");
const PEAKS = [4, 16, 64];
const METRICS_LATE_MS = 90_000;
const DAY_MINUTES = 24 * 60;

export interface Measured {
  readonly series: Series;
  readonly timesH80: number;
  readonly dearerThanStatic: boolean;
  readonly turnsPerDay: number;
  readonly result: SimulationResult;
}

export async function reshardPolicy(): Promise<void> {
  report("series", [...synthetic(), ...recordedByTheHour()]);
  report("series recorded every five minutes", recordedByFiveMinutes());
  report("held-out series", heldOut());
}

function report(what: string, series: readonly Series[]): void {
  for (const peak of PEAKS) {
    const rows = Object.entries(alternatives(peak)).map(([name, controllerOf]) =>
      row(
        name,
        series.map((one) => measure(one, peak, name === "static at 80 %", controllerOf)),
      ),
    );
    rows.push(onDemandRow(series, peak));
    printTable(
      `${series.length} ${what} scaled to a peak of ${peak} shards: H80 is the least that never uses more than 80 %`,
      [
        "",
        "x H80",
        "delayed",
        "delayed, seasonal (worst)",
        "dearer than static",
        "refused by AWS",
        "turns a day",
        "calls a day",
      ],
      rows,
    );
  }
}

/** By the bench's name of it, what makes each rule anew. */
export function alternatives(peak: number): Record<string, () => Controller> {
  const reflex = (prefer: string) => () =>
    reflexController(
      streamPolicy.parse({ max: Math.max(64, 3 * peak), prefer }),
      START - DAY_MINUTES * 60_000,
    );
  return {
    "prefer: cost": reflex("cost"),
    "prefer: balanced": reflex("balanced"),
    "prefer: headroom": reflex("headroom"),
    ...PEERS,
    "static at 80 %": () => fixed,
  };
}

/** One rule over one shape, scaled to a peak of so many shards. */
export function measure(
  series: Series,
  peak: number,
  isStatic: boolean,
  controllerOf: () => Controller,
): Measured {
  const demand = series.values.map((value) => value * peak);
  const initialShards = isStatic ? staticShards(demand) : staticShards(demand.slice(0, 1));
  const result = simulate(controllerOf(), {
    ...{ offered: demand.map(ofShards), start: START, initialShards },
    ...{ metricsLateMs: METRICS_LATE_MS, retries: true },
  });
  const staticHours = (staticShards(demand) * demand.length) / 60;
  return {
    series,
    result,
    timesH80: result.shardHours / h80(demand),
    dearerThanStatic: result.shardHours > staticHours,
    turnsPerDay: turns(result) / (demand.length / DAY_MINUTES),
  };
}

/**
 * On-demand is a price a GB and refuses above the double of its peak. Its bill, less the PUT units that a provisioned stream
 * pays beside its shards, is set against the shards of H80.
 */
function onDemandRow(all: readonly Series[], peak: number): string[] {
  const measured = all.map((series) => {
    const demand = series.values.map((value) => value * peak);
    const offered = demand.map(ofShards);
    const { onDemandStandard, putUnits } = pricesOf(offered);
    const usd = onDemandStandard - putUnits;
    const refused = onDemandRefused(offered).reduce((sum, each) => sum + each, 0);
    return {
      seasonal: series.seasonal,
      timesH80: usd / shardsPerMonth(h80(demand), demand.length),
      dearer: usd > shardsPerMonth((staticShards(demand) * demand.length) / 60, demand.length),
      delayed: refused / offered.reduce((sum, { records }) => sum + records, 0),
    };
  });
  const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
  return [
    "on-demand Standard",
    Math.exp(mean(measured.map(({ timesH80 }) => Math.log(timesH80)))).toFixed(2),
    percent(mean(measured.map(({ delayed }) => delayed))),
    worst(measured.filter(({ seasonal }) => seasonal).map(({ delayed }) => delayed)),
    String(measured.filter(({ dearer }) => dearer).length),
    ...["0", "0.0", "0.0"],
  ];
}

function turns({ changes }: SimulationResult): number {
  return changes.filter(
    ({ from, to }, index) =>
      Math.sign(to - from) === -Math.sign((changes[index - 1]?.to ?? 0) - (changes[index - 1]?.from ?? 0)),
  ).length;
}

function row(name: string, measured: readonly Measured[]): string[] {
  const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
  const delayed = (some: readonly Measured[]) => some.map(({ result }) => result.delayedShare);
  const days = measured.reduce((sum, { result }) => sum + result.open.length / DAY_MINUTES, 0);
  const calls = measured.flatMap(({ result }) =>
    result.changes.filter(({ kind }) => kind === "UpdateShardCount"),
  );
  return [
    name,
    Math.exp(mean(measured.map(({ timesH80 }) => Math.log(timesH80)))).toFixed(2),
    percent(mean(delayed(measured))),
    worst(delayed(measured.filter(({ series }) => series.seasonal))),
    String(measured.filter(({ dearerThanStatic }) => dearerThanStatic).length),
    String(measured.reduce((sum, { result }) => sum + result.refusedChanges, 0)),
    median(measured.map(({ turnsPerDay }) => turnsPerDay)).toFixed(1),
    (calls.length / days).toFixed(1),
  ];
}

function worst(shares: readonly number[]): string {
  return shares.length === 0 ? "" : percent(Math.max(...shares));
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
