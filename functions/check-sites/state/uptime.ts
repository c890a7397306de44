import * as z from "zod/mini";
import type { Verdict } from "../evaluate/verdict.ts";

/**
 * A site's past in bounded space: the last day in slots of five minutes, then 90 days, one line each. Both are
 * texts, because a list of so many numbers would be four times as long in DynamoDB: an item of 1,000 bytes
 * costs half of one of 2,000 each minute.
 */
export const history = z.object({
  /** The number of the newest slot: ms since the epoch / SLOT_MS. */
  slot: z.number(),
  /**
   * Oldest first, three characters a slot: the worst verdict in it (`U`, `G`, `D`, `?`; `m` for a failure in a
   * maintenance window, `-` for no check) and the longest duration of a good check, see `decodeDuration`.
   */
  slots: z.string(),
  /** The number of the newest day (UTC): ms since the epoch / DAY_MS. */
  day: z.number(),
  /** Oldest first, separated by spaces: checks that were good, degraded, down, unknown: `1438.0.2`. */
  days: z.string(),
});
export type History = z.output<typeof history>;

export const SLOT_MS = 300_000;
export const SLOTS = 288;
export const DAY_MS = 86_400_000;
export const DAYS = 90;

/** What one check leaves in the history. */
export interface Sample {
  /** ms since the epoch. */
  readonly at: number;
  readonly verdict: Verdict;
  /** Milliseconds; only a check that got its answer has one. */
  readonly duration?: number;
  /** A failure in a maintenance window counts for no day. */
  readonly inMaintenance: boolean;
}

/** A slot of the last day. */
export interface Slot {
  /** Its beginning, ms since the epoch. */
  readonly at: number;
  readonly mark: SlotMark;
  /** Milliseconds, to about 1 %. */
  readonly duration?: number;
}
/** From the best to the worst. */
const MARKS = ["-", "U", "m", "?", "G", "D"] as const;
export type SlotMark = (typeof MARKS)[number];

/** Counts of checks in one day (UTC). */
export interface Day {
  /** Its midnight, ms since the epoch. */
  readonly at: number;
  readonly good: number;
  readonly degraded: number;
  readonly down: number;
  readonly unknown: number;
}

const LETTER: Readonly<Record<Verdict, SlotMark>> = { UP: "U", DEGRADED: "G", DOWN: "D", UNKNOWN: "?" };
const EMPTY_SLOT = "-00";

export function emptyHistory(at: number): History {
  return { slot: Math.floor(at / SLOT_MS), slots: EMPTY_SLOT, day: Math.floor(at / DAY_MS), days: "" };
}

/** The history with one more check. A check older than the newest slot changes nothing. */
export function remember(before: History, sample: Sample): History {
  const slot = Math.floor(sample.at / SLOT_MS);
  const day = Math.floor(sample.at / DAY_MS);
  if (slot < before.slot) return before;
  const slots = shifted(splitSlots(before.slots), slot - before.slot, SLOTS, EMPTY_SLOT);
  slots[slots.length - 1] = withSample(slots.at(-1) ?? EMPTY_SLOT, sample);
  const days = shifted(before.days.split(" "), day - before.day, DAYS, "");
  days[days.length - 1] = countSample(days.at(-1) ?? "", sample);
  return { slot, slots: slots.join(""), day, days: days.join(" ") };
}

/** The slots of the last day, oldest first. */
export function slotsOf({ slot, slots }: History): Slot[] {
  const texts = splitSlots(slots);
  return texts.map((text, index) => {
    const duration = decodeDuration(text.slice(1));
    return {
      at: (slot - texts.length + 1 + index) * SLOT_MS,
      mark: MARKS.find((mark) => mark === text[0]) ?? "-",
      ...(duration > 0 && { duration }),
    };
  });
}

/** The days, oldest first. */
export function daysOf({ day, days }: History): Day[] {
  const texts = days.split(" ");
  return texts.map((text, index) => {
    const [good = 0, degraded = 0, down = 0, unknown = 0] = text.split(".").map(Number);
    return { at: (day - texts.length + 1 + index) * DAY_MS, good, degraded, down, unknown };
  });
}

/** The share of checks in which the site answered, UNKNOWN ones left out, 0..1; undefined without any. */
export function availability(days: readonly Day[]): number | undefined {
  const up = days.reduce((sum, { good, degraded }) => sum + good + degraded, 0);
  const down = days.reduce((sum, day) => sum + day.down, 0);
  return up + down === 0 ? undefined : up / (up + down);
}

function withSample(slot: string, { verdict, duration, inMaintenance }: Sample): string {
  const bad = verdict === "DOWN" || verdict === "DEGRADED";
  const mark = bad && inMaintenance ? "m" : LETTER[verdict];
  const worse = MARKS.find((known) => known === slot[0]) ?? "-";
  const worst = MARKS.indexOf(mark) > MARKS.indexOf(worse) ? mark : worse;
  const longest = Math.max(decodeDuration(slot.slice(1)), duration ?? 0);
  return worst + encodeDuration(longest);
}

function countSample(day: string, { verdict, inMaintenance }: Sample): string {
  const [good = 0, degraded = 0, down = 0, unknown = 0] = day.split(".").map(Number);
  if (verdict === "UP") return counts(good + 1, degraded, down, unknown);
  if (inMaintenance) return day;
  if (verdict === "DEGRADED") return counts(good, degraded + 1, down, unknown);
  return verdict === "DOWN"
    ? counts(good, degraded, down + 1, unknown)
    : counts(good, degraded, down, unknown + 1);
}

/** `1440` and not `1440.0.0.0`. */
function counts(...all: number[]): string {
  return all.join(".").replace(/(\.0)+$/, "");
}

/** Two base-36 digits, logarithmic: 1 ms to about 6 minutes in steps of 1 %; 0 is none. */
function encodeDuration(ms: number): string {
  const step = ms <= 0 ? 0 : Math.min(1295, 1 + Math.round(100 * Math.log(Math.max(1, ms))));
  return step.toString(36).padStart(2, "0");
}

function decodeDuration(text: string): number {
  const step = Number.parseInt(text, 36);
  return step > 0 ? Math.exp((step - 1) / 100) : 0;
}

function shifted(texts: readonly string[], by: number, most: number, empty: string): string[] {
  const added = Array<string>(Math.min(by, most)).fill(empty);
  return [...texts, ...added].slice(-most);
}

function splitSlots(slots: string): string[] {
  return slots.match(/.{3}/g) ?? [];
}
