import { describe, expect, it, test } from "vitest";
import { sites as sitesSchema } from "../../functions/check-sites/config/site.ts";
import { emptyHistory, remember } from "../../functions/check-sites/state/uptime.ts";
import { bill } from "../../scripts/bill.ts";
import { sumOf } from "../../scripts/cost-line.ts";
import { eventsCost, MODES } from "../../scripts/ingest-cost.ts";
import { watchCost } from "../../scripts/monitoring-cost.ts";
import { emptyServiceCost, moreOfEach } from "../../scripts/more-of-each.ts";
import { nodePoolsCost } from "../../scripts/node-pools-cost.ts";
import { PRICES } from "../../scripts/prices.ts";
import { ITEM_WRITES, sitesCost } from "../../scripts/sites-cost.ts";
import { streamsCost } from "../../scripts/streams-cost.ts";
import { nodePools } from "../../shared/node-pools/policy.ts";
import { sectionsOf, watched } from "./watched.ts";

const sites = (count: number, section: object = {}) =>
  sitesSchema.parse({
    list: Object.fromEntries(
      Array.from({ length: count }, (_, at) => [`s${at}`, { url: "https://a.example" }]),
    ),
    ...section,
  });

describe("sites", () => {
  it("cost eight metrics each with TLS, and seven without", () => {
    const metrics = (section: object) =>
      sitesCost(sites(1, section)).find(({ what }) => what.includes("metrics"))?.usd ?? 0;
    expect(metrics({}) - metrics({ list: { a: { url: "http://a.example" } } })).toBeCloseTo(0.3);
    expect(metrics({}) - metrics({ list: {} })).toBeCloseTo(8 * 0.3);
  });

  it("are checked by more invocations where the list has more parts", () => {
    const lambda = (count: number) =>
      sitesCost(sites(count, { perInvocation: 10, concurrency: 10 }))[0]?.usd ?? 0;
    expect(lambda(20)).toBeCloseTo(2 * lambda(10));
  });

  it("cost nothing for a status page that nobody asked for", () => {
    expect(sitesCost(sites(1)).some(({ what }) => what.includes("status page"))).toBe(false);
    expect(sitesCost(sites(1, { statusPage: {} })).some(({ what }) => what.includes("status page"))).toBe(
      true,
    );
  });

  test("an item with 90 days of history takes as many write units as are reckoned with", () => {
    let history = emptyHistory(0);
    for (let at = 0; at < 100 * 86_400_000; at += 300_000) {
      history = remember(history, { at, verdict: "UP", duration: 1234, inMaintenance: false });
    }
    // Beside it: the key, the level, when it was checked, the version, no open incident.
    const bytes = JSON.stringify(JSON.stringify(history)).length + 400;
    expect(Math.ceil(bytes / 1024)).toBeLessThanOrEqual(ITEM_WRITES);
  });
});

describe("node pools", () => {
  it("that Container Insights measures cost its metrics and its alarm, and fewer of ours", () => {
    const of = (pool: object) => nodePoolsCost(nodePools.parse({ p: { autoScalingGroups: ["g"], ...pool } }));
    const insights = of({ containerInsights: "main" }).find(({ what }) => what.includes("Insights"))?.usd;
    expect(insights).toBeCloseTo(2 * (43_800 * PRICES.cloudwatchMetricRequested + 0.1));
    expect(of({ cluster: "main" }).find(({ what }) => what.includes("Insights"))?.usd).toBe(0);
  });
});

describe("a million events", () => {
  it.each(MODES)("in mode %s cost their write units first of all", (mode) => {
    const [writes, ...others] = eventsCost(mode);
    expect(writes?.usd).toBeCloseTo(0.625);
    expect(sumOf(others)).toBeLessThan(0.2);
  });
});

describe("watching Reflex itself", () => {
  it("costs ten cents for every metric of every alarm, the dashboard and the key", async () => {
    const { alarms } = await watched();
    const maths = alarms.flatMap(({ of }) =>
      "expression" in of ? [Object.keys(of.metrics).length - 1] : [],
    );
    const metrics = alarms.length + maths.reduce((sum, more) => sum + more, 0);
    expect(sumOf(watchCost({ alarms }))).toBeCloseTo(metrics * 0.1 + 3 + 1);
  });
});

describe("the bill", () => {
  it("has the lines of every automation", async () => {
    const sections = await sectionsOf("test/e2e/everything.yml");
    const lines = bill(sections).flatMap((part) => part.lines);
    expect(lines).toEqual(
      expect.arrayContaining([
        ...streamsCost(sections.streams),
        ...sitesCost(sections.sites),
        ...nodePoolsCost(sections.nodePools),
      ]),
    );
    expect(lines.filter(({ usd }) => !(usd >= 0))).toEqual([]);
  });

  it("has the shards of streams that the stack creates", async () => {
    const sections = await sectionsOf("config/dev.yml");
    const created = bill(sections).find(({ name }) => name.includes("creates"));
    expect(sumOf(created?.lines ?? [])).toBeCloseTo(2 * 10.95);
  });

  it("is higher with one more of each", () => {
    expect(emptyServiceCost()).toBeGreaterThan(0);
    expect(moreOfEach().map(({ usd }) => usd > 0)).toEqual([true, true, true, true]);
  });
});
