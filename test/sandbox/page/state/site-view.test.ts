import { describe, expect, it } from "vitest";
import { createMetricStore } from "../../../../sandbox/cloudwatch/metrics/store.ts";
import { lastMinutes } from "../../../../sandbox/page/state/minutes.ts";
import { type SiteSwitch, siteViews } from "../../../../sandbox/page/state/site-view.ts";

const NOW = Date.parse("2030-01-01T12:00:30Z");

const STATE = {
  tick: NOW,
  level: "DOWN",
  since: NOW - 60_000,
  recent: "UUD",
  unknownRun: 0,
  findings: [{ severity: "down", reason: "status", text: "status is 500, expected 200" }],
};

const item = (name: string, state: object) => ({
  pk: { S: `site/${name}` },
  body: { S: JSON.stringify(state) },
});

const switched = (name: string): SiteSwitch => ({
  name,
  behaviours: [{ id: "well", label: "well" }],
  current: () => "well",
  behave: async () => {},
});

const views = (
  items: readonly unknown[],
  switches: readonly SiteSwitch[] = [],
  metrics = createMetricStore(),
) => siteViews(items, switches, metrics, lastMinutes(NOW));

describe("a site", () => {
  it("has the state check-sites keeps, with what it found", () => {
    expect(views([item("shop", STATE)])).toMatchObject([
      {
        name: "shop",
        state: "DOWN",
        since: NOW - 60_000,
        recent: "UUD",
        findings: ["status is 500, expected 200"],
      },
    ]);
  });

  it("is UNKNOWN after five UNKNOWN checks in a row", () => {
    expect(views([item("shop", { ...STATE, unknownRun: 5 })])).toMatchObject([{ state: "UNKNOWN" }]);
  });

  it("has its response time from the metric", () => {
    const metrics = createMetricStore();
    metrics.put(
      "Reflex",
      "Duration",
      { service: "check-sites", Site: "shop" },
      { value: 120 },
      "Milliseconds",
      NOW,
    );
    expect(views([item("shop", STATE)], [], metrics)[0]).toMatchObject({ durationMs: 120 });
  });

  it("of the sandbox's own is shown before its first check", () => {
    expect(views([], [switched("login")])).toMatchObject([
      { name: "login", state: "NOT CHECKED", behaves: "well" },
    ]);
  });

  it("comes once, with its behaviours, where it is the sandbox's own and was checked", () => {
    expect(views([item("shop", STATE)], [switched("shop")])).toMatchObject([
      { name: "shop", state: "DOWN", behaviours: [{ id: "well" }] },
    ]);
  });

  it("is not what else is in the table", () => {
    expect(views([{ pk: { S: "monitor" }, body: { S: "{}" } }, item("odd", { level: "SIDEWAYS" })])).toEqual(
      [],
    );
  });
});
