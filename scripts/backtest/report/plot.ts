import { escapeHtml } from "../../../shared/html/escape-html.ts";
import { largest } from "../alternatives.ts";
import type { Backtest } from "./report.ts";
import { time } from "./text.ts";

const WIDTH = 1200;
const LEFT = 44;
const RIGHT = 8;
const TOP = 14;
/** The upper panel has demand and capacity, the lower one what was refused. */
const UPPER = 270;
const GAP = 26;
const LOWER = 70;
const HEIGHT = TOP + UPPER + GAP + LOWER + 26;
const COLUMNS = WIDTH - LEFT - RIGHT;

/** Changes in one direction closer than this are one mark: they are steps of one plan. */
const ONE_MARK_PIXELS = 7;

/** One change, as the plot shows it. */
export interface PlotChange {
  readonly at: number;
  readonly kind: string;
  readonly from: number;
  readonly to: number;
  readonly verdict: string;
  readonly reason: string;
}

/** What a plot is drawn from: a value a minute in each series. */
export interface Plot {
  /** Begin and end of the history, ms since the epoch. */
  readonly from: number;
  readonly to: number;
  /** What is demanded and provided: `shards`. */
  readonly unit: string;
  readonly demand: readonly number[];
  readonly capacity: readonly number[];
  /** What the demand did not get, and what that is: `refused records`. */
  readonly lacking: readonly number[];
  readonly lackingName: string;
  readonly changes: readonly PlotChange[];
}

/** Of a stream's backtest. */
export const plotOf = ({ one, result }: Backtest): Plot => ({
  ...{ from: one.history.from, to: one.history.to, unit: "shards" },
  ...{ demand: one.demand, capacity: result.open, lacking: result.delayed },
  ...{ lackingName: "refused records", changes: result.changes },
});

/** Changes that one mark stands for. */
export interface Mark {
  readonly changes: readonly PlotChange[];
  /** What hover and focus show. */
  readonly text: string;
}

export const marksOf = (backtest: Backtest): Mark[] => marksIn(plotOf(backtest));

export function marksIn({ from, demand, changes, unit }: Plot): Mark[] {
  const pixel = (at: number) => ((at - from) / 60_000 / demand.length) * COLUMNS;
  const groups: PlotChange[][] = [];
  for (const change of changes) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    const sameWay = last && Math.sign(last.to - last.from) === Math.sign(change.to - change.from);
    if (group && last && sameWay && pixel(change.at) - pixel(last.at) < ONE_MARK_PIXELS) group.push(change);
    else groups.push([change]);
  }
  return groups.map((changes) => ({ changes, text: markText(changes, unit) }));
}

function markText(changes: readonly PlotChange[], unit: string): string {
  const [first, last] = [changes[0], changes.at(-1)];
  if (!first || !last) return "";
  const calls = changes.length === 1 ? first.kind : `${changes.length} changes until ${time(last.at)}`;
  return `${time(first.at)}: ${first.from} to ${last.to} ${unit} (${calls}), ${first.verdict}: ${first.reason}`;
}

