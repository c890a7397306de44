import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { SiteState } from "../../../../functions/check-sites/state/state.ts";
import { statusDocument } from "../../../../functions/check-sites/status-page/document.ts";
import { renderPage } from "../../../../functions/check-sites/status-page/render.ts";
import { NOW, siteNamed, stateDown, stateOfSample } from "./sample.ts";

const documentOf = (states: Record<string, SiteState>, names = Object.keys(states)) =>
  statusDocument(
    "Ours",
    names.map((name) => siteNamed(name)),
    new Map(Object.entries(states)),
    NOW,
    () => false,
  );
const pageOf = (states: Record<string, SiteState>, names?: string[]) => renderPage(documentOf(states, names));

describe("status.json", () => {
  test("says of each site its state, availability, certificate and past", () => {
    const [shop] = documentOf({ shop: stateOfSample() }).sites;
    expect(shop).toMatchObject({
      name: "shop",
      state: "UP",
      since: "2026-02-26T10:00:00Z",
      certificate: { issuer: "Example CA", expires: "2026-03-21T22:00:00Z", days: 20 },
    });
    const checks = (shop?.days.counts ?? []).reduce((sum, [good, , down]) => sum + good + down, 0);
    expect(shop?.availability).toBeCloseTo(1 - 1 / checks);
    expect([shop?.days.counts.length, shop?.lastDay.marks.length, shop?.lastDay.ms.length]).toEqual([
      90, 288, 288,
    ]);
  });
  test("shows an address without its query, in which tokens are kept", () => {
    expect(JSON.stringify(documentOf({ shop: stateOfSample() }))).not.toContain("hidden");
  });
  test("has an open incident with what is found now", () => {
    expect(documentOf({ shop: stateDown() }).sites[0]?.incident).toMatchObject({
      since: "2026-03-01T09:49:00Z",
      worst: "DOWN",
      found: [{ reason: "body" }],
    });
  });
  test("has no incident of a site that has recovered", () => {
    const finding = {
      severity: "down" as const,
      reason: "status" as const,
      text: "status is 500, expected 200",
    };
    const incident = {
      since: NOW - 1000,
      until: NOW,
      worst: "DOWN" as const,
      first: [finding],
      latest: [finding],
    };
    expect(documentOf({ shop: stateOfSample({ incident }) }).sites[0]).not.toHaveProperty("incident");
  });
  test("keeps the order of the config, with sites of which nothing is known yet", () => {
    expect(
      documentOf({ shop: stateOfSample() }, ["new", "shop"]).sites.map(
        ({ name, state }) => `${name} ${state}`,
      ),
    ).toEqual(["new PENDING", "shop UP"]);
  });
});

describe("the page", () => {
  test("says at the top when all is well", () => {
    expect(pageOf({ shop: stateOfSample(), blog: stateOfSample() })).toContain("All 2 sites are up");
  });
  test("says at the top, and in the tab, how many are down", () => {
    const page = pageOf({ shop: stateDown(), blog: stateOfSample() });
    expect(page).toContain("1 of 2 sites is down");
    expect(page).toContain("<title>1 down · Ours</title>");
  });
  test("shows what a site answered as text, never as markup", () => {
    const page = pageOf({ shop: stateDown() });
    expect(page).not.toContain("<img");
    expect(page).toContain("&lt;img src=x onerror=alert(1)&gt;");
  });
  test("loads nothing from anywhere", () => {
    const page = pageOf({ shop: stateDown() });
    expect(page).not.toMatch(/<(link|img|iframe)|src=["']|url\(|@import|https?:\/\/(?!shop\.example\.com)/);
  });
  test("lets only its own script run", () => {
    const page = pageOf({ shop: stateOfSample() });
    const script = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1] ?? "";
    const hash = createHash("sha256").update(script).digest("base64");
    expect(page).toContain(`script-src 'sha256-${hash}'`);
    expect(page).toContain("default-src 'none'");
  });
  test("lists certificates, the first to expire at the top", () => {
    const soon = stateOfSample({
      certificate: { subject: "b", issuer: "Other CA", validTo: NOW + 3 * 86_400_000 },
    });
    const page = pageOf({ a: stateOfSample(), b: soon });
    expect(page.indexOf("Other CA")).toBeLessThan(page.indexOf("Example CA"));
    expect(page).toContain("2026-03-04 (3 days)");
  });
  test("of a thousand sites stays below three megabytes", () => {
    const state = stateOfSample();
    const states = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`site-${index}`, state]));
    expect(pageOf(states).length).toBeLessThan(3_000_000);
  });
});
