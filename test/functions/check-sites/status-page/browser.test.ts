import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { statusDocument } from "../../../../functions/check-sites/status-page/document.ts";
import { renderPage } from "../../../../functions/check-sites/status-page/render.ts";
import { CHROMIUM, FLAGS } from "../../../architecture/chromium.ts";
import { NOW, siteNamed, stateDown, stateOfSample } from "./sample.ts";

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
    server = createServer((_, response) => {
      const status = statusDocument("Example status", sites, states, NOW, () => false);
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end(renderPage({ ...status, at: new Date(checkedAt).toISOString() }));
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
  async function open(options: BrowserContextOptions = {}): Promise<{ page: Page; problems: string[] }> {
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
    await page.goto(url);
    return { page, problems };
  }
  const background = (page: Page) => page.evaluate("getComputedStyle(document.body).backgroundColor");

  test("shows every site with its state, and the open incident", async () => {
    const { page, problems } = await open();
    expect(await page.locator("section[aria-label=Sites] .name").allTextContents()).toEqual(
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
    const { page } = await open();
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
    expect(await bars.getAttribute("aria-label")).toMatch(/^shop: 99\.73 % in 90 days$/);
    expect(await page.locator(".line").first().getAttribute("aria-label")).toMatch(
      /^shop: response time of the last 24 hours, \d+ ms now/,
    );
    expect((await page.locator(".line path").first().boundingBox())?.height).toBeGreaterThan(5);
  });
  test("shows a day's counts under the pointer", async () => {
    const { page } = await open();
    const box = await page.locator(".bars").first().boundingBox();
    if (!box) throw new Error("the bars are not to be seen");
    // The 60th of 90 days is the one 30 days ago, with a failure in it.
    await page.mouse.move(box.x + (box.width * 59.5) / 90, box.y + 5);
    expect(await page.locator(".day").first().textContent()).toMatch(/^2026-01-30: \d+ checks good, 1 down$/);
  });
  test("is readable on a phone: nothing is wider than the screen", async () => {
    const { page } = await open({ viewport: PHONE, deviceScaleFactor: 2, isMobile: true });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(PHONE.width);
    expect(
      await page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)"),
    ).toBeGreaterThanOrEqual(16);
  });
  test("is light or dark as the reader wants it", async () => {
    const light = await background((await open({ colorScheme: "light" })).page);
    const dark = await background((await open({ colorScheme: "dark" })).page);
    expect([light, dark]).toEqual(["rgb(246, 247, 249)", "rgb(15, 19, 24)"]);
  });
  test("says so when nobody has renewed it for long", async () => {
    const fresh = await open();
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
