import { HOURS_A_MONTH, MINUTES_A_MONTH } from "../../../../shared/cost/prices.ts";
import type { Decision, ModeAdvice, UpdateStreamMode } from "../../model/decision.ts";
import type { DemandProfile } from "../../model/demand-profile.ts";
import type { Observation } from "../../model/observation.ts";
import {
  DEFAULT_SETTINGS,
  type MonthlyTraffic,
  onDemandUsd,
  provisionedUsd,
  type StreamSettings,
} from "../measure/cost.ts";
import { clamp, shardsFor } from "../measure/sizing.ts";
import type { Facts } from "../rules/facts.ts";
import { shards, usd } from "../rules/wording.ts";
import { refusedADayAgo } from "./refused.ts";

/** UpdateStreamMode: twice in 24 hours. https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html */
const SWITCHES_A_DAY = 2;
const DAY_MS = 24 * 3_600_000;

const SLOTS_A_DAY = 96;
/** Quarters of an hour: weekends differ, so a week has to be known. */
const KNOWN_SLOTS = 7 * SLOTS_A_DAY;
/** The quarters before that a stream is sized by, and the one after: those that a scale-in waits for. */
const SIZED_BY = 5;

/** Another way is proposed where it saves this share, and so much a month. */
const WORTH_SHARE = 0.2;
const WORTH_USD = 10;

/** A stream that would be fixed has its peak at this utilisation. */
const STATIC_UTILISATION = 0.8;

/** USD a month of each way to run a stream. */
interface Prices {
  readonly provisioned: number;
  readonly static: number;
  readonly standard: number;
  readonly advantage: number;
}

/** Which way would be cheaper over the last week; undefined where none is by much, or no week is known. */
export function adviceOn(facts: Facts): ModeAdvice | undefined {
  const { observation, policy } = facts;
  const week = weekOf(observation.profile);
  if (!week) return undefined;
  const fixed = clamp(shardsFor(week.peak, STATIC_UTILISATION), policy.min, policy.max);
  const mean = meanShards(week.peaks, facts);
  const prices = pricesOf(week.traffic, mean, fixed, settingsOf(observation));
  const onDemandNow = observation.advantage === true ? prices.advantage : prices.standard;
  const isOnDemand = observation.mode === "ON_DEMAND";
  const current = isOnDemand ? onDemandNow : prices.provisioned;
  const others: readonly (readonly [ModeAdvice["to"], number])[] = isOnDemand
    ? [["provisioned", prices.provisioned]]
    : [
        ["static", prices.static],
        ["on-demand", onDemandNow],
      ];
  const [to, price] = others.reduce((least, each) => (each[1] < least[1] ? each : least));
  if (price > (1 - WORTH_SHARE) * current || current - price < WORTH_USD) return undefined;
  return {
    ...{ to, text: adviceText(to, prices, mean, fixed, facts) },
    costPerMonth: { before: current, after: price },
  };
}

/** Is the other capacity mode cheaper, and may it be switched to? */
export function switchMode(facts: Facts): Decision | undefined {
  const { observation, policy, history, open, now, evidence } = facts;
  const advice = policy.streamMode === "switch" ? adviceOn(facts) : undefined;
  const mode = { provisioned: "PROVISIONED", static: undefined, "on-demand": "ON_DEMAND" } as const;
  const to = advice && mode[advice.to];
  if (!to || observation.advantage === undefined || observation.arn === undefined) return undefined;
  const switches = history.entries.filter(
    ({ intent, outcome }) =>
      intent.action === "kinesis:UpdateStreamMode" &&
      outcome.result === "applied" &&
      outcome.at > now - DAY_MS,
  );
  if (switches.length >= SWITCHES_A_DAY || refusedADayAgo(facts, "UpdateStreamMode") !== undefined)
    return undefined;
  const decision: UpdateStreamMode = {
    ...{ kind: "UpdateStreamMode", verdict: "switch-mode", mode: to, direction: "none" },
    ...{ from: open, to: open, costPerMonth: advice.costPerMonth },
    reasons: [`${advice.text}. Its shards stay as they are at first`],
    evidence: { ...evidence, mode: to },
  };
  return decision;
}

