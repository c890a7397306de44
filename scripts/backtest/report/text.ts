import { tableLines } from "../../cli/table.ts";
import type { Alternative } from "../alternatives.ts";
import type { Episode } from "../episodes.ts";
import type { VerdictCost } from "../waste.ts";
import type { BacktestReport } from "./report.ts";

/** The worst episodes that are shown; `--json` has all. */
const MOST_EPISODES = 8;

/** The report for a terminal. */
export function textOf(report: BacktestReport): string {
  const { episodes, verdicts, warnings, alternatives } = report;
  const worst = episodes.toSorted((a, b) => b.refusedRecords - a.refusedRecords).slice(0, MOST_EPISODES);
  const shown = episodes.filter((each) => worst.includes(each));
  return [
    headlineOf(report),
    "",
    ...tableLines(ALTERNATIVE_COLUMNS, alternatives.map(alternativeCells)),
    "",
    episodes.length === 0
      ? "It refused no record."
      : `It refused records ${episodes.length === 1 ? "once" : `${episodes.length} times`}${shown.length < episodes.length ? `, the ${shown.length} worst:` : ":"}`,
    ...shown.flatMap((episode) =>
      episodeLines(episode).map((line, index) => `${index === 0 ? "  " : "    "}${line}`),
    ),
    ...costliest(verdicts),
    ...(warnings.length > 0 ? ["", ...warnings.map((warning) => `Note: ${warning}`)] : []),
  ].join("\n");
}

/** One sentence: saved, refused, worst delay, calls. */
export function headlineOf({ stream, from, to, about, baseline }: BacktestReport): string {
  const saved = baseline.usdPerMonth - about.usdPerMonth;
  const share = baseline.usdPerMonth === 0 ? 0 : Math.round((100 * Math.abs(saved)) / baseline.usdPerMonth);
  const than = baseline.name.replace(/^(as it is|static): /, "");
  const verb = saved >= 0 ? "saves" : "costs";
  const what = about.kind === "changed" ? `the policy ${about.name}` : about.name;
  return (
    `${stream}, ${daysOf(from, to)}: ${what} ${verb} ${usd(Math.abs(saved))} a month (${share} %${saved >= 0 ? "" : " more"}) against ${than}, ` +
    `refuses ${whole(about.refusedRecords ?? 0)} records (${percent(about.refusedShare)}), the worst waits ${about.worstDelayMinutes ?? 0} min, ` +
    `${about.abandonedRecords ? `${whole(about.abandonedRecords)} are given up` : "none is lost"}; ${(about.callsPerDay ?? 0).toFixed(1)} calls a day`
  );
}

export const ALTERNATIVE_COLUMNS = [
  "",
  "USD a month",
  "shards",
  "refused",
  "worst delay",
  "calls a day",
  "changes a day",
];

/** One alternative by those columns; what is not known of it is a dash. */
export function alternativeCells(one: Alternative): string[] {
  const number = (value: number | undefined, text: (known: number) => string) =>
    value === undefined ? "-" : text(value);
  return [
    one.name,
    one.usdPerMonth.toFixed(2),
    number(one.meanShards, (value) => value.toFixed(1)),
    percent(one.refusedShare),
    number(one.worstDelayMinutes, (value) => `${value} min`),
    number(one.callsPerDay, (value) => value.toFixed(1)),
    number(one.changesPerDay, (value) => value.toFixed(1)),
  ];
}

/** What happened, why, and what would have prevented it. */
export function episodeLines(episode: Episode): string[] {
  const { at, minutes, refusedRecords, open, cause, prevention } = episode;
  const what = `${time(at)}, ${minutes} min: ${whole(refusedRecords)} records at ${open} open: ${cause}`;
  return [what, prevented(prevention)];
}

function prevented(prevention: Episode["prevention"]): string {
  if (!prevention) return "no single key that was tried prevents it";
  const { setting, usdPerMonthMore, share } = prevention;
  const price =
    usdPerMonthMore >= 0 ? `${usd(usdPerMonthMore)} a month more` : `${usd(-usdPerMonthMore)} a month less`;
  return `${setting} prevents ${share >= 0.99 ? "it" : `${Math.round(100 * share)} % of it`}, for ${price}`;
}

/** The verdict that cost most, as a sentence; nothing where no shard was open beyond need. */
export function costliest([first, second]: readonly VerdictCost[]): string[] {
  if (!first || first.usdPerMonth < 0.005) return [];
  const then =
    second && second.usdPerMonth >= 0.005 ? `, then ${second.verdict} ${usd(second.usdPerMonth)}` : "";
  return [
    "",
    `Beyond what each minute needs at 80 %, ${first.verdict} cost most: ${usd(first.usdPerMonth)} a month, ${Math.round(100 * first.share)} % of all such shards${then}`,
  ];
}

export function daysOf(from: number, to: number): string {
  const days = (to - from) / 86_400_000;
  const long = days >= 2 ? `${days.toFixed(1)} days` : `${(days * 24).toFixed(1)} hours`;
  return `${long} to ${time(to)}`;
}

export function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`;
}

function whole(count: number): string {
  return count.toLocaleString("en-US");
}

export function usd(amount: number): string {
  return `$${amount.toFixed(2)}`;
}

/** Two digits that count: a small share is not shown as none. */
export function percent(share: number | undefined): string {
  if (share === undefined) return "-";
  const value = 100 * share;
  if (value === 0) return "0 %";
  return `${value < 0.01 ? value.toPrecision(1) : value.toFixed(2)} %`;
}
