import type { Automation } from "../../shared/automation/automation.ts";
import { SERVICE_SECTIONS } from "./service-sections.ts";

/** The README's table of automations. */
export const automationsTable = (automations: readonly Automation[]): string =>
  [
    "| automation | what triggers it | what it does |",
    "|---|---|---|",
    ...automations.map(
      ({ name, triggeredBy, summary }) =>
        `| [${name}](functions/${name}/README.md) | ${triggeredBy} | ${summary} |`,
    ),
  ].join("\n");

/** The README's table of the automations' sections. */
export function sectionsTable(automations: readonly Automation[]): string {
  const bySection = Map.groupBy(automations, ({ config }) => config.section);
  const rows = [...bySection].map(([section, sharing]) => {
    const pages = sharing.map(({ name }) => `[${name}](functions/${name}/README.md)`);
    return `| \`${section}\` | ${sharing[0]?.config.describes} | ${pages.join(", ")} |`;
  });
  return [
    "| section | what it names | every key |",
    "|---|---|---|",
    ...SERVICE_SECTIONS.map(({ section, describes, page }) => `| \`${section}\` | ${describes} | ${page} |`),
    ...rows,
  ].join("\n");
}

/** The runbook's list of pages, one an automation that has one. */
export const runbookPages = (automations: readonly Automation[]): string =>
  automations
    .flatMap(({ name, runbook }) =>
      runbook === undefined ? [] : [`- [${name}](${runbook.replace("docs/", "")})`],
    )
    .join("\n");

/** The runbook's table of what a pause means. */
export const whenPausedTable = (automations: readonly Automation[]): string =>
  [
    "| automation | while it is paused |",
    "|---|---|",
    ...automations.map(
      ({ name, whenPaused }) =>
        `| \`${name}\` | ${whenPaused ?? "is not paused: it changes nothing that others run"} |`,
    ),
  ].join("\n");
