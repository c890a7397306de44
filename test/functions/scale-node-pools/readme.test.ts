import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { nodePools } from "../../../shared/node-pools/policy.ts";

const readme = readFileSync("functions/scale-node-pools/README.md", "utf8");
const decision = readFileSync("functions/scale-node-pools/model/decision.ts", "utf8");

const section = (title: string): string => {
  const from = readme.indexOf(`## ${title}`);
  const to = readme.indexOf("\n## ", from + 1);
  return readme.slice(from, to < 0 ? undefined : to);
};

/** The first two columns of a table's rows. */
const rows = (text: string) =>
  [...text.matchAll(/^\| `([A-Za-z-]+)` +\| ([^|]+?) +\|/gm)].map(
    ([, key = "", value = ""]) => [key, value] as const,
  );

const MINUTE = 60_000;

test("the policy table lists every key with the default the code has", () => {
  const { workers } = nodePools.parse({ workers: { autoScalingGroups: ["a"], cluster: "main" } });
  const said = new Map(rows(section("Policy")).map(([key, value]) => [key, value.replace(/^`(.*)`$/, "$1")]));
  expect([...said.keys()].sort()).toEqual([...KEYS].sort());
  for (const [key, value] of Object.entries(workers ?? {})) {
    if (key === "autoScalingGroups" || key === "cluster" || key === "drain") continue;
    expect(said.get(key), key).toBe(written(key, value));
  }
});

/** As it is written in a config. */
function written(key: string, value: unknown): string {
  if (key === "disruptionBudgets") return '[{ nodes: "10%" }]';
  if (typeof value === "object" && value !== null && "percent" in value) return `${value.percent}%`;
  if (typeof value === "number" && value > 0 && value % MINUTE === 0) return `${value / MINUTE}m`;
  if (typeof value !== "object") return String(value);
  return Object.keys(value ?? {}).length === 0 ? "none" : JSON.stringify(value);
}

/** The keys the schema takes: it names them itself when it meets one it does not know. */
const KEYS: readonly string[] = Object.keys(
  nodePools.def.valueType._zod.def.type === "object"
    ? Reflect.get(nodePools.def.valueType._zod.def, "shape")
    : {},
);

test("every verdict is explained", () => {
  const union = /export type Verdict =([\s\S]*?";)/.exec(decision)?.[1] ?? "";
  const verdicts = [...union.matchAll(/\| "([a-z-]+)"/g)].map(([, verdict]) => verdict);
  expect(rows(section("How to read a decision")).map(([key]) => key)).toEqual(
    expect.arrayContaining(verdicts),
  );
  expect(verdicts).toHaveLength(8);
});

test("every warning is explained", () => {
  const union = /export type WarningCode =([\s\S]*?";)/.exec(decision)?.[1] ?? "";
  const codes = [...union.matchAll(/\| "([a-z-]+)"/g)].map(([, code]) => code);
  expect(rows(section("How to read a decision")).map(([key]) => key)).toEqual(expect.arrayContaining(codes));
  expect(codes).toHaveLength(9);
});
