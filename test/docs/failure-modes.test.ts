import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { causeTable, failureModeTable, sectionOf } from "../e2e/incidents/failure-modes.ts";
import { INCIDENTS } from "../e2e/incidents/scenes/incidents.ts";

const DOCS = join(import.meta.dirname, "..", "..", "docs");
const page = readFileSync(join(DOCS, "failure-modes.md"), "utf8");

test("the table of failure modes is that of the incidents that are played end to end", () => {
  expect(page).toContain(failureModeTable(INCIDENTS));
});

const runbook = readFileSync(join(DOCS, "runbook.md"), "utf8");

test("the table of causes is that of the commands that are run while each incident lasts", () => {
  expect(page).toContain(causeTable(INCIDENTS, runbook));
});

test.each(INCIDENTS)("$failure: its commands stand under its heading as they are run", (incident) => {
  const section = sectionOf(incident.runbook, runbook);
  for (const { written } of [incident.look, ...(incident.repair ? [incident.repair] : [])])
    expect(section).toContain(`\`${written}\``);
  expect(section).toMatch(/- \*\*Undo\*\*: \S/);
});

test("each names a heading of the runbook", () => {
  const missing = INCIDENTS.filter((incident) => !runbook.includes(`### ${incident.runbook}\n`));
  expect(missing).toEqual([]);
});
