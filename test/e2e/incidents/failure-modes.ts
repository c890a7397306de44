import { anchorOf } from "../../docs/anchor.ts";
import type { Command, Heard, Incident } from "./incident.ts";

const WHO: Readonly<Record<Heard["who"], string>> = {
  page: "page",
  ticket: "ticket",
  notification: "notification",
};

/** The table of docs/failure-modes.md, of what each incident's test has found. */
export function failureModeTable(incidents: readonly Incident[]): string {
  return [
    "| component | failure | notified after | by | what to do |",
    "| --- | --- | --- | --- | --- |",
    ...incidents.flatMap(({ component, failure, heard, runbook }) => {
      const link = `[${runbook}](runbook.md#${anchorOf(runbook)})`;
      if (heard.length === 0)
        return [`| ${component} | ${failure} | nobody | the next run makes it good | nothing |`];
      return heard.map(
        ({ who, what, afterMinutes }, at) =>
          `| ${at === 0 ? component : ""} | ${at === 0 ? failure : ""} | ${afterMinutes} min | ${WHO[who]}: ${shown(what)} | ${at === 0 ? link : ""} |`,
      );
    }),
  ].join("\n");
}

const STOPPED: Readonly<Record<Incident["stoppedBy"], string>> = {
  pause: "[`reflex pause`](runbook.md#stop-it)",
  "disabled mapping": "[its mapping, disabled](runbook/ingest-events.md#stop-it)",
  "nothing to stop": "nothing is going on",
};

/**
 * The table of how the cause is found, and what is stopped and undone.
 *
 * @param runbook the text of docs/runbook.md
 */
export function causeTable(incidents: readonly Incident[], runbook: string): string {
  return [
    "| failure | its cause is shown by | repaired by | stopped by | undone by |",
    "| --- | --- | --- | --- | --- |",
    ...incidents.map(({ failure, look, repair, stoppedBy, runbook: heading }) => {
      const repaired = repair ? asRun(repair) : "the end of its cause";
      return `| ${failure} | ${asRun(look)} | ${repaired} | ${STOPPED[stoppedBy]} | ${undoOf(sectionOf(heading, runbook))} |`;
    }),
  ].join("\n");
}

const asRun = ({ written, values }: Command): string =>
  `\`${Object.entries(values)
    .filter(([name]) => name !== "<stage>")
    .reduce((text, [name, value]) => text.replaceAll(name, value), written)}\``;

/** What stands under a heading, in one line. */
export const sectionOf = (heading: string, runbook: string): string =>
  (runbook.split(`\n### ${heading}\n`)[1]?.split(/\n##/)[0] ?? "").replace(/\s+/g, " ");

/** The first sentence of what the section says of undoing. */
const undoOf = (section: string): string => /- \*\*Undo\*\*: ([^.;]+)/.exec(section)?.[1] ?? "";

const shown = (what: Heard["what"]): string =>
  typeof what === "string"
    ? `\`${what}\``
    : what.source
        .replaceAll("\\", "")
        .replace(/^\^/, "")
        .replaceAll(/ ?\.\* ?/g, " … ");
