import { describe, expect, it, test } from "vitest";
import { sites as sitesSchema } from "../../functions/check-sites/config/sites.ts";
import { sitesCost as costOfSites, ITEM_WRITES } from "../../functions/check-sites/deploy/cost.ts";
import { emptyHistory, remember } from "../../functions/check-sites/state/uptime.ts";
import { eventsCost, MODES } from "../../functions/ingest-events/deploy/cost.ts";
import { nodePoolsCost } from "../../functions/scale-node-pools/deploy/cost.ts";
import { findAutomations } from "../../scripts/automations.ts";
import { bill } from "../../scripts/cost/bill.ts";
import { monitoringCost } from "../../scripts/cost/monitoring-cost.ts";
import { emptyServiceCost, moreOfEach } from "../../scripts/cost/more-of-each.ts";
import { sumOf } from "../../shared/cost/cost-line.ts";
import { PRICES } from "../../shared/cost/prices.ts";
import { nodePools } from "../../shared/node-pools/policy.ts";
import { AUTOMATIONS, configIn, configWith, INFO, watched } from "./watched.ts";

const sitesCost = (sites: Parameters<typeof costOfSites>[0]) => costOfSites(sites, INFO);

const sites = (count: number, section: object = {}) =>
  sitesSchema.parse({
    list: Object.fromEntries(
      Array.from({ length: count }, (_, at) => [`s${at}`, { url: "https://a.example" }]),
    ),
    ...section,
  });

describe("sites", () => {
  const metrics = (section: object) =>
    sitesCost(sites(1, section)).find(({ what }) => what.includes("metrics"))?.usd ?? 0;

  it("cost two metrics each", () => {
    expect(metrics({}) - metrics({ list: {} })).toBeCloseTo(2 * 0.3);
    expect(metrics({}) - metrics({ list: { a: { url: "http://a.example" } } })).toBeCloseTo(0);
  });

  it("cost five more with their phases as metrics, and one for a certificate", () => {
    const phased = (list: object) => metrics({ list, phaseMetrics: true });
    expect(phased({ a: { url: "http://a.example" } }) - phased({})).toBeCloseTo(7 * 0.3);
    expect(phased({ a: { url: "https://a.example" } }) - phased({})).toBeCloseTo(8 * 0.3);
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

  test("an item with 90 days of history takes as many write units as the cost is calculated with", () => {
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
    const of = (pool: object) =>
      nodePoolsCost(nodePools.parse({ p: { autoScalingGroups: ["g"], ...pool } }), INFO);
    const insights = of({ containerInsights: "main" }).find(({ what }) => what.includes("Insights"))?.usd;
    expect(insights).toBeCloseTo(2 * (43_800 * PRICES.cloudwatchMetricRequested + 0.1));
    expect(of({ cluster: "main" }).find(({ what }) => what.includes("Insights"))?.usd).toBe(0);
  });
});

describe("a million events", () => {
  it.each(MODES)("in mode %s cost their write units first of all", (mode) => {
    const [writes, ...others] = eventsCost(mode, INFO);
    expect(writes?.usd).toBeCloseTo(0.625);
    expect(sumOf(others)).toBeLessThan(0.2);
  });
});

describe("watching Reflex itself", () => {
  it("costs ten cents for every metric of every alarm, and the dashboard", async () => {
    const { alarms, composites } = await watched();
    const maths = alarms.flatMap(({ of }) =>
      "expression" in of ? [Object.keys(of.metrics).length - 1] : [],
    );
    // A query by resource finds nothing at rest.
    const billed = alarms.filter(({ of }) => !("query" in of)).length;
    const metrics = billed + maths.reduce((sum, more) => sum + more, 0);
    expect(sumOf(monitoringCost({ alarms, composites }, { dashboard: true }))).toBeCloseTo(
      metrics * 0.1 + composites.length * 0.5 + 3,
    );
  });
});

describe("at rest it costs next to nothing", () => {
  const total = (sections: object) =>
    sumOf(bill(configWith({ mode: "act", ...sections }), INFO).flatMap(({ lines }) => lines));

  it("an empty config", () => {
    expect(total({})).toBeLessThanOrEqual(0.5);
  });

  it("one named stream, watched", () => {
    expect(total({ streams: { orders: { max: 10 } } })).toBeLessThanOrEqual(3);
  });

  it.each([
    ["a stream that is named", 1],
    ["a site with TLS", 0.75],
    ["a node pool", 1],
    ["a landed stream", 1.3],
  ])("%s more", async (what, most) => {
    const more = moreOfEach(await findAutomations(process.cwd()), INFO);
    expect(more.find((line) => line.what === what)?.usd).toBeLessThanOrEqual(most);
  });

  it("watching Reflex itself, however many automations: all but what each landed stream and node pool has of its own", async () => {
    const { alarms, composites } = await watched();
    // Quarantine and routes are deployed for a config that has some, approvals where people are asked.
    const ofTheService = alarms.filter(
      ({ name, title, nestedIn }) =>
        nestedIn === undefined &&
        !/^(deliver-notifications|approve-changes)-/.test(name) &&
        !["Quarantine not empty", "Failed batches", "Notifications undelivered"].includes(title),
    );
    const usd = sumOf(monitoringCost({ alarms: ofTheService, composites }, { dashboard: false }));
    expect(usd).toBeLessThanOrEqual(1.5);
  });
});

describe("the bill", () => {
  it("has the lines of every automation", async () => {
    const config = await configIn("test/e2e/setup/everything.yml");
    const lines = bill(config, INFO).flatMap((part) => part.lines);
    const own = config.automations.flatMap((automation) => automation.cost(INFO));
    expect(own.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "reshard-streams",
        "check-sites",
        "scale-node-pools",
        "drain-nodes",
        "ingest-events",
      ]),
    );
    expect(lines).toEqual(expect.arrayContaining(own.flatMap((part) => part.lines)));
    expect(lines.filter(({ usd }) => !(usd >= 0))).toEqual([]);
  });

  it("has the shards of streams that the stack creates", async () => {
    const created = bill(await configIn("config/dev.yml"), INFO).find(({ name }) => name.includes("creates"));
    expect(sumOf(created?.lines ?? [])).toBeCloseTo(2 * 10.95);
  });

  it("is higher with one more of each", () => {
    expect(emptyServiceCost(AUTOMATIONS, INFO)).toBe(0);
    const more = moreOfEach(AUTOMATIONS, INFO);
    expect(more.length).toBe(new Set(AUTOMATIONS.map(({ config }) => config.section)).size);
    expect(more.filter(({ usd }) => !(usd > 0))).toEqual([]);
  });
});
