import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failureModeTable } from "../e2e/incidents/failure-modes.ts";
import { INCIDENTS } from "../e2e/incidents/scenes/incidents.ts";

const DOCS = join(import.meta.dirname, "..", "..", "docs");
const page = readFileSync(join(DOCS, "failure-modes.md"), "utf8");

test("the table of failure modes is that of the incidents that are played end to end", () => {
  expect(page).toContain(failureModeTable(INCIDENTS));
});

test("each names a heading of the runbook", () => {
  const runbook = readFileSync(join(DOCS, "runbook.md"), "utf8");
  const missing = INCIDENTS.filter((incident) => !runbook.includes(`### ${incident.runbook}\n`));
  expect(missing).toEqual([]);
});
