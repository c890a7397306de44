import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Result } from "../../../functions/check-sites/run/result.ts";
import { answer, silence } from "../../../sandbox/sites/behaviours.ts";
import { publishedBytes } from "../../../shared/notify/notify.ts";
import { type CheckerOptions, createChecker } from "./checker.ts";
import { nameServer, site } from "./probe/local.ts";
import { type SitesTable, startSitesTable } from "./table.ts";

/** Outages that must not be hidden, and what is said of each. */

let table: SitesTable;
let unique = 0;
beforeAll(async () => {
  table = await startSitesTable();
});
afterAll(() => table.stop());
beforeEach(async () => {
  unique += 1;
  table = await table.fresh();
});

const DEAF = async () => ({});
/** TEST-NET-1 through a closed filter would be blocked: a name server that never answers is silence as well. */
function checkerOf(list: Record<string, unknown>, parts = {}, more: Partial<CheckerOptions> = {}) {
  const named = Object.entries(list).map(([name, policy]) => [`${name}-run${unique}`, policy]);
  const checker = createChecker({ config: { list: Object.fromEntries(named), ...parts }, table, ...more });
  const plain = (text: string) => text.replaceAll(`-run${unique}`, "");
  return {
    checker,
    headlines: () => checker.notified.map(({ headline }) => plain(headline)),
    async minutes(count: number): Promise<Result> {
      let last: Result | Error | undefined;
      for (let minute = 0; minute < count; minute++) last = await checker.nextMinute();
      if (!last || last instanceof Error) throw last;
      return last;
    },
  };
}
const dead = (name: string) => ({ url: `http://${name}.test/`, timeoutSeconds: 0.1 });
const refused = async () => {
  const closed = await site(answer());
  await closed.close();
  return { url: closed.url };
};

describe("sites that refuse the connection", () => {
  test("are DOWN, all of them, however many: a refusal proves that our network works", async () => {
    const { headlines, minutes } = checkerOf(
      { a: await refused(), b: await refused(), c: await refused() },
      {},
      { canary: DEAF },
    );
    await minutes(4);
    expect(headlines()).toEqual(["3 sites DOWN (a, b, c)"]);
  });
  test("are reminded of", async () => {
    const policy = { ...(await refused()), remindAfterMinutes: 3 };
    const { headlines, minutes } = checkerOf({ a: policy, b: policy, c: policy });
    await minutes(5);
    expect(headlines()).toEqual(["3 sites DOWN (a, b, c)", expect.stringMatching(/^3 sites DOWN/)]);
  });
});

describe("silence of every site", () => {
  test("is the sites' own while the canary answers", async () => {
    const { address } = await nameServer({ "one.test": "silent", "two.test": "silent" });
    const { headlines, minutes } = checkerOf({ a: dead("one"), b: dead("two") }, {}, { resolver: address });
    await minutes(2);
    expect(headlines()).toEqual(["2 sites DOWN (a, b)"]);
  });
  test("is suspected to be ours while no canary answers, and DOWN in one digest after suspectAtMostMinutes", async () => {
    const { address } = await nameServer({ "one.test": "silent", "two.test": "silent" });
    const { checker, headlines, minutes } = checkerOf(
      { a: dead("one"), b: dead("two") },
      { suspectAtMostMinutes: 3 },
      { resolver: address, canary: DEAF },
    );
    await minutes(3);
    expect(headlines()).toEqual([
      "no answer from our resolver for 2 of 2 sites: the monitor's own resolver is suspected",
    ]);
    expect(checker.metrics("Up")).toEqual([]);
    await minutes(2);
    expect(headlines().slice(1)).toEqual(["2 sites DOWN (a, b)"]);
    // The monitor is as blind as before: what it says of the sites is a guess, and an alarm says that it is broken.
    const stale = checker.metrics("MinutesStale").filter(({ dimensions }) => dimensions.startsWith("site/a"));
    expect(stale.map(({ value }) => value)).toEqual([1, 2, 3, 4]);
    expect(checker.notified[1]?.changes).toMatchObject([{ since: "2026-03-01T10:01:00Z" }, {}]);
  });
  test("hides no site that fails otherwise", async () => {
    const { address } = await nameServer({
      "one.test": "silent",
      "two.test": "silent",
      "three.test": "silent",
    });
    const wrong = await site(answer({ status: 500 }));
    const { headlines, minutes } = checkerOf(
      { a: dead("one"), b: dead("two"), c: dead("three"), wrong: { url: wrong.url } },
      {},
      { resolver: address, canary: DEAF },
    );
    await minutes(2);
    expect(headlines().join()).toContain("wrong");
  });
  test("is over with the first answer, and then nothing stays behind", async () => {
    const { address } = await nameServer({ "one.test": "silent" });
    let isDeaf = true;
    const { headlines, minutes } = checkerOf(
      { a: dead("one") },
      {},
      { resolver: address, canary: async () => (isDeaf ? {} : { heard: true }) },
    );
    await minutes(2);
    isDeaf = false;
    await minutes(1);
    expect(headlines()[0]).toContain("no answer from our resolver for 1 of 1 sites");
  });
});

