import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { StatusPage } from "../../../../functions/check-sites/config/sites.ts";
import type { PastIncident } from "../../../../functions/check-sites/state/past-incidents.ts";
import type { SiteState } from "../../../../functions/check-sites/state/state.ts";
import { renderBadge } from "../../../../functions/check-sites/status-page/badge.ts";
import { statusDocument } from "../../../../functions/check-sites/status-page/document.ts";
import { renderFeed } from "../../../../functions/check-sites/status-page/feed.ts";
import { pageFiles } from "../../../../functions/check-sites/status-page/files.ts";
import { kindOfDay } from "../../../../functions/check-sites/status-page/page/charts.ts";
import { renderIndex } from "../../../../functions/check-sites/status-page/page/index-page.ts";
import { renderSite } from "../../../../functions/check-sites/status-page/page/site-page.ts";
import { INCIDENTS, NOW, pageOf, siteNamed, stateDown, stateOfSample } from "./sample.ts";

const documentOf = (
  states: Record<string, SiteState>,
  names = Object.keys(states),
  { page = pageOf(), incidents = [] }: { page?: StatusPage; incidents?: readonly PastIncident[] } = {},
) =>
  statusDocument({
    page,
    sites: names.map((name) => siteNamed(name)),
    states: new Map(Object.entries(states)),
    incidents,
    now: NOW,
  });
const LOOK = { timeZone: "UTC" };
const indexOf = (states: Record<string, SiteState>, names?: string[]) =>
  renderIndex(documentOf(states, names), LOOK);

describe("the first sentence", () => {
  const overall = (html: string) => /class="overall [A-Z]+" role="status">([^<]*)</.exec(html)?.[1];
  const degraded = stateOfSample({ level: "DEGRADED" });
  const unknown = stateOfSample({ unknownRun: 5 });
  test.each([
    [{}, [], "No site is checked"],
    [{ shop: stateOfSample() }, ["shop"], "The site is up"],
    [{ shop: stateOfSample(), blog: stateOfSample() }, ["shop", "blog"], "All 2 sites are up"],
    [{ shop: stateDown(), blog: stateOfSample() }, ["shop", "blog"], "1 of 2 sites is down"],
    [
      { shop: stateDown(), blog: degraded, wiki: degraded, mail: unknown },
      ["shop", "blog", "wiki", "mail", "new"],
      "1 of 5 sites is down, 2 degraded, 1 unknown, 1 not known yet",
    ],
  ])("counts every kind of site: %#", (states, names, sentence) => {
    expect(overall(indexOf(states, names))).toBe(sentence);
  });
  test("stands alone where no site is checked", () => {
    const html = indexOf({}, []);
    expect(html).not.toContain("All up");
    expect(html).not.toContain("Past incidents");
    expect(html).not.toContain("What the bars mean");
  });
});

test("an open incident leads to its site's page", () => {
  const html = indexOf({ shop: stateDown() });
  const incident = html.slice(
    html.indexOf('aria-label="Open incidents"'),
    html.indexOf("What the bars mean"),
  );
  expect(incident).toContain('<a href="sites/shop.html">shop</a>');
});

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
    expect(indexOf({ shop: stateOfSample(), blog: stateOfSample() })).toContain("All 2 sites are up");
  });
  test("says at the top, and in the tab, how many are down", () => {
    const page = indexOf({ shop: stateDown(), blog: stateOfSample() });
    expect(page).toContain("1 of 2 sites is down");
    expect(page).toContain("<title>1 down · Ours</title>");
  });
  test("shows what a site answered as text, never as markup", () => {
    const page = indexOf({ shop: stateDown() });
    expect(page).not.toContain("<img");
    expect(page).toContain("&lt;img src=x onerror=alert(1)&gt;");
  });
  test("loads nothing from anywhere", () => {
    const page = indexOf({ shop: stateDown() });
    expect(page).not.toMatch(
      /<(img|iframe)|<link(?! rel="alternate")|src=["']|url\(|@import|https?:\/\/(?!shop\.example\.com)/,
    );
  });
  test("lets only its own script run", () => {
    const page = indexOf({ shop: stateOfSample() });
    const script = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1] ?? "";
    const hash = createHash("sha256").update(script).digest("base64");
    expect(page).toContain(`script-src 'sha256-${hash}'`);
    expect(page).toContain("default-src 'none'");
  });
  test("lists certificates, the first to expire at the top", () => {
    const soon = stateOfSample({
      certificate: { subject: "b", issuer: "Other CA", validTo: NOW + 3 * 86_400_000 },
    });
    const page = indexOf({ a: stateOfSample(), b: soon });
    expect(page.indexOf("Other CA")).toBeLessThan(page.indexOf("Example CA"));
    expect(page).toContain("2026-03-04 (3 days)");
  });
  test("of a thousand sites stays below three megabytes", () => {
    const state = stateOfSample();
    const states = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`site-${index}`, state]));
    expect(indexOf(states).length).toBeLessThan(3_000_000);
  });
});

