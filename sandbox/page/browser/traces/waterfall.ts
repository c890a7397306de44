import type { TraceRow, TraceView } from "../../state/state.ts";
import { h, type View } from "../parts/dom.ts";
import { mark } from "../parts/mark.ts";
import { clockTime, counted, functionName, span } from "../parts/words.ts";

const WIDTH = 1000;
/** A part that took no time is still to be seen. */
const LEAST = 3;
const STEPS = [0, 0.25, 0.5, 0.75, 1];

/** A trace, each part under the one it is in, along the time it took. Each row opens to what it says. */
export function waterfall(trace: TraceView): View {
  const { id, start, durationMs, rows } = trace;
  return h(
    "div",
    { key: id, class: "waterfall", "data-waterfall": id },
    h(
      "p",
      { class: "waterfall-title" },
      h("b", { class: "id" }, id),
      h(
        "span",
        { class: "muted" },
        ` began ${clockTime(start)}, took ${span(durationMs)}, ${counted(rows.length, "part")}`,
      ),
    ),
    headRow(durationMs),
    rows.map((row) => traceRow(row, durationMs)),
  );
}

/** What the columns are, and the scale of the bars. */
function headRow(total: number): View {
  const anchor = (share: number) => (share === 0 ? "start" : share === 1 ? "end" : "middle");
  return h(
    "div",
    { class: "row head", "aria-hidden": "true" },
    h("span", {}, "Part"),
    h("span", {}, "Call"),
    h(
      "svg",
      { class: "scale" },
      STEPS.map((share) =>
        h("text", { x: `${share * 100}%`, y: 11, "text-anchor": anchor(share) }, span(total * share)),
      ),
    ),
    h("span", { class: "number" }, "Took"),
  );
}

function traceRow(row: TraceRow, total: number): View {
  const { id, depth, name, kind, operation = "", status, durationMs, fault, throttle, cause } = row;
  return h(
    "details",
    { key: id, class: `part ${kind}` },
    h(
      "summary",
      { class: "row" },
      h(
        "span",
        { class: "name", "data-depth": depth },
        h("svg", { class: "indent", width: depth * 14, height: 1, "aria-hidden": "true" }),
        kind === "service" || kind === "function" ? functionName(name) : name,
        kind === "service" && h("span", { class: "muted" }, " Lambda"),
      ),
      h(
        "span",
        { class: "call" },
        fault ? mark("bad", cause ?? "fault") : throttle && mark("warn", "throttled"),
        operation,
        status !== undefined && h("span", { class: "muted" }, ` ${status}`),
        kind === "stage" && brief(row.annotations),
      ),
      bar(row, total),
      h("span", { class: "number" }, durationMs === undefined ? "runs" : span(durationMs)),
    ),
    partDetails(row),
  );
}

/** What a part says, for the open row. */
function partDetails({ annotations, metadata, cause }: TraceRow): View {
  const shown = Object.entries(annotations);
  return h(
    "div",
    { class: "part-details" },
    shown.length === 0 &&
      metadata === undefined &&
      cause === undefined &&
      h("p", { class: "muted" }, "It says no more."),
    cause !== undefined && h("p", {}, mark("bad", cause)),
    shown.length > 0 &&
      h(
        "dl",
        { class: "evidence" },
        shown.map(([key, value]) => h("div", { key }, h("dt", {}, key), h("dd", {}, String(value)))),
      ),
    metadata !== undefined && h("pre", {}, metadata),
  );
}

/** What a stage is about, for the closed row. */
function brief({ resource, decision }: TraceRow["annotations"]): View {
  return h(
    "span",
    {},
    resource !== undefined && h("span", { class: "muted" }, `${resource} `),
    decision !== undefined && h("b", {}, String(decision)),
  );
}

function bar({ startMs, durationMs, fault, throttle, kind }: TraceRow, total: number): View {
  const scale = total > 0 ? WIDTH / total : 0;
  const width = Math.max(LEAST, (durationMs ?? total - startMs) * scale);
  const x = Math.min(WIDTH - width, startMs * scale);
  const state = fault ? "faulty" : throttle ? "throttled" : durationMs === undefined ? "running" : "";
  return h(
    "svg",
    { class: "bar-box", viewBox: `0 0 ${WIDTH} 10`, preserveAspectRatio: "none", "aria-hidden": "true" },
    h("rect", { class: `bar ${kind} ${state}`, x: Math.max(0, x), y: 1, width, height: 8 }),
  );
}
