import type { TimelineEntry, TimelineKind } from "../../state/state.ts";
import type { Context } from "../context.ts";
import { h, type View } from "../parts/dom.ts";
import { mark, type Tone } from "../parts/mark.ts";
import { clockTime, figure } from "../parts/words.ts";
import { undoButton } from "./on-call.ts";

/** In the order of the filter. */
const KINDS: readonly { readonly kind: TimelineKind; readonly word: string }[] = [
  { kind: "change", word: "changes" },
  { kind: "decision", word: "decisions without a change" },
  { kind: "alarm", word: "alarms" },
  { kind: "notification", word: "notifications" },
  { kind: "failure", word: "failures" },
];

const OUTCOMES: Readonly<Record<string, Tone>> = {
  applied: "good",
  refused: "bad",
  lost: "bad",
  "in progress": "busy",
};

export function timelineSection(context: Context): View {
  const { timeline } = context.state;
  const { hidden } = context.choices;
  const entries = timeline.filter(({ kind }) => !hidden.has(kind));
  return h(
    "section",
    { key: "timeline", class: "timeline", "aria-labelledby": "timeline" },
    h("h2", { id: "timeline", tabindex: -1 }, "Ledger, decisions and events"),
    h(
      "fieldset",
      { class: "filter" },
      h("legend", { class: "hidden" }, "Shown in the timeline"),
      KINDS.map(({ kind, word }) => filterBox(context, kind, word)),
    ),
    h(
      "ol",
      { class: "entries", tabindex: 0, "aria-label": "Timeline, newest first" },
      entries.length === 0 && h("li", { key: "none", class: "muted" }, "Nothing has happened yet."),
      entries.map((entry) => entryItem(context, entry)),
    ),
  );
}

function filterBox(context: Context, kind: TimelineKind, word: string): View {
  const { hidden } = context.choices;
  const count = context.state.timeline.filter((entry) => entry.kind === kind).length;
  return h(
    "label",
    { key: kind },
    h("input", {
      type: "checkbox",
      checked: !hidden.has(kind),
      on: {
        change: (event) => {
          const box = event.currentTarget;
          if (!(box instanceof HTMLInputElement)) return;
          const others = [...hidden].filter((other) => other !== kind);
          context.choose({ hidden: new Set(box.checked ? others : [...others, kind]) });
        },
      },
    }),
    `${word} `,
    h("span", { class: "muted" }, figure(count)),
  );
}

function entryItem(context: Context, entry: TimelineEntry): View {
  const { id, kind, at, resource = "", title, outcome, reasons, times = 1, trigger, traceId } = entry;
  const [type = "", ...name] = resource.split("/");
  return h(
    "li",
    { key: id, class: `entry ${kind}`, "data-kind": kind },
    h("time", { datetime: new Date(at).toISOString() }, clockTime(at)),
    h(
      "div",
      {},
      h(
        "p",
        {},
        h("span", { class: "muted" }, `${type} `),
        h("span", { class: "id" }, name.join("/")),
        times > 1 && h("span", { class: "muted" }, ` ${figure(times)} times`),
      ),
      h(
        "p",
        { class: "what" },
        kind === "alarm" ? alarmTitle(title) : kind === "failure" ? mark("bad", title) : h("b", {}, title),
        outcome !== undefined && mark(OUTCOMES[outcome] ?? "none", outcome),
        undoButton(context, entry),
      ),
      reasons.length > 0 && reasonsOf(entry),
      (trigger !== undefined || traceId !== undefined) &&
        h(
          "p",
          { class: "muted" },
          trigger !== undefined && `woken by ${trigger}`,
          trigger !== undefined && traceId !== undefined && " · ",
          traceId !== undefined && h("a", { href: `#trace=${traceId}` }, "trace"),
        ),
    ),
  );
}

/** The state it went to says how to take it. */
function alarmTitle(title: string): View {
  const after = title.split("→").at(-1)?.trim();
  return mark(after === "ALARM" ? "bad" : after === "OK" ? "good" : "none", title);
}

/** The deciding reason; the others and the numbers open. */
function reasonsOf({ reasons, evidence = {} }: TimelineEntry): View {
  const [first = "", ...others] = reasons;
  const numbers = Object.entries(evidence);
  if (others.length === 0 && numbers.length === 0) return h("p", { class: "reason", title: first }, first);
  return h(
    "details",
    { class: "reason" },
    h("summary", {}, first),
    h(
      "ul",
      {},
      others.map((reason) => h("li", {}, reason)),
    ),
    numbers.length > 0 &&
      h(
        "dl",
        { class: "evidence" },
        numbers.map(([name, value]) =>
          h(
            "div",
            { key: name },
            h("dt", {}, name),
            h("dd", {}, typeof value === "number" ? figure(value) : String(value)),
          ),
        ),
      ),
  );
}
