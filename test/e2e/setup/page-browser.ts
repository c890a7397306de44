import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { CHROMIUM, FLAGS } from "../../architecture/chromium.ts";

export const NO_CHROMIUM =
  "The sandbox's page is not looked at in a browser: no Chromium is installed (apt-get install chromium).";

/** Only catches what never comes: a machine with much to do is slow. */
const TIMEOUT_MS = 60_000;

export interface TestBrowser {
  /** Opens the address. `problems` are what its console complains of, and what it asks other hosts for. */
  open(url: string): Promise<{ readonly page: Page; readonly problems: readonly string[] }>;
  stop(): Promise<void>;
}

/** A browser with a new, empty profile, which is gone with it. */
export async function startBrowser(): Promise<TestBrowser> {
  const profile = mkdtempSync(join(tmpdir(), "reflex-browser-"));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    ...(CHROMIUM && { executablePath: CHROMIUM }),
    args: FLAGS,
    viewport: { width: 1440, height: 1000 },
  });
  return {
    open: async (url) => {
      const page = await context.newPage();
      page.setDefaultTimeout(TIMEOUT_MS);
      const problems: string[] = [];
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) problems.push(message.text());
      });
      page.on("pageerror", (error) => problems.push(String(error)));
      page.on("request", (request) => {
        if (!request.url().startsWith(url) && !request.url().startsWith("data:")) {
          problems.push(`asked for ${request.url()}`);
        }
      });
      await page.goto(url);
      return { page, problems };
    },
    stop: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