/** A month like the look-back, with so many shards. */
export function costsNow({ observation, policy }: Facts, shardCount: number): Omit<Prices, "static"> {
  const perMonth = MINUTES_A_MONTH / policy.lookBackMinutes;
  const total = (of: (minute: Observation["minutes"][number]) => number) =>
    observation.minutes.reduce((sum, minute) => sum + of(minute), 0) * perMonth;
  const bytes = total((minute) => minute.bytes);
  const traffic = {
    ...{ bytes, records: total((minute) => minute.records) },
    // Where reads are not observed, each byte is taken to be read once.
    readBytes: total((minute) => minute.readBytes) || bytes,
  };
  return pricesOf(traffic, shardCount, shardCount, settingsOf(observation));
}

function pricesOf(
  traffic: MonthlyTraffic,
  meanShards: number,
  fixed: number,
  settings: StreamSettings,
): Prices {
  return {
    provisioned: provisionedUsd(meanShards, traffic, settings),
    static: provisionedUsd(fixed, traffic, settings),
    standard: onDemandUsd("standard", traffic, settings),
    advantage: onDemandUsd("advantage", traffic, settings),
  };
}

interface Week {
  readonly traffic: MonthlyTraffic;
  readonly peaks: readonly number[];
  readonly peak: number;
}

function weekOf(profile: DemandProfile | undefined): Week | undefined {
  const peaks = (profile?.peaks ?? []).filter((peak) => peak !== null);
  const days = profile?.days ?? [];
  const slots = days.reduce((sum, day) => sum + day.slots, 0);
  if (Math.min(peaks.length, slots) < KNOWN_SLOTS) return undefined;
  const perMonth = (HOURS_A_MONTH * 4) / slots;
  const bytes = days.reduce((sum, day) => sum + day.bytes, 0) * perMonth;
  const records = days.reduce((sum, day) => sum + day.records, 0) * perMonth;
  // Reads are not kept: each byte is taken to be read once.
  return { peaks, peak: Math.max(...peaks), traffic: { bytes, records, readBytes: bytes } };
}

/** As this policy would have run it, by the peak of the last hour and of the next quarter. */
function meanShards(peaks: readonly number[], { policy }: Facts): number {
  const sizes = peaks.map((_, at) => {
    const around = peaks.slice(Math.max(0, at - SIZED_BY + 1), at + 2);
    return clamp(shardsFor(Math.max(...around), policy.targetUtilisation), policy.min, policy.max);
  });
  return sizes.reduce((sum, each) => sum + each, 0) / sizes.length;
}

function settingsOf({ retentionHours, fanOutConsumers }: Observation): StreamSettings {
  return {
    retentionHours: retentionHours ?? DEFAULT_SETTINGS.retentionHours,
    fanOutConsumers: fanOutConsumers ?? DEFAULT_SETTINGS.fanOutConsumers,
  };
}

function adviceText(
  to: ModeAdvice["to"],
  prices: Prices,
  mean: number,
  fixed: number,
  { observation, policy }: Facts,
): string {
  const what = {
    provisioned: "provisioned mode would be cheaper",
    static: `a fixed count would be cheaper (\`min: ${fixed}\`)`,
    "on-demand": "on-demand mode would be cheaper",
  }[to];
  const { retentionHours, fanOutConsumers } = settingsOf(observation);
  const isRead = observation.retentionHours !== undefined;
  const settings = `${isRead ? "" : "taken to have "}${retentionHours} h of retention and ${fanOutConsumers} consumers with enhanced fan-out${isRead ? "" : ", which were not read"}`;
  const commitment =
    observation.advantage === true
      ? "as the account has it"
      : "which the account would have to commit to, for 25 MiB/s at least";
  return (
    `over the last week ${what}. A month like it costs about ${usd(prices.provisioned)} provisioned by this policy (${mean.toFixed(1)} shards in the mean), ` +
    `${usd(prices.static)} with ${shards(fixed)} all the time, ${usd(prices.standard)} with On-demand Standard, ${usd(prices.advantage)} with On-demand Advantage (${commitment}); ` +
    `${settings}, each byte read once, max ${policy.max}`
  );
}
