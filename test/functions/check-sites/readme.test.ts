import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { sectionKeys, sitePolicy, sitesOptions } from "../../../functions/check-sites/config/policy.ts";
import { compileSite } from "../../../functions/check-sites/config/site.ts";
import { OPERATORS } from "../../../functions/check-sites/evaluate/operators.ts";
import { SUBJECT_NAMES } from "../../../functions/check-sites/evaluate/subjects.ts";
import { OWN_REASONS, REASONS } from "../../../functions/check-sites/probe/net/reasons.ts";

const readme = readFileSync("functions/check-sites/README.md", "utf8");
const section = (title: string) => readme.split(`## ${title}\n`)[1]?.split("\n## ")[0] ?? "";
const rows = (text: string) =>
  [...text.matchAll(/^\| `([^|]+)` \| ([^|]*) \|/gm)].map(
    ([, key = "", value = ""]) => [key, value.trim()] as const,
  );

describe("the README", () => {
  test("lists every key of a site and of the section, and no other", () => {
    const keys = [...Object.keys(sitePolicy.def.shape), ...Object.keys(sectionKeys.def.shape)];
    expect(
      rows(section("Policy"))
        .map(([key]) => key)
        .sort(),
    ).toEqual(keys.filter((key) => key !== "list").sort());
  });
  test("gives the defaults the code has", () => {
    const defaults = new Map(rows(section("Policy")));
    const compiled = compileSite("shop", { url: "https://shop.example.com" });
    if (!("site" in compiled) || compiled.site.endpoint.kind !== "http")
      throw new Error("the site does not compile");
    const { site } = compiled;
    const { endpoint } = compiled.site;
    const { concurrency, perInvocation, suspectAtMostMinutes } = sitesOptions.parse({});
    expect(Object.fromEntries([...defaults].filter(([, value]) => /^(\d+|GET|first)$/.test(value)))).toEqual({
      method: endpoint.method,
      addresses: site.addresses,
      redirects: String(endpoint.redirects),
      timeoutSeconds: String(site.timeoutMs / 1000),
      maxBodyBytes: String(endpoint.maxBodyBytes),
      intervalSeconds: String(site.intervalMs / 1000),
      retries: String(site.retries),
      downAfter: String(site.downAfter.count),
      upAfter: String(site.upAfter.count),
      remindAfterMinutes: String(site.remindAfterMs / 60_000),
      concurrency: String(concurrency),
      perInvocation: String(perInvocation),
      suspectAtMostMinutes: String(suspectAtMostMinutes),
    });
  });
  test("explains every reason", () => {
    const named = [...section("Verdicts and reasons").matchAll(/`([a-z-]+)`/g)].map(([, name]) => name);
    expect([...REASONS, ...OWN_REASONS].filter((reason) => !named.includes(reason))).toEqual([]);
  });
  test("explains every subject and operator", () => {
    const conditions = section("Conditions");
    const missing = [...SUBJECT_NAMES, ...Object.keys(OPERATORS)].filter(
      (name) => !conditions.includes(`\`${name}\``),
    );
    expect(missing).toEqual([]);
  });
  test("has only examples of conditions that compile", () => {
    const [table = ""] = section("Conditions").split("| operator |");
    // In a table a bar is written \\|.
    const lines = table.split("\n").filter((line) => line.startsWith("| `"));
    const examples = lines.flatMap((line) => {
      const [, , column = ""] = line.split(/(?<!\\)\|/);
      return [...column.matchAll(/`([^`]+ [^`]+)`/g)].map(([, text = ""]) => text.replaceAll("\\|", "|"));
    });
    const wrong = examples.filter((text) => {
      const url = text.startsWith("answer") ? "dns:example.com" : "https://shop.example.com";
      return "problems" in compileSite("shop", { url, conditions: [text] });
    });
    expect(examples.length).toBeGreaterThan(9);
    expect(wrong).toEqual([]);
  });
});
