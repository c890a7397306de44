import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { streamPolicy, streamPolicyKeys } from "../../../functions/reshard-streams/config/policy.ts";
import { scanIntervalMinutes } from "../../../functions/reshard-streams/config/streams.ts";

const readme = readFileSync("functions/reshard-streams/README.md", "utf8");

test("the README's policy table lists every key with the default the code has", () => {
  const table = readme.slice(readme.indexOf("## Policy"), readme.indexOf("## How it decides"));
  const rows = [...table.matchAll(/^\| `([a-zA-Z.]+)` +\| ([^|]+) \|/gm)].map(
    ([, key = "", value = ""]) => [key, value.trim()] as const,
  );
  const { shardCapacity, ...defaults } = streamPolicy.parse({ max: 1 });
  const keys = Object.keys(streamPolicyKeys.def.shape);
  const inCode = keys.flatMap((key): [string, string][] => {
    if (key === "shardCapacity")
      return Object.entries(shardCapacity).map(([unit, value]) => [`${key}.${unit}`, String(value)]);
    const said: Record<string, string> = {
      max: "required",
      mode: "the file's `mode`",
      create: "none",
      windows: "none",
      scanIntervalMinutes: String(scanIntervalMinutes("orders", streamPolicy.parse({ max: 1 }))),
      // Read as milliseconds.
      askFor: `${defaults.askFor / 60_000}m`,
    };
    return [[key, said[key] ?? String(Reflect.get(defaults, key))]];
  });
  expect(new Map(rows)).toEqual(new Map(inCode));
});

test("the README explains every verdict", () => {
  const source = readFileSync("functions/reshard-streams/model/decision.ts", "utf8");
  const union = /export type Verdict =([^;]+);/.exec(source)?.[1] ?? "";
  const verdicts = [...union.matchAll(/"([a-z-]+)"/g)].map(([, verdict]) => verdict);
  expect(verdicts.length).toBeGreaterThan(20);
  const explained = [...readme.slice(readme.indexOf("| verdict ")).matchAll(/`([a-z-]+)`/g)].map(
    ([, name]) => name,
  );
  expect(verdicts.filter((verdict) => !explained.includes(verdict))).toEqual([]);
});
