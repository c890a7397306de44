import { anchorOf } from "../../docs/anchor.ts";
import type { Heard, Incident } from "./incident.ts";

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

const shown = (what: Heard["what"]): string =>
  typeof what === "string"
    ? `\`${what}\``
    : what.source
        .replaceAll("\\", "")
        .replace(/^\^/, "")
        .replaceAll(/ ?\.\* ?/g, " … ");
