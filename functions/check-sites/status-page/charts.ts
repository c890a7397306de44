import { DAYS, SLOTS } from "../state/uptime.ts";
import type { DayCounts, SiteStatus } from "./document.ts";
import { escapeHtml } from "./escape.ts";

/**
 * The two charts of a site, as SVG. All bars of one colour are one path: a page of 1,000 sites would
 * otherwise have 90,000 elements.
 */

/** A bar is drawn as a line; style.ts makes it two thirds of the step wide. */
const BAR = { step: 6, height: 30 };
const LINE = { width: 288, height: 36 };
/** The line has a point for so many slots, the slowest of them: 15 minutes. */
const SLOTS_A_POINT = 3;

type DayKind = "good" | "degraded" | "down" | "unknown" | "none";

/** A bar a day, the newest at the right; days before the first check are empty. */
export function dayBars({ name, days, availability }: SiteStatus): string {
  const { from, counts } = days;
  const paths = new Map<DayKind, string>();
  for (let index = 0; index < DAYS; index++) {
    const day = counts[counts.length - DAYS + index];
    const kind = day ? kindOf(day) : "none";
    const x = index * BAR.step + BAR.step / 2;
    paths.set(kind, `${paths.get(kind) ?? ""}M${x} 0v${BAR.height}`);
  }
  const label = `${name}: ${share(availability)} in 90 days`;
  // The script reads these two to show the day under the pointer.
  const data = counts.map((day) => day.join(".").replace(/(\.0)+$/, "")).join(" ");
  return (
    `<svg class="bars" role="img" aria-label="${escapeHtml(label)}" viewBox="0 0 ${DAYS * BAR.step} ${BAR.height}" ` +
    `preserveAspectRatio="none" data-from="${from}" data-days="${data}">` +
    [...paths].map(([kind, d]) => `<path class="${kind}" d="${d}"/>`).join("") +
    "</svg>"
  );
}

/** The slowest good answer of each quarter of an hour, over the last day; gaps where there was none. */
export function responseLine({ name, lastDay }: SiteStatus): string {
  const padded = [...Array<null>(Math.max(0, SLOTS - lastDay.ms.length)).fill(null), ...lastDay.ms];
  const points: (number | undefined)[] = [];
  for (let at = 0; at < padded.length; at += SLOTS_A_POINT) {
    const measured = padded.slice(at, at + SLOTS_A_POINT).filter((ms) => ms !== null);
    points.push(measured.length > 0 ? Math.max(...measured) : undefined);
  }
  const known = points.filter((ms) => ms !== undefined);
  const latest = known.at(-1);
  if (latest === undefined) return "";
  const most = Math.max(...known);
  const step = LINE.width / Math.max(1, points.length - 1);
  let d = "";
  points.forEach((ms, index) => {
    if (ms === undefined) return;
    const isStart = points[index - 1] === undefined;
    const y = LINE.height - 2 - (ms / most) * (LINE.height - 4);
    d += `${isStart ? "M" : "L"}${round(index * step)} ${round(y)}`;
    // A point alone would not be seen: a line without length is, with round ends.
    if (isStart && points[index + 1] === undefined) d += "h.01";
  });
  const label = `${name}: response time of the last 24 hours, ${duration(latest)} now, ${duration(most)} at most`;
  return (
    `<figure><svg class="line" role="img" aria-label="${escapeHtml(label)}" viewBox="0 0 ${LINE.width} ${LINE.height}" ` +
    `preserveAspectRatio="none"><path d="${d}"/></svg>` +
    `<figcaption><span>24 hours</span><span>${duration(latest)} now · ${duration(most)} at most</span></figcaption></figure>`
  );
}

/** `99.98 %`; never 100 % when anything failed. */
export function share(availability: number | undefined): string {
  if (availability === undefined) return "no data";
  if (availability === 1) return "100 %";
  return `${(Math.floor(availability * 10_000) / 100).toFixed(2)} %`;
}

export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function kindOf([good, degraded, down, unknown]: DayCounts): DayKind {
  if (down > 0) return "down";
  if (degraded > 0) return "degraded";
  if (good > 0) return "good";
  return unknown > 0 ? "unknown" : "none";
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
