import type { QueueView, TableView } from "../../state/state.ts";
import { h, type View } from "../parts/dom.ts";
import { figure } from "../parts/words.ts";

/** What is kept: tables with their items, queues with the messages nobody has taken. */
export function storesSection(tables: readonly TableView[], queues: readonly QueueView[]): View {
  return h(
    "section",
    { key: "stores", "aria-labelledby": "stores" },
    h("h2", { id: "stores" }, "Tables and queues"),
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, h("th", {}, "Name"), h("th", { class: "number" }, "Items or messages"))),
      h(
        "tbody",
        {},
        tables.map(({ name, items }) => row("table", name, items)),
        queues.map(({ name, messages }) => row("queue", name, messages)),
      ),
    ),
  );
}

function row(kind: string, name: string, count: number): View {
  return h(
    "tr",
    { key: `${kind} ${name}`, [`data-${kind}`]: name },
    h("td", {}, h("span", { class: "muted" }, `${kind} `), h("span", { class: "id" }, name)),
    h("td", { class: "number" }, figure(count)),
  );
}
