import { escapeHtml } from "../../../../shared/html/escape-html.ts";
import { DAYS, SLOTS } from "../../state/uptime.ts";
import type { SiteStatus } from "../document.ts";

/**
 * The two charts of a site, as SVG. All bars of one kind are one path: a page of 1,000 sites would otherwise have
 * 90,000 elements.
 */

/** A bar is drawn as a line; style.ts makes it two thirds of the step wide. */
const BAR = { step: 6, height: 30 };
const LINE = { width: 288, height: 36 };
/** The line has a point for so many slots, the slowest of them: 15 minutes. */
export const SLOTS_A_POINT = 3;

/**
 * What a day was: `down` and `degraded` had an incident that was notified, `failed` single failed checks only.
 * Each kind has a height of its own, so that colour alone distinguishes none.
 */
export type DayKind = "good" | "failed" | "degraded" | "down" | "unknown" | "none";

const HEIGHTS: Readonly<Record<DayKind, number>> = {
  down: 30,
  degraded: 22,
  failed: 16,
  good: 10,
  unknown: 5,
  none: 2,
};

export const DAY_WORDS: Readonly<Record<DayKind, string>> = {
  good: "no failed check",
  failed: "single failed checks",
  degraded: "degraded",
  down: "down",
  unknown: "not known",
  none: "not checked",
};

/** A bar a day, the newest at the right; days before the first check are nearly flat. */
export function dayBars({ name, days, availability }: SiteStatus): string {
  const { counts } = days;
  const kinds = Array.from({ length: DAYS }, (_, index) => kindOfDay(days, counts.length - DAYS + index));
  const paths = new Map<DayKind, string>();
  kinds.forEach((kind, index) => {
    const x = index * BAR.step + BAR.step / 2;
    paths.set(kind, `${paths.get(kind) ?? ""}M${x} ${BAR.height}v-${HEIGHTS[kind]}`);
  });
  const bad = (["down", "degraded", "failed"] as const).flatMap((kind) => {
    const number = kinds.filter((one) => one === kind).length;
    return number === 0 ? [] : [`${number} ${number === 1 ? "day" : "days"} ${DAY_WORDS[kind]}`];
  });
  const label = [`${name}: ${share(availability)} in 90 days`, ...bad].join(", ");
  return (
    `<svg class="bars" role="img" aria-label="${escapeHtml(label)}" viewBox="0 0 ${DAYS * BAR.step} ${BAR.height}" ` +
    'preserveAspectRatio="none">' +
    [...paths].map(([kind, d]) => `<path class="${kind}" d="${d}"/>`).join("") +
    "</svg>"
  );
}

/** A bar of each kind with its word. */
export function legend(): string {
  const kinds = ["good", "failed", "degraded", "down", "unknown"] as const;
  const entries = kinds.map(
    (kind) =>
      `<li><svg class="key" aria-hidden="true" viewBox="0 0 6 ${BAR.height}"><path class="${kind}" d="M3 ${BAR.height}v-${HEIGHTS[kind]}"/></svg>${DAY_WORDS[kind]}</li>`,
  );
  return `<ul class="legend soft" aria-label="What the bars mean">${entries.join("")}</ul>`;
}

export function kindOfDay({ counts, incidents }: SiteStatus["days"], index: number): DayKind {
  const day = counts[index];
  if (!day) return "none";
  const [good, degraded, down, unknown] = day;
  const incident = incidents[index];
  if (incident === "DOWN") return "down";
  if (incident === "DEGRADED") return "degraded";
  if (down + degraded > 0) return "failed";
  if (good > 0) return "good";
  return unknown > 0 ? "unknown" : "none";
}

/** The slowest good answer of each quarter of an hour, over the last day; undefined where there was none. */
export function responsePoints({ lastDay }: SiteStatus): readonly (number | undefined)[] {
  const padded = [...Array<null>(Math.max(0, SLOTS - lastDay.ms.length)).fill(null), ...lastDay.ms];
  return Array.from({ length: padded.length / SLOTS_A_POINT }, (_, point) => {
    const slots = padded.slice(point * SLOTS_A_POINT, (point + 1) * SLOTS_A_POINT);
    const measured = slots.filter((ms) => ms !== null);
    return measured.length > 0 ? Math.max(...measured) : undefined;
  });
}

/** The points as a line, with gaps where there was no answer. */
export function responseLine(site: SiteStatus): string {
  const points = responsePoints(site);
  const known = points.filter((ms) => ms !== undefined);
  const latest = known.at(-1);
  if (latest === undefined) return "";
  const most = Math.max(...known);
  const label = `${site.name}: response time of the last 24 hours, ${duration(latest)} now, ${duration(most)} at most`;
  return (
    `<figure><svg class="line" role="img" aria-label="${escapeHtml(label)}" viewBox="0 0 ${LINE.width} ${LINE.height}" ` +
    `preserveAspectRatio="none"><path d="${lineThrough(points, most)}"/></svg>` +
    `<figcaption><span>24 hours</span><span>${duration(latest)} now · ${duration(most)} at most</span></figcaption></figure>`
  );
}

function lineThrough(points: readonly (number | undefined)[], most: number): string {
  const step = LINE.width / Math.max(1, points.length - 1);
  return points
    .map((ms, index) => {
      if (ms === undefined) return "";
      const isStart = points[index - 1] === undefined;
      const y = LINE.height - 2 - (ms / most) * (LINE.height - 4);
      // A point alone would not be seen: a line without length is, with round ends.
      const alone = isStart && points[index + 1] === undefined ? "h.01" : "";
      return `${isStart ? "M" : "L"}${round(index * step)} ${round(y)}${alone}`;
    })
    .join("");
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

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
