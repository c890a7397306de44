import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, onTestFinished } from "vitest";
import { type Account, startAccount } from "../../sandbox/account.ts";
import { prepareFixtures } from "../../sandbox/fixtures/fixtures.ts";
import { servePage } from "../../sandbox/page/page.ts";
import { CHROMIUM } from "../architecture/chromium.ts";
import { NO_CHROMIUM, startBrowser, type TestBrowser } from "./setup/page-browser.ts";

if (CHROMIUM === undefined) console.warn(NO_CHROMIUM);

const MINUTE = 60_000;
const START = Date.parse("2030-01-01T12:00:30Z");
const PHONE = { width: 390, height: 844 };

describe.skipIf(CHROMIUM === undefined)("the sandbox's page in Chromium", () => {
  let browser: TestBrowser;
  let account: Account;
  /** What the timeline says of alarms before anything has happened. */
  let firstOfAlarms: string[];
  const pages: Page[] = [];
  const ends: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    browser = await startBrowser();
    account = await furnished(0, START);
    const { page } = await open();
    firstOfAlarms = await page
      .locator(".entry", { hasText: /INSUFFICIENT_DATA → OK|OK: / })
      .allTextContents();
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.close();
  });
  afterAll(async () => {
    await browser?.stop();
    for (const end of ends.reverse()) await end();
  });

  /** An account with its scenery, after the first minutes: every function ran, the nodes have joined. */
  async function furnished(speed: number, start?: number): Promise<Account> {
    const scenery = await prepareFixtures("dev");
    ends.push(() => scenery.stop());
    const started = await startAccount({
      packageDir: inject("packageDir"),
      speed,
      ...(start !== undefined && { start }),
      environment: scenery.environment,
      log: (line) => expect.unreachable(line),
    });
    ends.push(() => started.stop());
    servePage(started, await scenery.createIn(started));
    await started.clock.advance(2 * MINUTE);
    return started;
  }

  async function open({ url } = account): Promise<{ page: Page; problems: readonly string[] }> {
    const opened = await browser.open(url);
    pages.push(opened.page);
    await opened.page.locator("[data-stream=sample]").waitFor();
    return opened;
  }

  const said = (page: Page, text: string) => page.locator(".last-action", { hasText: text }).waitFor();

  it("shows streams, node pools, sites, tables, queues, alarms, the timeline and the traces of the account", async () => {
    const { page } = await open();
    expect(await page.locator("h2").allTextContents()).toEqual([
      "On call",
      "Streams",
      "Node pools",
      "Sites",
      "Tables and queues",
      "Other alarms",
      "Traces",
      "Commands",
      "Ledger, decisions and events",
    ]);
  });

  it("needs nothing from elsewhere, and its console has nothing to complain of", async () => {
    const { page, problems } = await open();
    await page.locator("[data-trace]").first().click();
    await page.locator("[data-waterfall]").waitFor();
    expect(problems).toEqual([]);
  });

  it("sends a burst: the stream gets its second shard, and the timeline says why", async () => {
    const { page } = await open();
    await page.locator("[data-stream=sample] select").selectOption({ label: "60 in 3 min" });
    await page.locator("[data-stream=sample]").getByRole("button", { name: "Send a burst" }).click();
    await said(page, "records sent");
    await account.clock.advance(4 * MINUTE);
    await page.locator("[data-stream=sample] [data-open-shards='2']").waitFor();
    const change = page.locator(".entry.change", { hasText: "UpdateShardCount 1 → 2" });
    expect(await change.locator(".mark").textContent()).toBe("applied");
    expect(await change.locator(".reason").textContent()).toContain("above 85 %");
  });

  it("says what a person on call asks, and undoes, pauses and resumes, as in a terminal", async () => {
    const { page } = await open();
    const answer = page.locator(".on-call .answer");
    const onCall = page.locator("[data-on-call='stream/sample']");
    await onCall.getByRole("button", { name: "Why" }).click();
    await answer.filter({ hasText: "decided " }).waitFor();
    await page.getByRole("button", { name: "Undo UpdateShardCount 1 → 2 of stream/sample" }).click();
    await answer.filter({ hasText: "Undone: " }).waitFor();
    // An undo pauses: the resource says so, and how it ends.
    await onCall.locator(".mark", { hasText: "paused until" }).waitFor();
    await page.getByRole("button", { name: "Undo UpdateShardCount" }).waitFor({ state: "detached" });
    await onCall.getByRole("button", { name: "Resume" }).click();
    await answer.filter({ hasText: "stream/sample is resumed by" }).waitFor();
    await onCall.getByRole("button", { name: "Pause" }).waitFor();
  });

  it("delivers an alarm twice: both runs are in the traces", async () => {
    const { page } = await open();
    const before = new Set(account.lambda.invocations());
    await page.locator("[data-stream=sample]").getByRole("button", { name: "twice" }).click();
    await said(page, "gets the event twice at the same time");
    await account.clock.advance(0);
    const runs = account.lambda.invocations("reflex-dev-reshard-streams").filter((run) => !before.has(run));
    expect(runs.map(({ result }) => result.ok)).toEqual([true, true]);
    for (const { traceHeader } of runs) {
      const trace = /Root=([^;]+)/.exec(traceHeader)?.[1];
      await page.locator(`[data-trace='${trace}']`).waitFor();
    }
  });

  it("breaks a site, and mends it", async () => {
    const { page } = await open();
    const row = page.locator("[data-site=shop]");
    await row.locator("select").selectOption("failing");
    await row.getByRole("button", { name: "Set" }).click();
    await said(page, "shop: answers 500");
    await account.clock.advance(3 * MINUTE);
    await page.locator("[data-site=shop][data-state=DOWN]").waitFor();
    expect(await row.locator(".found").textContent()).toBe("status is 500, expected 200-299");
    await row.locator("select").selectOption("well");
    await row.getByRole("button", { name: "Set" }).click();
    await said(page, "shop: well");
    await account.clock.advance(2 * MINUTE);
    await page.locator("[data-site=shop][data-state=UP]").waitFor();
  });

  it("adds pending pods: the pool grows until none waits", async () => {
    const { page } = await open();
    await page.locator("[data-cluster=main] select").selectOption("30");
    await page.getByRole("button", { name: "Add pending pods" }).click();
    await page.locator(".title .mark.warn", { hasText: "pending pod" }).waitFor();
    await account.clock.advance(3 * MINUTE);
    await page.locator(".title .mark.good", { hasText: "no pending pods" }).waitFor();
    expect(
      Number(await page.locator("[data-pool=workers] [data-desired]").getAttribute("data-desired")),
    ).toBeGreaterThan(3);
  });

  it("sends a Spot warning: the node is drained, and then it is gone", async () => {
    const { page } = await open();
    const node = page.locator("[data-pool=workers] [data-node]").first();
    const id = await node.getAttribute("data-node");
    await node.getByRole("button").click();
    await said(page, `AWS interrupts ${id}`);
    await account.clock.advance(1000);
    await page.locator(`[data-node='${id}'].draining`).waitFor();
    await account.clock.advance(4 * MINUTE);
    await page.locator(`[data-node='${id}']`).waitFor({ state: "detached" });
  });

  it("moves the clock", async () => {
    const { page } = await open();
    const before = account.clock.now();
    await page.getByRole("button", { name: "+1 min" }).click();
    await said(page, "advanced by 1 min");
    expect(account.clock.now() - before).toBe(MINUTE);
    await page.locator(`.clock time[datetime='${new Date(account.clock.now()).toISOString()}']`).waitFor();
  });

  it("shows a trace as a waterfall, each part with its annotations", async () => {
    const { page } = await open();
    await page.getByPlaceholder("reshard-streams, decision").fill("reshard-streams decision=on-target");
    await page.locator("[data-trace]").first().click();
    const parts = page.locator("[data-waterfall] .part .name");
    await parts.first().waitFor();
    const names = (await parts.allTextContents()).map((name) => name.trim());
    expect(names).toEqual(expect.arrayContaining(["observe", "decide", "CloudWatch", "Kinesis"]));
    await page.locator(".part", { hasText: "decide" }).locator("summary").first().click();
    expect(await page.locator(".part[open] dl").textContent()).toContain("decisionon-target");
  });

  it("is read by the keyboard: a chart minute by minute, a button pressed", async () => {
    const { page } = await open();
    await page.locator("[data-stream=sample] .lanes").focus();
    await page.keyboard.press("ArrowLeft");
    await page.locator("[data-stream=sample] .cursor").first().waitFor({ state: "attached" });
    expect(await page.locator("[data-stream=sample] .axis .label").textContent()).toBe(
      new Date(account.clock.now() - MINUTE).toISOString().slice(11, 16),
    );
    await page.getByRole("button", { name: "+1 min" }).focus();
    await page.keyboard.press("Enter");
    await said(page, "advanced by 1 min");
  });

  it("keeps focus, choices and places when it is updated", async () => {
    const { page } = await open();
    const select = page.locator("[data-stream=sample] select");
    await select.selectOption({ label: "1,000 in 5 min" });
    await select.focus();
    const places = () =>
      page.locator("h2").evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().top)));
    const before = await places();
    await account.clock.advance(2 * MINUTE);
    await page.locator(`.clock time[datetime='${new Date(account.clock.now()).toISOString()}']`).waitFor();
    expect(await places()).toEqual(before);
    expect(await select.inputValue()).toBe("2");
    expect(await page.locator("[data-stream=sample] select:focus").count()).toBe(1);
  });

  it("says so when the sandbox does not answer any more", async () => {
    const { page } = await open();
    await page.route("**/_reflex/state", (route) => route.abort());
    await page.locator(".live.lost").waitFor();
    expect(await page.locator(".live").textContent()).toBe("the sandbox does not answer");
  });

  it("shows nothing of alarms that are OK from the beginning", () => {
    expect(firstOfAlarms).toEqual([]);
  });

  it("cannot be moved by a page from elsewhere", async () => {
    const action = `${account.url}/_reflex/actions/advance-clock`;
    const foreign = createServer((_, response) => {
      response.setHeader("content-type", "text/html");
      response.end("<!doctype html><title>elsewhere</title>");
    });
    await new Promise<void>((resolve) => foreign.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void foreign.close());
    onTestFinished(() => foreign.closeAllConnections());
    const { port } = foreign.address() as AddressInfo;
    const { page } = await browser.open(`http://127.0.0.1:${port}/`);
    pages.push(page);
    const before = account.clock.now();
    const answers = await page.evaluate(async (url) => {
      const body = JSON.stringify({ minutes: 10 });
      const simple = fetch(url, { method: "POST", mode: "no-cors", body }).then(({ type }) => type);
      const checked = fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
      return [await simple, await checked.then(({ status }) => status).catch(() => "not sent")];
    }, action);
    expect(answers).toEqual(["opaque", "not sent"]);
    expect(account.clock.now()).toBe(before);

    // An AWS call that needs no header of its own: signed in the address, as a form or an image sends it.
    const call = `${account.url}/?X-Amz-Credential=any%2F20260101%2Fus-east-1%2Fsns%2Faws4_request`;
    const topic = "arn:aws:sns:us-east-1:000000000000:reflex-dev-notify";
    const query = new URLSearchParams({
      Action: "Publish",
      Version: "2010-03-31",
      TopicArn: topic,
      Message: "m",
    });
    const published = account.sns.published().length;
    account.calls.clear();
    await page.evaluate(
      async ({ url, form }) => {
        await fetch(url, { method: "POST", mode: "no-cors", body: new URLSearchParams(form) });
        // As an image or a link asks for it.
        await fetch(`${url}&${form}`, { mode: "no-cors" });
      },
      { url: call, form: String(query) },
    );
    expect([account.calls.all().length, account.sns.published().length]).toEqual([0, published]);
  });

  describe.each([PHONE.width, 1024, 1280, 1440])("on a screen of %i px", (width) => {
    let page: Page;
    beforeAll(async () => {
      page = (await browser.open(account.url)).page;
      await page.locator("[data-stream=sample]").waitFor();
      await page.setViewportSize({ width, height: 900 });
    });
    afterAll(() => page?.close());

    it("is no wider than the screen, and its tables can be read", async () => {
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      const narrow = await page
        .locator("table :is(th, td)")
        .evaluateAll((cells) =>
          cells
            .map((cell) => ({ text: cell.textContent, width: cell.getBoundingClientRect().width }))
            .filter(({ text, width: wide }) => text !== "" && wide > 0 && wide < 40),
        );
      expect(narrow).toEqual([]);
    });

    it("has targets of 24 px, and axe finds nothing wrong", async () => {
      const small = await page.locator("button, select, input, summary").evaluateAll((targets) =>
        targets
          .filter((target) => target.checkVisibility())
          .map((target) => [target, target.closest("label") ?? target] as const)
          .filter(([, area]) => {
            const { width: wide, height } = area.getBoundingClientRect();
            return wide < 24 || height < 24;
          })
          .map(([{ outerHTML }]) => outerHTML.slice(0, 120)),
      );
      expect(small).toEqual([]);
      await page.evaluate(axe.source);
      // What passes is most of the page, and nobody reads it.
      const violations = await page.evaluate<{ id: string; nodes: unknown[] }[]>(
        'axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations)',
      );
      expect(violations.map(({ id, nodes }) => `${id}: ${JSON.stringify(nodes).slice(0, 400)}`)).toEqual([]);
    });
  });

  it("leads to the commands for a terminal", async () => {
    const { page } = await open();
    await page.getByText("Use this account from a terminal").click();
    expect(await page.locator(".commands pre").first().textContent()).toContain(
      `AWS_ENDPOINT_URL=${account.url}`,
    );
  });

  it("is light or dark as the reader's system is", async () => {
    const { page } = await open();
    const ground = async (colorScheme: "light" | "dark") => {
      await page.emulateMedia({ colorScheme });
      return page.evaluate("getComputedStyle(document.body).backgroundColor");
    };
    expect([await ground("light"), await ground("dark")]).toEqual(["rgb(245, 245, 242)", "rgb(19, 21, 26)"]);
  });

  // For eyes: it asserts less than the others, and takes as long as three of them.
  it.runIf(process.env.PICTURES)(
    "is kept as pictures (only with PICTURES=1): light, dark, on a phone",
    async () => {
      // The real time, as in `npm run sandbox`, and a clock that runs, so that the parts of a trace take time.
      const running = await furnished(1);
      const { page, problems } = await open(running);
      await page.locator("[data-stream=sample] select").selectOption({ label: "60 in 3 min" });
      await page.locator("[data-stream=sample]").getByRole("button", { name: "Send a burst" }).click();
      // The page shows the answer to the last action only.
      await said(page, "records sent");
      await page.locator("[data-cluster=main] select").selectOption("30");
      await page.getByRole("button", { name: "Add pending pods" }).click();
      await said(page, "were added");
      await running.clock.advance(4 * MINUTE);
      for (const [site, behaviour] of [
        ["shop", "failing"],
        ["search", "slow"],
      ]) {
        await page.locator(`[data-site=${site}] select`).selectOption(String(behaviour));
        await page.locator(`[data-site=${site}]`).getByRole("button", { name: "Set" }).click();
        await said(page, `${site}:`);
      }
      await running.clock.advance(2 * MINUTE);
      await page.locator("[data-node] button").first().click();
      await page.locator(".node.draining").first().waitFor();
      await page.locator("[data-trace]", { hasText: "scale-out" }).first().click();
      await page.locator("[data-waterfall]").waitFor();
      await page.evaluate("scrollTo(0, 0)");
      const folder = fileURLToPath(new URL("../../test-artefacts/", import.meta.url));
      mkdirSync(folder, { recursive: true });
      const picture = (name: string) =>
        page.screenshot({ path: `${folder}sandbox-${name}.png`, fullPage: true });
      await picture("light");
      await page.emulateMedia({ colorScheme: "dark" });
      await picture("dark");
      await page.emulateMedia({ colorScheme: "light" });
      await page.setViewportSize(PHONE);
      await picture("phone");
      expect(problems).toEqual([]);
    },
  );
});
