import { escapeHtml } from "../../../shared/html/escape-html.ts";
import { largest } from "../alternatives.ts";
import type { SimulatedChange } from "../simulate.ts";
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

/** Changes that one mark stands for. */
export interface Mark {
  readonly changes: readonly SimulatedChange[];
  /** What hover and focus show. */
  readonly text: string;
}

export function marksOf({ one, result }: Backtest): Mark[] {
  const { from } = one.history;
  const pixel = (at: number) => ((at - from) / 60_000 / one.offered.length) * COLUMNS;
  const groups: SimulatedChange[][] = [];
  for (const change of result.changes) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    const sameWay = last && Math.sign(last.to - last.from) === Math.sign(change.to - change.from);
    if (group && last && sameWay && pixel(change.at) - pixel(last.at) < ONE_MARK_PIXELS) group.push(change);
    else groups.push([change]);
  }
  return groups.map((changes) => ({ changes, text: markText(changes) }));
}

function markText(changes: readonly SimulatedChange[]): string {
  const [first, last] = [changes[0], changes.at(-1)];
  if (!first || !last) return "";
  const calls = changes.length === 1 ? first.kind : `${changes.length} changes until ${time(last.at)}`;
  return `${time(first.at)}: ${first.from} to ${last.to} shards (${calls}), ${first.verdict}: ${first.reason}`;
}

/** The plot as SVG. Its marks are one stop of the keyboard: the page's script moves among them by arrow keys. */
export function plotSvg(backtest: Backtest, marks: readonly Mark[]): string {
  const { one, result } = backtest;
  const minutes = one.offered.length;
  const columns = Math.min(COLUMNS, minutes);
  const inColumns = (values: readonly number[], of: (some: readonly number[]) => number) =>
    Array.from({ length: columns }, (_, column) =>
      of(
        values.slice(
          Math.floor((column * minutes) / columns),
          Math.floor(((column + 1) * minutes) / columns),
        ),
      ),
    );
  const sum = (some: readonly number[]) => some.reduce((total, each) => total + each, 0);
  const demand = inColumns(one.demand, largest);
  const open = inColumns(result.open, largest);
  const refused = inColumns(result.delayed, sum);
  const top = niceCeiling(Math.max(largest(demand), largest(open)) * 1.05);
  const topRefused = niceCeiling(largest(refused));
  const x = (column: number) => (LEFT + (column * COLUMNS) / columns).toFixed(1);
  const y = (shards: number) => (TOP + UPPER - (shards / top) * UPPER).toFixed(1);
  const floor = TOP + UPPER + GAP + LOWER;
  const steps = (values: readonly number[]) =>
    values
      .map((value, column) => `${column === 0 ? "M" : "L"}${x(column)},${y(value)}H${x(column + 1)}`)
      .join("");
  const bars = refused.flatMap((value, column) =>
    value < 0.5
      ? []
      : [
          `M${x(column)},${floor}V${(floor - Math.max(2, (value / topRefused) * LOWER)).toFixed(1)}H${(Number(x(column + 1)) + 0.6).toFixed(1)}V${floor}Z`,
        ],
  );
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="group" aria-label="Demand, capacity and refused records over time">
${grid(top, y)}
${days(backtest)}
<path class="demand" d="${steps(demand)}L${x(columns)},${y(0)}L${x(0)},${y(0)}Z"/>
<path class="capacity" d="${steps(open)}"/>
<path class="refused" d="${bars.join("")}"/>
<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${floor}" y2="${floor}"/>
<text x="${LEFT}" y="${TOP + UPPER + GAP - 8}">refused records${topRefused > 0 ? `, up to ${Math.round(largest(refused)).toLocaleString("en-US")} in ${perColumn(minutes, columns)}` : ": none"}</text>
${marks.map((mark, index) => markSvg(mark, index, backtest, y)).join("\n")}
</svg>`;
}

function markSvg(
  { changes, text }: Mark,
  index: number,
  { one }: Backtest,
  y: (shards: number) => string,
): string {
  const [first, last] = [changes[0], changes.at(-1)];
  if (!first || !last) return "";
  const at = LEFT + ((first.at - one.history.from) / 60_000 / one.offered.length) * COLUMNS;
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

/** A line and a date at each midnight; with many days at each second one, and so on. */
function days({ one }: Backtest): string {
  const { from, to } = one.history;
  const dayMs = 86_400_000;
  const every = Math.max(1, Math.ceil((to - from) / dayMs / 15));
  const first = Math.ceil(from / dayMs);
  const last = Math.floor((to - 1) / dayMs);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index)
    .filter((day) => (day - first) % every === 0)
    .map((day) => {
      const x = (LEFT + ((day * dayMs - from) / (to - from)) * COLUMNS).toFixed(1);
      const label = new Date(day * dayMs).toISOString().slice(5, 10);
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
