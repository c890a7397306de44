import { h, type View } from "./dom.ts";

/** How a state is to be taken. Each has a shape of its own, so that colour is never the only difference. */
export type Tone = "good" | "warn" | "bad" | "busy" | "none";

const SHAPES: Readonly<Record<Tone, View>> = {
  good: h("path", { d: "M3 8.5 6.5 12 13 4.5", class: "stroke" }),
  warn: h("path", { d: "M8 2 15 14H1Z" }),
  bad: h("path", { d: "M3 3 13 13M13 3 3 13", class: "stroke" }),
  busy: h("path", { d: "M8 2a6 6 0 1 0 6 6", class: "stroke" }),
  none: h("circle", { cx: 8, cy: 8, r: 4.5, class: "stroke thin" }),
};

/** A state: its shape and its word. */
export function mark(tone: Tone, word: string, title?: string): View {
  return h(
    "span",
    { class: `mark ${tone}`, title },
    h("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, SHAPES[tone]),
    word,
  );
}
