import { type Child, h, type View } from "./dom.ts";

/**
 * Charts of one value a minute. They are drawn in a box of `MINUTES` x `HEIGHT` units that is stretched to the
 * room there is, so they hold shapes only; what is written stands beside them.
 */
export const HEIGHT = 40;

/** The box a chart of so many minutes is drawn in. */
export function chart(minutes: number, label: string, ...shapes: readonly Child[]): View {
  return h(
    "svg",
    {
      class: "chart",
      viewBox: `0 0 ${minutes} ${HEIGHT}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": label,
    },
    ...shapes,
  );
}

/** The height of a value, from the top of the box, where `most` is its full height. */
const heightOf = (value: number, most: number): number =>
  Math.round((HEIGHT - (Math.max(0, value) / (most || 1)) * (HEIGHT - 2)) * 100) / 100;

/** One bar a minute. `from` are the values the bars stand on. */
export function bars(
  values: readonly number[],
  most: number,
  name: string,
  from: readonly number[] = [],
): View {
  const path = values.map((value, minute) => {
    if (value <= 0) return "";
    const base = from[minute] ?? 0;
    const [top, bottom] = [heightOf(base + value, most), heightOf(base, most)];
    return `M${minute + 0.15} ${bottom}V${top}h0.7V${bottom}Z`;
  });
  return h("path", { class: name, d: path.join("") });
}

/** A line of steps, with gaps where there is no value. */
export function steps(values: readonly (number | null)[], most: number, name: string): View {
  let isOpen = false;
  const path = values.map((value, minute) => {
    if (value === null) {
      isOpen = false;
      return "";
    }
    const height = heightOf(value, most);
    const begun = isOpen ? `V${height}` : `M${minute} ${height}`;
    isOpen = true;
    return `${begun}H${minute + 1}`;
  });
  return h("path", { class: name, d: path.join("") });
}

/** The area below a line of steps. */
export function area(values: readonly (number | null)[], most: number, name: string): View {
  const path = values.map((value, minute) =>
    value === null ? "" : `M${minute} ${HEIGHT}V${heightOf(value, most)}h1V${HEIGHT}Z`,
  );
  return h("path", { class: name, d: path.join("") });
}

/** A level over the whole width. */
export function level(value: number, most: number, minutes: number, name: string): View {
  return h("path", { class: name, d: `M0 ${heightOf(value, most)}H${minutes}` });
}

/** The minute that is read. */
export function cursorLine(minute: number | undefined): View | undefined {
  return minute === undefined ? undefined : h("path", { class: "cursor", d: `M${minute + 0.5} 0V${HEIGHT}` });
}
