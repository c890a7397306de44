import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { statusDocument } from "../../../../functions/check-sites/status-page/document.ts";
import { pageFiles } from "../../../../functions/check-sites/status-page/files.ts";
import { CHROMIUM, FLAGS } from "../../../architecture/chromium.ts";
import { INCIDENTS, NOW, pageOf, siteNamed, stateDown, stateOfSample } from "./sample.ts";

if (CHROMIUM === undefined) {
  console.warn(
    "The status page is not looked at in a browser: no Chromium is installed (apt-get install chromium).",
  );
}

const sites = ["shop", "a-site-with-a-rather-long-name.and-dots-in-it", "blog"].map((name) =>
  siteNamed(name),
);
const states = new Map([
  ["shop", stateDown()],
  ["a-site-with-a-rather-long-name.and-dots-in-it", stateOfSample()],
  ["blog", stateOfSample()],
]);

const PHONE = { width: 360, height: 740 };

describe.skipIf(CHROMIUM === undefined)("the page in Chromium", () => {
  let server: Server;
  let browser: Browser;
  let url: string;
  let checkedAt = Date.now();

  beforeAll(async () => {
    const page = pageOf({
      title: "Example status",
      announcements: [
        { title: "New data centre", window: "2026-03-02 09:00 - 2026-03-02 11:00 UTC", text: "Short cuts." },
        // As long as an address that somebody pastes.
        { title: `See ${"x".repeat(70)}`, text: `https://example.com/${"a-b/".repeat(10)}${"c".repeat(60)}` },
      ],
    });
    server = createServer((request, response) => {
      const status = statusDocument({ page, sites, states, incidents: INCIDENTS, now: NOW });
      const at = new Date(checkedAt).toISOString();
      const files = pageFiles({ ...status, at }, page, new Set(states.keys()));
      const name = (request.url ?? "/").slice(1) || "index.html";
      const file = files.find((one) => one.name === name);
      response.writeHead(file ? 200 : 404, { "content-type": file?.type ?? "text/plain" });
      response.end(file?.content);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    browser = await chromium.launch({ ...(CHROMIUM && { executablePath: CHROMIUM }), args: FLAGS });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** Opens the page; `problems` are errors and warnings of its console, and whatever it asks other hosts for. */
  async function open(
    options: BrowserContextOptions = {},
    path = "",
  ): Promise<{ page: Page; problems: string[] }> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const problems: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
    });
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("request", (request) => {
      if (!request.url().startsWith(url)) problems.push(`asked for ${request.url()}`);
    });
    await page.goto(url + path);
    return { page, problems };
  }
  /** What axe-core finds wrong for people who see little, hear the page, or have no mouse. */
  const barriers = async (page: Page, rules: "all" | "of colours" = "all"): Promise<string[]> => {
    const options = rules === "all" ? {} : { runOnly: ["color-contrast", "link-in-text-block"] };
    if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe.source);
    const found = await page.evaluate(
      `axe.run(${JSON.stringify(options)}).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`,
    );
    return found as string[];
  };
  let shared: ReturnType<typeof open> | undefined;
  /** The page as it opens, for those that only read it: loading it is most of their time. */
  const opened = () => {
    shared ??= open();
    return shared;
  };
  const background = (page: Page) => page.evaluate("getComputedStyle(document.body).backgroundColor");

  test("shows every site with its state, and the open incident", async () => {
    const { page, problems } = await opened();
    expect(await page.locator("section[aria-label=Sites] .card .name").allTextContents()).toEqual(
      sites.map(({ name }) => name),
    );
    expect(await page.locator("section[aria-label=Sites] .state").allTextContents()).toEqual([
      "Down",
      "Up",
      "Up",
    ]);
    expect(await page.locator(".incident li").textContent()).toContain(
      'body is "<img src=x onerror=alert(1)>", expected to contain "ok"',
    );
    expect(await page.locator(".overall").textContent()).toBe("1 of 3 sites is down");
    expect(problems).toEqual([]);
  });
  test("draws 90 bars and the response-time line, each with a text for those who do not see it", async () => {
    const { page } = await opened();
    const bars = page.locator(".bars").first();
    expect(
      await bars.evaluate(
        (svg) =>
          [...svg.querySelectorAll("path")]
            .map((path) => path.getAttribute("d"))
            .join("")
            .match(/M/g)?.length,
      ),
    ).toBe(90);
    expect(await bars.getAttribute("aria-label")).toMatch(
      /^shop: 99\.73 % in 90 days, 2 days down, 1 day degraded$/,
    );
    expect(await page.locator(".line").first().getAttribute("aria-label")).toMatch(
      /^shop: response time of the last 24 hours, \d+ ms now/,
    );
    expect((await page.locator(".line path").first().boundingBox())?.height).toBeGreaterThan(5);
  });
  test.each(["", "sites/shop.html"])(
    "at 390, 1024 and 1440 pixels, light and dark, /%s: nothing is wider than the screen and axe-core finds nothing",
    async (path) => {
      const { page, problems } = await open({}, path);
      const found: unknown[] = [];
      for (const width of [390, 1024, 1440]) {
        await page.setViewportSize({ width, height: 900 });
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          const widest = Number(await page.evaluate("document.documentElement.scrollWidth"));
          // Between light and dark nothing but the colours differs.
          const rules = colorScheme === "light" ? "all" : "of colours";
          const wrong = [...(await barriers(page, rules)), ...(widest > width ? [`is ${widest} wide`] : [])];
          if (wrong.length > 0) found.push({ width, colorScheme, wrong });
        }
      }
      expect(found).toEqual([]);
      expect(problems).toEqual([]);
    },
  );
  test("has every number of its charts in tables that the keyboard opens", async () => {
    const { page } = await open({}, "sites/shop.html");
    await page.locator("#days summary").focus();
    await page.keyboard.press("Enter");
    expect(await page.locator("#days tbody tr").count()).toBe(90);
    expect(await page.locator("#days tbody tr").nth(30).isVisible()).toBe(true);
    expect(await page.locator("#times tbody tr").count()).toBe(96);
  });
  test("distinguishes no kind of day by its colour alone: each has a height of its own", async () => {
    const { page } = await opened();
    const heights = await page
      .locator(".key path")
      .evaluateAll((paths) => paths.map((path) => path.getAttribute("d")?.replace(/.*v/, "")));
    expect(new Set(heights).size).toBe(heights.length);
  });
  test("shows times in the reader's zone", async () => {
    const { page } = await open({ timezoneId: "Asia/Tokyo", locale: "en-GB" });
    expect(await page.locator(".incident time").textContent()).toMatch(/18:49/);
  });
  test("reloads where the reader is, and not at all when that is switched off", async () => {
    const { page } = await open({ viewport: { width: 1024, height: 300 } }, "sites/shop.html");
    await page.clock.install();
    await page.reload();
    await page.locator("#days summary").click();
    await page.evaluate("scrollTo(0, 200)");
    const renewed = page.waitForEvent("load");
    await page.clock.runFor(61_000);
    await renewed;
    expect(await page.locator("#days").getAttribute("open")).toBe("");
    expect(await page.evaluate("scrollY")).toBe(200);
    await page.locator("#reload").uncheck();
    await page.evaluate("window.stillHere = true");
    await page.clock.runFor(121_000);
    expect(await page.evaluate("window.stillHere")).toBe(true);
  });
  test("is readable on a phone: nothing is wider than the screen", async () => {
    const { page } = await open({ viewport: PHONE, deviceScaleFactor: 2, isMobile: true });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(PHONE.width);
    expect(
      await page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)"),
    ).toBeGreaterThanOrEqual(16);
  });
  test("is light or dark as the reader wants it", async () => {
    const { page } = await open({ colorScheme: "light" });
    const light = await background(page);
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = await background(page);
    expect([light, dark]).toEqual(["rgb(246, 247, 249)", "rgb(15, 19, 24)"]);
  });
  test("says so when nobody has renewed it for long", async () => {
    const fresh = await opened();
    const isShown = (page: Page) => page.locator("#stale").isVisible();
    const before = await isShown(fresh.page);
    checkedAt = Date.now() - 20 * 60_000;
    const stale = await open();
    checkedAt = Date.now();
    expect([before, await isShown(stale.page)]).toEqual([false, true]);
    expect(await stale.page.locator("#age").textContent()).toBe("20 minutes ago");
  });
  test("says everything without JavaScript too", async () => {
    const { page } = await open({ javaScriptEnabled: false });
    expect(await page.locator(".overall").textContent()).toBe("1 of 3 sites is down");
    expect(await page.locator(".scale .day").first().textContent()).toBe("90 days");
  });
});
