import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { drainPolicy } from "../../../shared/node-pools/drain-policy.ts";
import { parseDuration } from "../../../shared/time/duration.ts";

const readme = readFileSync("functions/drain-nodes/README.md", "utf8");

/** The first two columns of the table under a heading. */
function table(heading: string): Map<string, string> {
  const section = readme.slice(readme.indexOf(`## ${heading}`)).split(/\n## /)[0] ?? "";
  const rows = [...section.matchAll(/^\| `([a-zA-Z-]+)` +\| ([^|]+) \|/gm)];
  return new Map(rows.map(([, key = "", value = ""]) => [key, value.trim()]));
}

test("the README lists every key of `drain` with the default the code has", () => {
  const said = [...table("Config")].map(([key, value]) => [
    key,
    /^\d+m$/.test(value) ? parseDuration(value) : value,
  ]);
  const inCode = Object.entries(drainPolicy.parse({})).map(([key, value]) => [
    key,
    typeof value === "boolean" ? String(value) : value,
  ]);
  expect(new Map(said as [string, unknown][])).toEqual(new Map(inCode as [string, unknown][]));
});

test("the README explains every outcome", () => {
  const source = readFileSync("functions/drain-nodes/model/drain.ts", "utf8");
  const union = source.slice(source.indexOf("type NodeOutcome ="), source.indexOf("type NodeReasonCode"));
  const outcomes = [...union.matchAll(/^ +\| "([a-z-]+)"/gm)].map(([, outcome = ""]) => outcome);
  expect(outcomes.length).toBeGreaterThan(5);
  expect([...table("Reading what it says").keys()].toSorted()).toEqual(outcomes.toSorted());
});