describe("what the page may show", () => {
  const states = { shop: stateDown() };
  const filesOf = (options: object) => {
    const page = pageOf(options);
    const status = documentOf(states, ["shop"], { page, incidents: INCIDENTS });
    return JSON.stringify(pageFiles(status, page, new Set(["shop"])));
  };
  test("is addresses and findings unless the config says otherwise", () => {
    expect(filesOf({})).toMatch(/shop\.example\.com.*onerror/s);
  });
  test("is names only with `show: name`: no file has an address", () => {
    expect(filesOf({ show: "name" })).not.toContain("shop.example.com");
  });
  test("is no finding with `findings: hide`: no file has one", () => {
    const files = filesOf({ findings: "hide" });
    expect(files).not.toMatch(/onerror|expected/);
    expect(files).toContain("body");
  });
});

describe("the files of a run", () => {
  const names = Array.from({ length: 30 }, (_, index) => `s${index}`);
  const status = documentOf(Object.fromEntries(names.map((name) => [name, stateOfSample()])));
  const written = (changed: string[], minute = 0) => {
    const at = new Date(NOW + minute * 60_000).toISOString();
    return pageFiles({ ...status, at }, pageOf(), new Set(changed)).map(({ name }) => name);
  };
  test("are the first page, status.json and the feed; of each site every quarter of an hour a page and a badge", () => {
    expect(written([])).toHaveLength(3 + 2 * 2);
    const all = new Set(Array.from({ length: 15 }, (_, minute) => written([], minute)).flat());
    expect(all.size).toBe(3 + 2 * 30);
  });
  test("have the page and the badge of a site whose state changed at once", () => {
    expect(written(["s7"])).toContain("sites/s7.html");
    expect(written(["s7"])).toContain("badges/s7.svg");
  });
});

describe("the feed", () => {
  const feed = (url?: string) =>
    renderFeed(documentOf({ shop: stateDown() }, ["shop"], { incidents: INCIDENTS }), url);
  test("is well-formed Atom with an entry an incident, open ones too", () => {
    const text = feed("https://status.example.com");
    expect([...text.matchAll(/<title>([^<]*)<\/title>/g)].map(([, title]) => title)).toEqual([
      "Ours",
      "shop is down",
      "shop was degraded for 11 min",
      "shop was down for 11 min",
    ]);
    expect(text).toContain('<link href="https://status.example.com/sites/shop.html"/>');
    expect(text).toContain("&lt;b&gt;");
  });
  test("has the same id for an incident while it is open and when it is over", () => {
    const ids = (incidents: readonly PastIncident[]) =>
      /<entry><id>([^<]*)/.exec(
        renderFeed(documentOf({ shop: stateDown() }, ["shop"], { incidents }), undefined),
      )?.[1];
    const [open] = INCIDENTS;
    expect(open && ids([open])).toBe(open && ids([{ ...open, until: NOW }]));
  });
  test("has no control character, which no XML may have", () => {
    const [open] = INCIDENTS;
    const incidents = open ? [{ ...open, cause: "a\u0000b\u001bc" }] : [];
    expect(renderFeed(documentOf({ shop: stateDown() }, ["shop"], { incidents }), undefined)).toContain(
      "a b c",
    );
  });
});

