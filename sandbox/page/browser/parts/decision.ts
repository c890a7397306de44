import type { DecisionView } from "../../state/state.ts";
import { h, type View } from "./dom.ts";
import { clockTime } from "./words.ts";

/** The last decision about a resource, in one line; the other reasons open. Its place is kept while there is none. */
export function decisionLine(decision: DecisionView | undefined): View {
  if (!decision) return h("p", { class: "decision muted" }, "Not evaluated yet.");
  const { at, verdict, did, reasons, traceId } = decision;
  const [first = "", ...others] = reasons;
  return h(
    "details",
    { class: "decision" },
    h(
      "summary",
      {},
      h("time", { class: "muted" }, clockTime(at)),
      " ",
      h("b", {}, verdict),
      did !== "nothing" && `: ${did}`,
      first !== "" && `: ${first}`,
    ),
    h(
      "ul",
      {},
      others.map((reason) => h("li", {}, reason)),
      traceId !== undefined && h("li", {}, h("a", { href: `#trace=${traceId}` }, "Trace")),
    ),
  );
}