/** The plot as SVG. Its marks are one stop of the keyboard: the page's script moves among them by arrow keys. */
export function plotSvg(plot: Plot, marks: readonly Mark[]): string {
  const minutes = plot.demand.length;
  const columns = Math.min(COLUMNS, minutes);
  const sum = (some: readonly number[]) => some.reduce((total, each) => total + each, 0);
  const demand = inColumns(plot.demand, columns, largest);
  const capacity = inColumns(plot.capacity, columns, largest);
  const lacking = inColumns(plot.lacking, columns, sum);
  const top = niceCeiling(Math.max(largest(demand), largest(capacity)) * 1.05);
  const topLacking = niceCeiling(largest(lacking));
  const x = (column: number) => (LEFT + (column * COLUMNS) / columns).toFixed(1);
  const y = (value: number) => (TOP + UPPER - (value / top) * UPPER).toFixed(1);
  const floor = TOP + UPPER + GAP + LOWER;
  const steps = (values: readonly number[]) =>
    values
      .map((value, column) => `${column === 0 ? "M" : "L"}${x(column)},${y(value)}H${x(column + 1)}`)
      .join("");
  const bars = lacking.flatMap((value, column) =>
    value < 0.5
      ? []
      : [
          `M${x(column)},${floor}V${(floor - Math.max(2, (value / topLacking) * LOWER)).toFixed(1)}H${(Number(x(column + 1)) + 0.6).toFixed(1)}V${floor}Z`,
        ],
  );
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="group" aria-label="Demand, capacity and ${plot.lackingName} over time">
${grid(top, y)}
${times(plot)}
<path class="demand" d="${steps(demand)}L${x(columns)},${y(0)}L${x(0)},${y(0)}Z"/>
<path class="capacity" d="${steps(capacity)}"/>
<path class="refused" d="${bars.join("")}"/>
<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${floor}" y2="${floor}"/>
<text x="${LEFT}" y="${TOP + UPPER + GAP - 8}">${plot.lackingName}${topLacking > 0 ? `, up to ${Math.round(largest(lacking)).toLocaleString("en-US")} in ${perColumn(minutes, columns)}` : ": none"}</text>
${marks.map((mark, index) => markSvg(mark, index, plot, y)).join("\n")}
</svg>`;
}

function markSvg(
  { changes, text }: Mark,
  index: number,
  { from, demand }: Plot,
  y: (value: number) => string,
): string {
  const [first, last] = [changes[0], changes.at(-1)];
  if (!first || !last) return "";
  const at = LEFT + ((first.at - from) / 60_000 / demand.length) * COLUMNS;
  const up = last.to > first.from;
  const base = Number(y(Math.max(first.from, last.to)));
  const shape = up ? `M${at.toFixed(1)},${base - 11}l5,9h-10Z` : `M${at.toFixed(1)},${base - 2}l5,-9h-10Z`;
  return `<g class="mark ${up ? "out" : "in"}" role="img" tabindex="${index === 0 ? 0 : -1}" aria-label="${escapeHtml(text)}"><title>${escapeHtml(text)}</title><circle cx="${at.toFixed(1)}" cy="${base - 6}" r="9"/><path d="${shape}"/></g>`;
}

function grid(top: number, y: (shards: number) => string): string {
  return [0, 0.25, 0.5, 0.75, 1]
    .map((share) => share * top)
    .map(
      (value) =>
        `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}"/><text class="left" x="${LEFT - 6}" y="${Number(y(value)) + 4}">${Number(value.toPrecision(3))}</text>`,
    )
    .join("");
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Lines so far apart are enough. */
const MOST_TICKS = 15;

/** A line and a date at each midnight, and hours between them; with many days at each second one, and so on. */
function times({ from, to }: Plot): string {
  const hours = [1, 3, 6, 12].map((each) => each * HOUR_MS).find((each) => (to - from) / each <= MOST_TICKS);
  const step = hours ?? Math.max(1, Math.ceil((to - from) / DAY_MS / MOST_TICKS)) * DAY_MS;
  const first = hours ? Math.ceil(from / hours) * hours : Math.ceil(from / DAY_MS) * DAY_MS;
  return Array.from({ length: Math.ceil(Math.max(0, to - first) / step) }, (_, index) => first + index * step)
    .map((at) => {
      const x = (LEFT + ((at - from) / (to - from)) * COLUMNS).toFixed(1);
      const text = new Date(at).toISOString();
      const label = at % DAY_MS === 0 ? text.slice(5, 10) : text.slice(11, 16);
      return `<line class="grid" x1="${x}" x2="${x}" y1="${TOP}" y2="${HEIGHT - 26}"/><text x="${x}" y="${HEIGHT - 8}">${label}</text>`;
    })
    .join("");
}

function perColumn(minutes: number, columns: number): string {
  const each = Math.round(minutes / columns);
  return each === 1 ? "a minute" : `${each} minutes`;
}

/** A round number at or above a value, for the top of an axis. */
function niceCeiling(value: number): number {
  if (value <= 0) return 0;
  const unit = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 5, 8, 10].find((times) => times * unit >= value) ?? 10) * unit;
}

/** The values of each column of the plot as one. */
function inColumns(
  values: readonly number[],
  columns: number,
  of: (some: readonly number[]) => number,
): number[] {
  const minutes = values.length;
  return Array.from({ length: columns }, (_, column) =>
    of(
      values.slice(Math.floor((column * minutes) / columns), Math.floor(((column + 1) * minutes) / columns)),
    ),
  );
}