describe("the badge", () => {
  test("says state and availability in words", () => {
    const [shop] = documentOf({ shop: stateDown() }).sites;
    expect(shop && renderBadge(shop)).toContain('aria-label="shop: down 99.73 %"');
  });
});

describe("a day", () => {
  const shop = documentOf({ shop: stateOfSample() }, ["shop"], { incidents: INCIDENTS }).sites[0];
  test("with an incident is that, with single failed checks only they, whatever the share", () => {
    const at = (daysAgo: number, incidents: readonly PastIncident[]) => {
      const [site] = documentOf({ shop: stateOfSample() }, ["shop"], { incidents }).sites;
      return site && kindOfDay(site.days, site.days.counts.length - 1 - daysAgo);
    };
    expect([at(30, INCIDENTS), at(30, []), at(3, INCIDENTS), at(2, INCIDENTS)]).toEqual([
      "down",
      "failed",
      "degraded",
      "good",
    ]);
  });
  test("is in the site's own page as numbers, and so is each quarter of an hour", () => {
    if (!shop) throw new Error("no site");
    const page = renderSite(
      shop,
      documentOf({ shop: stateOfSample() }, ["shop"], { incidents: INCIDENTS }),
      LOOK,
    );
    expect(
      page.match(/<tr><th scope="row">2026-01-30<\/th><td>down<\/td><td>1<\/td><td>0<\/td><td>1<\/td>/),
    ).not.toBeNull();
    expect(page.match(/<td>\d+ ms<\/td>/g)?.length).toBe(96);
    expect(page).toContain("status is 500, expected 200-299");
  });
});

describe("announcements", () => {
  const shown = (announcements: object[]) =>
    documentOf({}, [], { page: pageOf({ announcements }) }).announcements.map(({ title, severity, from }) => [
      title,
      severity,
      from,
    ]);
  test("without a window are shown always; with one while it is open and for two weeks before", () => {
    expect(
      shown([
        { title: "always" },
        { title: "now", window: "2026-03-01 09:00 - 2026-03-01 11:00 UTC" },
        { title: "soon", window: "2026-03-10 09:00 - 2026-03-10 11:00 UTC" },
        { title: "later", window: "2026-04-10 09:00 - 2026-04-10 11:00 UTC" },
        { title: "over", window: "2026-02-10 09:00 - 2026-02-10 11:00 UTC" },
      ]),
    ).toEqual([
      ["always", "information", undefined],
      ["now", "maintenance", "2026-03-01T09:00:00Z"],
      ["soon", "maintenance", "2026-03-10T09:00:00Z"],
    ]);
  });
});

test("groups are headings of their own, in the config's order, behind the sites without one", () => {
  const sites = [siteNamed("a", { group: "Shops" }), siteNamed("b"), siteNamed("c", { group: "Mail" })];
  const status = statusDocument({ page: pageOf(), sites, states: new Map(), incidents: [], now: NOW });
  const headings = [...renderIndex(status, LOOK).matchAll(/<h[23][^>]*>(?:<a[^>]*>)?([^<]*)/g)].map(
    ([, text]) => text,
  );
  expect(headings).toEqual(["Sites", "b", "Shops", "a", "Mail", "c", "Past incidents, 14 days"]);
});

test("times are in the config's zone where there is no JavaScript", () => {
  expect(renderIndex(documentOf({ shop: stateOfSample() }), { timeZone: "Asia/Tokyo" })).toContain(
    "2026-03-01 19:00 GMT+9",
  );
});

test("a logo is an image in the page itself, and nothing else is let in", () => {
  const page = pageOf({ logo: "data:image/png;base64,AAAA" });
  expect(renderIndex(documentOf({}, [], { page }), { timeZone: "UTC", logo: page.logo })).toContain(
    '<img class="logo" alt="" src="data:image/png;base64,AAAA">',
  );
  expect(() => pageOf({ logo: "https://example.com/logo.png" })).toThrow();
});
