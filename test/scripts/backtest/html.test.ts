import axe, { type AxeResults } from "axe-core";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { csvHistory } from "../../../scripts/backtest/history/csv.ts";
import { policyOf } from "../../../scripts/backtest/policy.ts";
import { htmlOf } from "../../../scripts/backtest/report/html.ts";
import { marksOf, plotSvg } from "../../../scripts/backtest/report/plot.ts";
import { backtest } from "../../../scripts/backtest/report/report.ts";
import { parseConfigFile } from "../../../shared/config/read-file.ts";
import { CHROMIUM, FLAGS } from "../../architecture/chromium.ts";

const START = Date.parse("2026-11-14T00:00:00Z");

/** Ten hours with a step up and one down, of a stream whose name is markup. */
const run = (() => {
  const rows = Array.from({ length: 600 }, (_, minute) => {
    const demand = minute >= 200 && minute < 300 ? 9 : 1;
    return `${START / 1000 + minute * 60},${demand * 62_914_560},${demand * 30_000}`;
  });
  const history = csvHistory(["time,bytes,records", ...rows].join("\n"), "orders.csv");
  const config = parseConfigFile("streams:\n  '*':\n    max: 40\n", "config/dev.yml");
  return backtest({ ...history, stream: "<script>alert(1)</script>" }, policyOf(config, "orders"), []);
})();
const html = htmlOf(run);

it("the report has every change with its reason once more as text, and escapes what it was given", () => {
  const marks = marksOf(run);
  expect(marks.flatMap(({ changes }) => changes)).toEqual(run.result.changes);
  expect(html).not.toContain("<script>alert");
  expect(html).not.toMatch(/\b(?:src|href|url)\s*[=(]/);
});

it("the plot has a time every few lines, of hours where there are few days", () => {
  const times = (minutes: number) =>
    [
      ...plotSvg(
        {
          ...{
            from: START,
            to: START + minutes * 60_000,
            changes: [],
            unit: "shards",
            lackingName: "refused",
          },
          ...{ demand: [1], capacity: [1], lacking: [0] },
        },
        [],
      ).matchAll(/>(\d\d[:-]\d\d)</g),
    ].map(([, time]) => time);
  expect(times(4 * 60)).toEqual(["11-14", "01:00", "02:00", "03:00"]);
  expect(times(30 * 60)).toEqual([
    "11-14",
    "03:00",
    "06:00",
    "09:00",
    "12:00",
    "15:00",
    "18:00",
    "21:00",
    "11-15",
    "03:00",
  ]);
  expect(times(14 * 1440)).toHaveLength(14);
  expect(times(40 * 1440).slice(0, 2)).toEqual(["11-14", "11-17"]);
});

if (CHROMIUM === undefined) console.warn("The backtest's report is not looked at: no Chromium is installed.");

describe.skipIf(CHROMIUM === undefined)("the report in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ ...(CHROMIUM && { executablePath: CHROMIUM }), args: FLAGS });
  }, 60_000);
  afterAll(() => browser?.close());

  test.each([
    [1280, "light"],
    [390, "dark"],
  ] as const)(
    "%d px, %s: decisions by keyboard and pointer, nothing loaded, nothing wider than the page",
    async (width, colorScheme) => {
      const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme, bypassCSP: true });
      const problems: string[] = [];
      page.on("console", (message) => problems.push(message.text()));
      page.on("pageerror", (error) => problems.push(String(error)));
      page.on("request", (request) => problems.push(request.url()));
      await page.setContent(html);
      const reason = () => page.locator("#detail").textContent();
      const labels = await page
        .locator(".mark")
        .evaluateAll((marks) => marks.map((mark) => mark.getAttribute("aria-label")));
      expect(labels.length).toBeGreaterThan(1);

      await page.locator(".mark[tabindex='0']").focus();
      expect(await reason()).toBe(labels[0]);
      await page.keyboard.press("ArrowRight");
      expect(await reason()).toBe(labels[1]);
      await page.keyboard.press("End");
      expect(await reason()).toBe(labels.at(-1));
      await page.locator(".mark").first().hover();
      expect(await reason()).toBe(labels[0]);

      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate<AxeResults>("axe.run()");
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      expect(problems).toEqual([]);
      await page.close();
    },
  );
});
