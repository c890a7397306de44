/**
 * The bill beside what the packaged functions use: `npm run bench -- bill`. A simulated day of the sandbox with one stream that is
 * named, one that is landed, one site and one node pool, and nothing to do. BILL_HOURS=6 counts fewer hours.
 */

import type { Invocation } from "../../sandbox/lambda/function.ts";
import { packageService } from "../../sandbox/template/package-service.ts";
import { findAutomations } from "../../scripts/automations.ts";
import { configOf } from "../../scripts/checked-config.ts";
import { bill } from "../../scripts/cost/bill.ts";
import { monitoringCost } from "../../scripts/cost/monitoring-cost.ts";
import { emptyServiceCost, moreOfEach, sampleConfig } from "../../scripts/cost/more-of-each.ts";
import { functionFiles, stageInfo } from "../../scripts/stack/function-files.ts";
import { monitoringOf } from "../../scripts/stack/monitoring.ts";
import { stackTemplate } from "../../scripts/stack/stack-template.ts";
import { withSections } from "../../shared/config/file.ts";
import { sumOf, type Units, unitsOf } from "../../shared/cost/cost-line.ts";
import { HOURS_A_MONTH, PRICES, type Unit } from "../../shared/cost/prices.ts";
import { median, printTable } from "../table.ts";
import { alarmUnitsOf, unitsUsedIn } from "./count.ts";
import { oneOfEach, startOneOfEach } from "./one-of-each.ts";

const ROOT = process.cwd();

/** Not by time: what there is at any moment. */
const STANDING: readonly string[] = [
  "cloudwatchCustomMetric",
  "cloudwatchAlarmMetric",
  "cloudwatchCompositeAlarm",
];

/** Alarms of a config that lands events. */
const OF_LANDING: readonly string[] = ["Quarantine not empty", "Failed batches"];

export async function billed(): Promise<void> {
  const hours = Number(process.env.BILL_HOURS ?? 24);
  const automations = await findAutomations(ROOT);
  const info = stageInfo("dev", functionFiles(ROOT));
  const checked = configOf(withSections(oneOfEach("http://127.0.0.1:1/"), "one of each"), automations);
  if ("problems" in checked) throw new Error(checked.problems.join("\n"));
  const started = process.cpuUsage();
  const counted = { ...(await monthFrom(hours)), ...alarmUnitsOf(stackTemplate(checked.config, info)) };
  const cpu = process.cpuUsage(started);
  const lines = bill(checked.config, info).flatMap((part) => part.lines);
  const computed = unitsOf(lines);

  printTable(
    `A month at rest, computed beside ${hours} simulated hours counted (${Math.round((cpu.user + cpu.system) / 1e6)} s of CPU)`,
    ["", "computed", "counted", "counted / computed", "computed $", "counted $"],
    unitRows(computed, counted),
  );
  const parts = moreOfEach(automations, info);
  const more = (what: string) => parts.find((part) => part.what === what)?.usd ?? Number.NaN;
  const firstStream = sampleConfig({ mode: "act", streams: { orders: { max: 10 } } }, automations);
  const { alarms, composites } = monitoringOf(checked.config.automations, info);
  // Those of a landed stream, a node pool and the quarantine are in their lines.
  const ofTheService = alarms.filter(
    ({ nestedIn, title }) => nestedIn === undefined && !OF_LANDING.includes(title),
  );
  const watching = monitoringCost({ alarms: ofTheService, composites }, { dashboard: false });
  printTable(
    "The limits, by the same lines",
    ["USD a month", "computed", "limit"],
    [
      ["an empty config", emptyServiceCost(automations, info), 0.5],
      ["one named stream, watched", sumOf(bill(firstStream, info).flatMap((part) => part.lines)), 3],
      ["each further stream", more("a stream that is named"), 1],
      ["a site", more("a site with TLS"), 0.75],
      ["a node pool", more("a node pool"), 1],
      ["a landed stream", more("a landed stream"), 1.3],
      ["watching Reflex itself", sumOf(watching), 1.5],
    ].map(([what, usd, limit]) => [String(what), Number(usd).toFixed(2), Number(limit).toFixed(2)]),
  );
}

/** A month of what is used in so many hours, counted hour by hour: the sandbox forgets older calls and runs. */
async function monthFrom(hours: number): Promise<Units> {
  const { dir, remove } = await packageService();
  const account = await startOneOfEach(dir);
  const sums = new Map<string, number>();
  // The first nodes of the pool are ordered and notified.
  await account.clock.advance(5 * 60_000);
  for (let hour = 0; hour < hours; hour += 1) {
    for (const [unit, count] of Object.entries(await unitsUsedIn(account, 60))) {
      sums.set(unit, (sums.get(unit) ?? 0) + count);
    }
  }
  printRunTimes(account.lambda.invocations());
  await account.stop();
  remove();
  return Object.fromEntries(
    [...sums].map(([unit, sum]) => [unit, sum * ((STANDING.includes(unit) ? 1 : HOURS_A_MONTH) / hours)]),
  );
}

function printRunTimes(runs: readonly Invocation[]): void {
  const byFunction = Map.groupBy(runs, ({ functionName }) => functionName);
  printTable(
    "Runs at rest, on this machine and without a network",
    ["", "median ms"],
    [...byFunction].map(([name, all]) => [name, median(all.map(({ durationMs }) => durationMs)).toFixed(0)]),
  );
}

function unitRows(computed: Units, counted: Units): string[][] {
  const units = Object.keys(PRICES).filter((name): name is Unit => Object.hasOwn(computed, name));
  const usd = (units_: Units, unit: Unit) => (units_[unit] ?? 0) * PRICES[unit];
  const dollars = (amount: number) => amount.toFixed(3);
  const rows = units
    .filter((unit) => computed[unit] !== 0 || (counted[unit] ?? 0) !== 0)
    .map((unit) => [
      unit,
      amount(computed[unit] ?? 0),
      counted[unit] === undefined ? "not counted" : amount(counted[unit]),
      counted[unit] === undefined ? "" : (counted[unit] / (computed[unit] ?? 0)).toFixed(2),
      dollars(usd(computed, unit)),
      counted[unit] === undefined ? "" : dollars(usd(counted, unit)),
    ]);
  const total = (units_: Units) => units.reduce((sum, unit) => sum + usd(units_, unit), 0);
  return [...rows, ["all", "", "", "", dollars(total(computed)), dollars(total(counted))]];
}

const amount = (count: number): string =>
  count < 1 ? count.toPrecision(3) : Math.round(count).toLocaleString("en-US");
