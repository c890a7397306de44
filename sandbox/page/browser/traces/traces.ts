import type { TraceSummary } from "../../state/state.ts";
import type { Context } from "../context.ts";
import { h, type View } from "../parts/dom.ts";
import { mark } from "../parts/mark.ts";
import { clockTime, counted, functionName, span } from "../parts/words.ts";
import { serviceMapView } from "./service-map.ts";
import { waterfall } from "./waterfall.ts";

export function tracesSection(context: Context): View {
  const { serviceMap, traces, trace } = context.state;
  const { search, traceId } = context.choices;
  const found = traces.filter((one) => matches(one, search));
  return h(
    "section",
    { key: "traces", class: "traces", "aria-labelledby": "traces" },
    h("h2", { id: "traces" }, "Traces"),
    h(
      "div",
      { class: "trace-parts" },
      serviceMapView(serviceMap),
      h(
        "div",
        { class: "trace-list" },
        searchField(context, `${found.length} of ${traces.length}`),
        h(
          "ol",
          { tabindex: 0, "aria-label": "Traces, newest first" },
          found.map((one) => traceItem(one, one.id === traceId)),
        ),
      ),
    ),
    trace
      ? waterfall(trace)
      : h(
          "p",
          { key: "none", class: "muted waterfall-none" },
          traceId === undefined
            ? "Choose a trace to see what happened in it, call by call."
            : `The trace ${traceId} is not known any more.`,
        ),
  );
}

function searchField(context: Context, result: string): View {
  return h(
    "label",
    { class: "search" },
    h("span", {}, "Find "),
    h("input", {
      type: "search",
      placeholder: "reshard-streams, decision=scale-out, 1-6742…",
      on: {
        input: (event) => {
          const field = event.currentTarget;
          if (field instanceof HTMLInputElement) context.choose({ search: field.value });
        },
      },
    }),
    h("span", { class: "muted" }, result),
  );
}

function matches({ id, functions, annotations }: TraceSummary, search: string): boolean {
  const words = search.toLowerCase().split(/[\s,]+/);
  const text = [id, ...functions, ...annotations].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}

function traceItem(trace: TraceSummary, isOpen: boolean): View {
  const { id, at, durationMs, functions, faults, throttles, segments, annotations } = trace;
  const value = (key: string) =>
    annotations.filter((one) => one.startsWith(`${key}=`)).map((one) => one.slice(key.length + 1));
  const about = [...value("decision"), ...value("resource").slice(0, 2)].join(" ");
  return h(
    "li",
    { key: id },
    h(
      "a",
      { href: `#trace=${id}`, "aria-current": isOpen ? "true" : undefined, "data-trace": id },
      h("time", {}, clockTime(at)),
      h("span", { class: "id" }, functions.map(functionName).join(" → ") || "unfinished"),
      h("span", { class: "about" }, about),
      h("span", { class: "muted number", title: counted(segments, "part") }, span(durationMs)),
      faults > 0
        ? mark("bad", counted(faults, "fault"))
        : throttles > 0
          ? mark("warn", counted(throttles, "throttle"))
          : mark("good", "ok"),
    ),
  );
}