test("a name whose name servers are dead is DOWN by dns while our resolver answers for others", async () => {
  const { address, port } = await nameServer({ "dead.test": "silent", "live.test": { A: ["127.0.0.1"] } });
  expect(port).toBeGreaterThan(0);
  const live = await site(answer());
  const { headlines, minutes } = checkerOf(
    { dead: dead("dead"), live: { url: `http://live.test:${live.port}` } },
    {},
    { resolver: address, canary: DEAF },
  );
  await minutes(2);
  expect(headlines()).toEqual([
    expect.stringMatching(/^dead is DOWN: .*name servers of this one are silent/),
  ]);
});

describe("a retry that the run's end cuts off", () => {
  test("takes nothing away from what the first attempt found", async () => {
    let attempts = 0;
    const shop = await site((request, socket, timers) => {
      attempts += 1;
      (attempts === 1 ? answer({ status: 500 }) : silence)(request, socket, timers);
    });
    const { checker } = checkerOf({ shop: { url: shop.url, retries: 1, downAfter: 1 } });
    const result = await checker.tick({ remainingMs: 10_700 });
    expect(result).toMatchObject({ checked: { DOWN: 1, UNKNOWN: 0 } });
  });
});

describe("many sites that hang", () => {
  test("keep no healthy site from its turn, and stay DOWN while they are not probed", async () => {
    const healthy = await site(answer());
    const hanging = await site(silence);
    const list = {
      ...Object.fromEntries(
        Array.from({ length: 6 }, (_, i) => [
          `h${i}`,
          { url: hanging.url, timeoutSeconds: 30, downAfter: 1 },
        ]),
      ),
      ...Object.fromEntries(
        Array.from({ length: 10 }, (_, i) => [`ok${i}`, { url: healthy.url, upAfter: 1 }]),
      ),
    };
    const { checker } = checkerOf(list, { concurrency: 4 });
    // The hanging ones hold all four lanes until they count as slow, after two seconds.
    const first = await checker.tick({ remainingMs: 13_200 });
    expect(first).toMatchObject({ checked: { UP: 10 } });
  });
});

describe("what a site sends, however long it is", () => {
  test("a content-encoding of 30,000 bytes: the message is sent", async () => {
    const shop = await site(answer({ headers: { "content-encoding": "x".repeat(30_000) } }));
    const { checker, headlines, minutes } = checkerOf({
      shop: { url: shop.url, conditions: ['body contains "ok"'] },
    });
    await minutes(2);
    expect(headlines()).toHaveLength(1);
    for (const one of checker.notified) expect(publishedBytes(one)).toBeLessThan(20_000);
  });
  test("a change that SNS refuses holds no other back", async () => {
    const list = Object.fromEntries(
      await Promise.all(["a", "b", "c"].map(async (name) => [name, await refused()])),
    );
    const { checker, headlines, minutes } = checkerOf(list);
    checker.refuses = ({ changes = [] }) => changes.some(({ resource }) => resource.startsWith("site/b"));
    const second = await minutes(1).then(() => checker.nextMinute());
    expect(second).toBeInstanceOf(Error);
    expect(headlines().toSorted()).toEqual([
      expect.stringMatching(/^a is DOWN/),
      expect.stringMatching(/^c is DOWN/),
    ]);
  });
});

describe("a site that leaves the config while it is DOWN", () => {
  test("is closed, once", async () => {
    const policy = await refused();
    const before = checkerOf({ gone: policy, here: policy });
    await before.minutes(2);
    const after = createChecker({ config: { list: { [`here-run${unique}`]: policy } }, table });
    after.now = before.checker.now;
    for (let minute = 0; minute < 3; minute++) await after.nextMinute();
    expect(after.notified.map(({ headline }) => headline.replaceAll(`-run${unique}`, ""))).toEqual([
      "gone is not in the config any more (was DOWN)",
    ]);
  });
});

test("a site that is renamed while it is DOWN is not UP again: under its old name it is gone", async () => {
  const policy = { ...(await refused()), downAfter: 1 };
  const before = checkerOf({ old: policy });
  await before.minutes(2);
  const after = createChecker({ config: { list: { [`new-run${unique}`]: policy } }, table });
  after.now = before.checker.now;
  await after.nextMinute();
  expect(after.notified.map(({ headline }) => headline.replaceAll(`-run${unique}`, ""))).toEqual([
    "1 site DOWN (new), 1 site not in the config any more (old)",
  ]);
});

test("a site that goes up and down for an hour is notified as flapping, and not thirty times", async () => {
  const shop = await site(answer());
  const { headlines, minutes } = checkerOf({ shop: { url: shop.url } });
  for (let round = 0; round < 15; round++) {
    shop.behave(answer({ status: 500 }));
    await minutes(2);
    shop.behave(answer());
    await minutes(2);
  }
  expect(headlines()).toHaveLength(5);
  expect(headlines().at(-1)).toBe(
    "shop is flapping, now DOWN: further changes are held back until it settles: status is 500, expected 200-299",
  );
});
