import type { TableView } from "../state/state.ts";
import { h, type View } from "./dom.ts";
import { figure } from "./words.ts";

export function tablesSection(tables: readonly TableView[]): View {
  return h(
    "section",
    { key: "tables", "aria-labelledby": "tables" },
    h("h2", { id: "tables" }, "Tables"),
    h(
      "table",
      { class: "plain" },
      h("thead", {}, h("tr", {}, h("th", {}, "Table"), h("th", { class: "number" }, "Items"))),
      h(
        "tbody",
        {},
        tables.map(({ name, items }) =>
          h(
            "tr",
            { key: name, "data-table": name },
            h("td", { class: "id" }, name),
            h("td", { class: "number" }, figure(items)),
          ),
        ),
      ),
    ),
  );
}
