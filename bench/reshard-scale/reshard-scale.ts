/**
 * reshard-streams over an account of many streams, in virtual time, with AWS's limits and others that use half of
 * DescribeStreamSummary's: how long until each stream is decided on and changed, and whether any call is above a limit.
 */
import { printTable } from "../table.ts";
import { type ScaleCase, type ScaleResult, simulateScale } from "./simulation.ts";

const CASES: Readonly<Record<string, ScaleCase>> = {
  "1,000 streams, 300 in ALARM": { streams: 1_000, inAlarm: 300, minutes: 12 },
  "the same, runs 0 and 3 killed": {
    ...{ streams: 1_000, inAlarm: 300, minutes: 14 },
    killed: new Map([
      [0, 4_000],
      [3, 2_000],
    ]),
  },
  "1,000 streams, 300 alarms at once": { streams: 1_000, inAlarm: 300, minutes: 12, stormAtMs: 0 },
  "10,000 streams, 300 in ALARM": { streams: 10_000, inAlarm: 300, minutes: 12 },
  "10,000 streams, 3,000 in ALARM": { streams: 10_000, inAlarm: 3_000, minutes: 15 },
};

export async function reshardScale(): Promise<void> {
  const rows: string[][] = [];
  for (const [name, one] of Object.entries(CASES)) rows.push(row(name, await simulateScale(one)));
  printTable(
    "reshard-streams over many streams: seconds from the first sweep",
    [
      "",
      "last in ALARM decided",
      "last of them changed",
      "last of the rest decided",
      "longest gap, min",
      "never decided",
      "changed twice",
      "calls above a limit",
      "UpdateShardCount",
      "DescribeStreamSummary",
    ],
    rows,
  );
}

function row(name: string, result: ScaleResult): string[] {
  const last = (seconds: readonly number[]) =>
    seconds.reduce((most, each) => Math.max(most, each), 0).toFixed(0);
  const throttled = [...result.throttled].map(([call, times]) => `${call} ${times}`).join(", ");
  return [
    ...[name, last(result.alarmSeconds), last(result.changedSeconds), last(result.restSeconds)],
    ...[result.longestGapMinutes.toFixed(1), String(result.undecided), String(result.changedTwice)],
    ...[throttled === "" ? "0" : throttled],
    ...[result.made.get("UpdateShardCount") ?? 0, result.made.get("DescribeStreamSummary") ?? 0].map(String),
  ];
}
