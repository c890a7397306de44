import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SeenSite } from "../../../../functions/check-sites/confirm/request.ts";
import { answer } from "../../../../sandbox/sites/behaviours.ts";
import { createChecker } from "../checker.ts";
import { nameServer, site } from "../probe/local.ts";
import { type SitesTable, startSitesTable } from "../table.ts";

let table: SitesTable;
beforeAll(async () => {
  table = await startSitesTable();
});
afterAll(() => table.stop());
beforeEach(async () => {
  table = await table.fresh();
});

const REGIONS = ["eu-west-1", "ap-southeast-2"];
type Sees = Omit<SeenSite, "name">;
const WELL: Sees = { verdict: "UP", answered: true, credentials: "none-needed", hops: 1, findings: [] };
const FAILS: Sees = {
  ...WELL,
  verdict: "DOWN",
  answered: false,
  findings: [{ severity: "down", reason: "connect", text: "refused" }],
};

/** check-sites with one site and two regions, each of which sees it as `sees` says, or cannot be asked. */
function checkerOf(policy: object, sees: (region: string) => Sees | Error, more: object = {}) {
  const asked: string[] = [];
  const checker = createChecker({
    config: { confirmFrom: REGIONS, list: { shop: { downAfter: 1, upAfter: 1, ...policy } } },
    table,
    askRegion: async (region, sites) => {
      asked.push(`${region}: ${sites.map(({ name, address }) => `${name} ${address}`).join()}`);
      const seen = sees(region);
      if (seen instanceof Error) throw seen;
      return sites.map(({ name }) => ({ name, ...seen, findings: [...seen.findings] }));
    },
    ...more,
  });
  return { checker, asked, headlines: () => checker.notified.map(({ headline }) => headline) };
}

describe("the other regions", () => {
  test("are asked for a new failure only, and by name and address", async () => {
    const shop = await site(answer());
    const { checker, asked, headlines } = checkerOf({ url: `${shop.url}/health?key=1` }, () => FAILS);
    await checker.nextMinute();
    expect(asked).toEqual([]);
    shop.behave(answer({ status: 500 }));
    await checker.nextMinute();
    expect(asked).toEqual(REGIONS.map((region) => `${region}: shop ${shop.url}/health`));
    await checker.nextMinute();
    expect(asked).toHaveLength(2);
    expect(headlines()).toEqual([
      "shop is DOWN: status is 500, expected 200-299; also from eu-west-1 and ap-southeast-2",
    ]);
  });

  test("are asked again while the failure is only home's, so that a real one is seen when it comes", async () => {
    const shop = await site(answer({ status: 500 }));
    let isWell = true;
    const { checker, headlines } = checkerOf({ url: shop.url }, () => (isWell ? WELL : FAILS));
    await checker.nextMinute();
    isWell = false;
    await checker.nextMinute();
    expect(headlines().map((line) => line.slice(0, 16))).toEqual(["shop is DEGRADED", "shop is DOWN: st"]);
  });

  test.each([
    ["in a maintenance window", { maintenance: ["2020-01-01 00:00 - 2030-01-01 00:00 UTC"] }],
    ["where the site says never", { confirm: "never" }],
  ])("are not asked %s", async (_, policy) => {
    const shop = await site(answer({ status: 500 }));
    const { checker, asked } = checkerOf({ url: shop.url, ...policy }, () => WELL);
    await checker.nextMinute();
    expect(asked).toEqual([]);
  });

  test("count a check that only home fails as up, with no duration where there was no answer", async () => {
    const closed = await site(answer());
    await closed.close();
    const { checker } = checkerOf({ url: closed.url }, () => WELL);
    await checker.nextMinute();
    expect(checker.metrics("Up")).toMatchObject([{ value: 1 }]);
    expect(checker.metrics("Duration")).toEqual([]);
  });

  test.each([
    [
      "an error of AWS",
      Object.assign(new Error("Rate exceeded"), { name: "TooManyRequestsException" }),
      "TooManyRequestsException",
    ],
    [
      "a function that fails",
      new Error("its function failed: Misconfigured"),
      "its function failed: Misconfigured",
    ],
  ])("hide nothing when they cannot be asked: %s", async (_, error, why) => {
    const shop = await site(answer({ status: 500 }));
    const sees = (region: string) => (region === "eu-west-1" ? WELL : error);
    const { checker, headlines } = checkerOf({ url: shop.url }, sees);
    const result = await checker.nextMinute();
    expect(result).not.toBeInstanceOf(Error);
    expect(headlines()).toEqual([
      `shop is DOWN: status is 500, expected 200-299; eu-west-1 finds it well; ap-southeast-2 cannot tell: it could not be asked: ${why}`,
    ]);
    expect(checker.metrics("NotConfirmed")).toEqual([{ dimensions: "", value: 1 }]);
  });

  test("hide nothing when they answer for other sites", async () => {
    const shop = await site(answer({ status: 500 }));
    const { checker, headlines } = checkerOf({ url: shop.url }, () => WELL, { askRegion: async () => [] });
    await checker.nextMinute();
    expect(headlines()).toEqual([expect.stringMatching(/^shop is DOWN: .*it did not answer for this site/)]);
  });
});

describe("silence that could be our own network's", () => {
  const silent = async (sees: Sees | Error) => {
    const { address } = await nameServer({ "dead.test": "silent" });
    const policy = { url: "http://dead.test/", timeoutSeconds: 0.1 };
    const deaf = { resolver: address, canary: async () => ({}) };
    const { checker, headlines } = checkerOf(policy, () => sees, deaf);
    await checker.nextMinute();
    return headlines();
  };
  test("is settled by the other regions: DOWN where they see it, DEGRADED where they do not", async () => {
    expect(await silent(FAILS)).toEqual([
      expect.stringMatching(
        /^shop is DOWN: our DNS resolver did not answer.*also from eu-west-1 and ap-southeast-2$/,
      ),
    ]);
  });
  test("is only home's where they find it well, and the monitor is no longer suspected", async () => {
    expect(await silent(WELL)).toEqual([
      expect.stringMatching(/^shop is DEGRADED: only from us-east-1: our DNS/),
    ]);
  });
  test("is suspected as before where they cannot be asked either", async () => {
    expect(await silent(new Error("no route"))).toEqual([
      "no answer from our resolver for 1 of 1 sites: the monitor's own resolver is suspected",
    ]);
  });
});
