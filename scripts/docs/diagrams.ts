import type { Automation } from "../../shared/automation/automation.ts";
import type { DataArrow } from "../../shared/automation/diagram.ts";

/** What triggers whom, as a Mermaid flowchart. */
export function triggersDiagram(automations: readonly Automation[]): string {
  const functions = automations.flatMap((automation) => automation.functions);
  const arrows = automations.flatMap(({ diagram }) => diagram.triggers);
  const sources = [...new Set(arrows.map(({ from }) => from))].filter((from) => !functions.includes(from));
  return flowchart([
    ...sources.map((text) => `${idOf(text)}(["${text}"])`),
    ...functions.map((name) => `${idOf(name)}["${name}"]`),
    ...arrows.map(
      ({ from, to, how }) => `${idOf(from)} -->${how === undefined ? "" : `|${how}|`} ${idOf(to)}`,
    ),
  ]);
}

const SHAPES: Readonly<Record<NonNullable<DataArrow["kind"]> | "service", (text: string) => string>> = {
  service: (text: string) => `["${text}"]`,
  table: (text: string) => `[("${text}")]`,
  queue: (text: string) => `[["${text}"]]`,
  topic: (text: string) => `{{"${text}"}}`,
};

/** What each automation reads and writes, as a Mermaid flowchart. */
export function dataDiagram(automations: readonly Automation[]): string {
  const names = automations.map(({ name }) => name);
  const stores = new Map(
    automations
      .flatMap(({ diagram }) => diagram.data)
      .map((arrow): [string, DataArrow] => [arrow.store, arrow]),
  );
  return flowchart([
    "subgraph functions",
    ...names.map((name) => `  ${idOf(name)}["${name}"]`),
    "end",
    ...[...stores.values()]
      .filter(({ store }) => !names.includes(store))
      .map(({ store, kind }) => `${idOf(store)}${SHAPES[kind ?? "service"](store)}`),
    ...automations.flatMap(({ name, diagram }) => diagram.data.map((arrow) => dataArrow(name, arrow))),
  ]);
}

function dataArrow(name: string, { store, direction, what }: DataArrow): string {
  const label = what === undefined ? "" : `|${what}|`;
  if (direction === "reads") return `${idOf(store)} -->${label} ${idOf(name)}`;
  return `${idOf(name)} ${direction === "both" ? "<-->" : "-->"}${label} ${idOf(store)}`;
}

const flowchart = (lines: readonly string[]): string =>
  ["```mermaid", "flowchart LR", ...lines.map((line) => `  ${line}`), "```"].join("\n");

/** Mermaid reserves words such as `end`; a prefix keeps clear of them. */
const idOf = (text: string): string => `n_${text.replace(/[^a-zA-Z0-9]+/g, "_")}`;
