import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Result } from "../../../functions/check-sites/run/result.ts";
import { answer, type Behaviour, hangUp, silence } from "../../../sandbox/sites/behaviours.ts";
import { asText } from "../../../shared/notify/as-text.ts";
import { metricsIn } from "../../shared/lambda/output.ts";
import { type Checker, type CheckerOptions, createChecker, START, scheduled } from "./checker.ts";
import { nameServer, site } from "./probe/local.ts";
import { type SitesTable, startSitesTable } from "./table.ts";

const MINUTE = 60_000;
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

/** A checker whose sites' names are this test's own: the table is shared. */
function checkerOf(
  list: Record<string, unknown>,
  parts: Record<string, unknown> = {},
  more: Partial<CheckerOptions> = {},
): Checker {
  const named = Object.entries(list).map(([name, policy]) => [nameOf(name), policy]);
  return createChecker({ config: { list: Object.fromEntries(named), ...parts }, table, ...more });
}
const nameOf = (name: string) => `${name}-run${unique}`;
const plain = (text: string) => text.replaceAll(`-run${unique}`, "");
const notified = ({ notified }: Checker) => notified.map(({ headline }) => plain(headline));
/** The parts that `SitesChecked` was counted for. */
const partsCounted = ({ lines }: Checker) =>
  metricsIn(lines).flatMap((line) => ("SitesChecked" in line && line.Part ? [line.Part] : []));
const result = async (run: Promise<Result | Error>): Promise<Result> => {
  const outcome = await run;
  if (outcome instanceof Error) throw outcome;
  return outcome;
};

describe("a site that fails and recovers", () => {
  test("is notified once when it goes DOWN and once when it is UP again", async () => {
    const shop = await site(answer());
    const checker = checkerOf({ shop: { url: shop.url } });
    await checker.tick();
    await checker.nextMinute();
    shop.behave(answer({ status: 500 }));
    for (let minute = 0; minute < 4; minute++) await checker.nextMinute();
    shop.behave(answer());
    for (let minute = 0; minute < 4; minute++) await checker.nextMinute();
    expect(notified(checker)).toEqual([
      "shop is DOWN: status is 500, expected 200-299",
      "shop is UP again after 4 min DOWN",
    ]);
  });
  test("is notified with what failed, the value, since when, and the last good check", async () => {
    const shop = await site(answer());
    const checker = checkerOf({ shop: { url: shop.url } });
    await checker.tick();
    await checker.nextMinute();
    shop.behave(answer({ status: 500 }));
    await checker.nextMinute();
    await checker.nextMinute();
    expect(checker.notified[0]).toMatchObject({
      resource: `site/${nameOf("shop")}`,
      changes: [
        {
          from: "UP",
          to: "DOWN",
          reason: "status",
          found: ["status is 500, expected 200-299"],
          since: "2026-03-01T10:02:00Z",
          lastGood: "2026-03-01T10:01:00Z",
        },
      ],
    });
  });
  test("is notified in plain text too", async () => {
    const shop = await site(answer({ status: 500 }));
    const checker = checkerOf({ shop: { url: shop.url } });
    await checker.tick();
    await checker.nextMinute();
    const [down] = checker.notified;
    expect(down && plain(asText(down))).toContain(
      "shop: DOWN: status is 500, expected 200-299 (was UP; since 2026-03-01T10:00:00Z)",
    );
  });
  test("that is UP at first is not notified at all", async () => {
    const shop = await site(answer());
    const checker = checkerOf({ shop: { url: shop.url } });
    for (let minute = 0; minute < 4; minute++) await checker.nextMinute();
    expect(notified(checker)).toEqual([]);
  });
  test("keeps the first attempt's evidence when a retry finds something else", async () => {
    let attempts = 0;
    const shop = await site((request, socket, timers) => {
      attempts += 1;
      (attempts % 2 === 1 ? hangUp : answer({ status: 503 }))(request, socket, timers);
    });
    const checker = checkerOf({ shop: { url: shop.url, retries: 1, downAfter: 1 } });
    await checker.tick();
    expect(checker.notified[0]?.changes).toMatchObject([
      {
        found: ["status is 503, expected 200-299"],
        first: [expect.stringContaining("closed without an answer")],
      },
    ]);
  });
  test("that is well at the retry is UP", async () => {
    let attempts = 0;
    const shop = await site((request, socket, timers) => {
      attempts += 1;
      (attempts % 2 === 1 ? hangUp : answer())(request, socket, timers);
    });
    const checker = checkerOf({ shop: { url: shop.url, retries: 1, downAfter: 1 } });
    expect((await result(checker.tick())).checked).toMatchObject({ UP: 1, DOWN: 0 });
  });
  test("several at once are one message with counts", async () => {
    const [a, b, c] = [
      await site(answer({ status: 500 })),
      await site(answer({ status: 502 })),
      await site(answer()),
    ];
    const checker = checkerOf({ a: { url: a.url }, b: { url: b.url }, c: { url: c.url } });
    await checker.tick();
    await checker.nextMinute();
    expect(notified(checker)).toEqual(["2 sites DOWN (a, b)"]);
  });
});

describe("each change is notified exactly once", () => {
  test("when the same event comes twice: it counts once", async () => {
    const shop = await site(answer({ status: 500 }));
    const checker = checkerOf({ shop: { url: shop.url } });
    await checker.tick();
    expect(await result(checker.tick())).toMatchObject({ alreadyChecked: 1 });
    expect(notified(checker)).toEqual([]);
  });
  test("when an older event comes late: it counts no more", async () => {
    const shop = await site(answer({ status: 500 }));
    const checker = checkerOf({ shop: { url: shop.url } });
    await checker.tick();
    const late = scheduled(START - MINUTE);
    expect(await result(checker.tick({ event: late }))).toMatchObject({ alreadyChecked: 1 });
  });
  test("when two runs are at it at once", async () => {
    const shop = await site(answer({ status: 500 }));
    const checker = checkerOf({ shop: { url: shop.url } });
    await checker.tick();
    checker.now += MINUTE;
    await Promise.all([checker.tick(), checker.tick(), checker.tick()]);
    expect(notified(checker)).toEqual(["shop is DOWN: status is 500, expected 200-299"]);
  });
  test("when SNS fails at the first: the next run sends it, with the same id", async () => {
    const shop = await site(answer({ status: 500 }));
    const checker = checkerOf({ shop: { url: shop.url } });
    await checker.tick();
    checker.snsIsDown = true;
    const failed = await checker.nextMinute();
    checker.snsIsDown = false;
    await checker.nextMinute();
    await checker.nextMinute();
    expect(failed).toMatchObject({
      name: "RetryLater",
      message: expect.stringContaining("the next run notifies them"),
    });
    expect(checker.notified.map(({ id }) => id)).toEqual([
      `${nameOf("shop")}-${(START + MINUTE).toString(36)}`,
    ]);
  });
  test("when SNS fails through the outage and the recovery: both are notified afterwards", async () => {
    const shop = await site(answer({ status: 500 }));
    const checker = checkerOf({ shop: { url: shop.url } });
    checker.snsIsDown = true;
    await checker.tick();
    await checker.nextMinute();
    shop.behave(answer());
    await checker.nextMinute();
    await checker.nextMinute();
    checker.snsIsDown = false;
    await checker.nextMinute();
    await checker.nextMinute();
    expect(
      checker.notified.flatMap(({ changes = [] }) => changes.map(({ from, to }) => `${from} -> ${to}`)),
    ).toEqual(["UP -> DOWN", "DOWN -> UP"]);
  });
  test("what SNS does not take for more than a day counts as undelivered, and is sent all the same in the end", async () => {
    const shop = await site(answer({ status: 500 }));
    const checker = checkerOf({ shop: { url: shop.url, downAfter: 1 } });
    const undelivered = () => checker.metrics("NotificationsUndelivered").length;
    checker.snsIsDown = true;
    await checker.tick();
    checker.now += 24 * 60 * MINUTE - MINUTE;
    await checker.nextMinute();
    const withinADay = undelivered();
    await checker.nextMinute();
    const afterADay = undelivered();
    checker.snsIsDown = false;
    await checker.nextMinute();
    expect([withinADay, afterADay, undelivered()]).toEqual([0, 1, 1]);
    expect(notified(checker)).toHaveLength(1);
  });
  test("while a run that may still be sending holds it, no other sends it", async () => {
    const shop = await site(answer({ status: 500 }));
    const checker = checkerOf({ shop: { url: shop.url } });
    await checker.tick();
    checker.snsIsDown = true;
    // Its invocation may last two minutes more: as far as the next run knows, it is just slow.
    await checker.nextMinute({ remainingMs: 120_000 });
    checker.snsIsDown = false;
    await checker.nextMinute();
    const early = checker.notified.length;
    await checker.nextMinute();
    expect([early, checker.notified.length]).toEqual([0, 1]);
  });
  test("when a run nearly runs out of time: what it did not finish is UNKNOWN, and nothing is notified of it", async () => {
    const [slow, quick] = [await site(silence), await site(answer())];
    const checker = checkerOf({
      slow: { url: slow.url, downAfter: 1 },
      quick: { url: quick.url, downAfter: 1 },
    });
    const { checked, notUp } = await result(checker.tick({ remainingMs: 10_700 }));
    expect(checked).toEqual({ UP: 1, DEGRADED: 0, DOWN: 0, UNKNOWN: 1 });
    expect(plain(notUp[0] ?? "")).toBe("slow: UNKNOWN: our own run ended before the answer was complete");
    expect(notified(checker)).toEqual([]);
  });
  test("when there is no time left at all", async () => {
    const shop = await site(answer());
    const checker = checkerOf({ shop: { url: shop.url, downAfter: 1 } }, { concurrency: 1 });
    expect((await result(checker.tick({ remainingMs: 9_000 }))).checked).toMatchObject({ UNKNOWN: 1 });
  });
});

describe("an item that cannot be read", () => {
  test("stops no other site; its own is learnt anew, and it is said in the log", async () => {
    const [shop, blog] = [await site(answer()), await site(answer())];
    const checker = checkerOf({ shop: { url: shop.url }, blog: { url: blog.url } });
    await checker.tick();
    await table.client.send(
      new UpdateItemCommand({
        TableName: table.table,
        Key: { pk: { S: `site/${nameOf("shop")}` } },
        UpdateExpression: "SET body = :other",
        ExpressionAttributeValues: { ":other": { S: '{"of":"another version"}' } },
      }),
    );
    const { checked } = await result(checker.nextMinute());
    expect(checked).toMatchObject({ UP: 2 });
    expect(JSON.stringify(checker.lines)).toContain("its stored state cannot be read");
    checker.lines.length = 0;
    await result(checker.nextMinute());
    expect(JSON.stringify(checker.lines)).not.toContain("cannot be read");
  });
});

describe("a maintenance window", () => {
  const window = "2026-03-01 09:00 - 2026-03-01 10:05 UTC";

  test("holds notifications back, not metrics", async () => {
    const shop = await site(answer({ status: 500 }));
    const checker = checkerOf({ shop: { url: shop.url, maintenance: [window] } });
    for (let minute = 0; minute < 4; minute++) await checker.nextMinute();
    expect(notified(checker)).toEqual([]);
    expect(checker.metrics("Up").map(({ value }) => value)).toEqual([0, 0, 0, 0]);
  });
  test("ends with a notification of what still stands", async () => {
    const shop = await site(answer({ status: 500 }));
    const checker = checkerOf({ shop: { url: shop.url, maintenance: [window] } });
    for (let minute = 0; minute < 5; minute++) await checker.nextMinute();
    expect(notified(checker)).toEqual(["shop is DOWN: status is 500, expected 200-299"]);
  });
});

describe("the monitor itself", () => {
  test("is not suspected when the sites answer wrongly", async () => {
    const all = await Promise.all(["a", "b", "c"].map(() => site(answer({ status: 500 }))));
    const list = Object.fromEntries(all.map(({ url }, index) => [`s${index}x`, { url, downAfter: 1 }]));
    const checker = checkerOf(list);
    await checker.tick();
    expect(notified(checker)).toEqual(["3 sites DOWN (s0x, s1x, s2x)"]);
  });
});

describe("metrics", () => {
  const PHASES = ["PhaseResolve", "PhaseConnect", "PhaseTls", "PhaseProcessing", "PhaseTransfer"];

  test("of a good check are Up and Duration; its phases stand in the same log line", async () => {
    const shop = await site(answer());
    const checker = checkerOf({ shop: { url: shop.url } });
    await checker.tick();
    const name = nameOf("shop");
    expect(checker.metrics("Up")).toEqual([{ dimensions: name, value: 1 }]);
    expect(checker.metrics("Duration")).toEqual([{ dimensions: name, value: expect.any(Number) }]);
    expect(PHASES.flatMap((metric) => checker.metrics(metric))).toEqual([]);
    expect(metricsIn(checker.lines).filter((line) => line.Site === name)).toEqual([
      expect.objectContaining(Object.fromEntries(PHASES.map((phase) => [phase, expect.any(String)]))),
    ]);
  });
  test("with phaseMetrics the phases are metrics too", async () => {
    const shop = await site(answer());
    const checker = checkerOf({ shop: { url: shop.url } }, { phaseMetrics: true });
    await checker.tick();
    for (const metric of PHASES) {
      expect(checker.metrics(metric)).toEqual([{ dimensions: nameOf("shop"), value: expect.any(Number) }]);
    }
  });
  test("of a failed check are Up and its reason, and no duration", async () => {
    const shop = await site(answer({ status: 500 }));
    const checker = checkerOf({ shop: { url: shop.url } });
    await checker.tick();
    expect(checker.metrics("Up")).toEqual([{ dimensions: nameOf("shop"), value: 0 }]);
    expect(checker.metrics("NotUp")).toEqual([{ dimensions: `${nameOf("shop")} status`, value: 1 }]);
    expect(checker.metrics("Duration")).toEqual([]);
  });
  test("of an UNKNOWN check are its reason only", async () => {
    const { address } = await nameServer({ "dead.test": "silent" });
    const canary = async () => ({ heard: true as const });
    const checker = checkerOf({ dead: { url: "http://dead.test" } }, {}, { resolver: address, canary });
    await checker.tick();
    expect(checker.metrics("NotUp")).toEqual([{ dimensions: `${nameOf("dead")} own-dns`, value: 1 }]);
    expect(checker.metrics("Up")).toEqual([]);
  });
  test("count the checked sites in every run, also with nothing to check", async () => {
    const checker = checkerOf({});
    await checker.tick();
    expect(checker.metrics("SitesChecked")).toEqual([{ dimensions: "", value: 0 }]);
  });
});

describe("a secret", () => {
  const SECRET = 's3cret "quoted" value';
  const secrets = {
    parameters: async (names: readonly string[]) => new Map(names.map((name) => [name, SECRET])),
  };
  const auth = { bearer: { ssm: "/shop/token" } };

  test("reaches the site it is for", async () => {
    const shop = await site(answer());
    await checkerOf({ shop: { url: shop.url, auth } }, {}, { secrets }).tick();
    expect(shop.requests[0]?.headers.authorization).toBe(`Bearer ${SECRET}`);
  });
  test("is in no log, metric, notification, table or page, although the site quotes it", async () => {
    const shop = await site((request, socket, timers) => {
      const said = JSON.stringify({ youSent: request.headers.authorization });
      answer({ status: 500, headers: { "x-said": request.headers.authorization ?? "" }, body: said })(
        request,
        socket,
        timers,
      );
    });
    const conditions = ['body contains "ok"', 'json $.youSent == "nothing"', 'header x-said == "nothing"'];
    const checker = checkerOf(
      { shop: { url: `${shop.url}/?token=also-s3cret`, auth, conditions, downAfter: 1 } },
      { statusPage: {} },
      { secrets },
    );
    await checker.tick();
    const everything =
      JSON.stringify([checker.lines, checker.notified, checker.pages]) + (await table.content());
    expect(everything).toContain("[secret]");
    expect(everything).not.toMatch(/s3cret/);
  });
  test("that cannot be read makes its site UNKNOWN, and no other", async () => {
    const [shop, blog] = [await site(answer()), await site(answer())];
    const checker = checkerOf({ shop: { url: shop.url, auth }, blog: { url: blog.url } });
    const { checked, notUp } = await result(checker.tick());
    expect(checked).toMatchObject({ UP: 1, UNKNOWN: 1, DOWN: 0 });
    expect(plain(notUp[0] ?? "")).toBe("shop: UNKNOWN: the parameter /shop/token cannot be read");
    expect(shop.requests).toEqual([]);
  });
  test("of Secrets Manager is read by its key", async () => {
    const shop = await site(answer());
    const headers = { "x-api-key": { secret: "shop", key: "api" } };
    const secret = async () => JSON.stringify({ api: "k-123" });
    await checkerOf({ shop: { url: shop.url, headers } }, {}, { secrets: { secret } }).tick();
    expect(shop.requests[0]?.headers["x-api-key"]).toBe("k-123");
  });
  test("is asked for once in five minutes, not at each run", async () => {
    const shop = await site(answer());
    let asked = 0;
    const parameters = async (names: readonly string[]) => {
      asked += 1;
      return new Map(names.map((name) => [name, SECRET]));
    };
    const checker = checkerOf({ shop: { url: shop.url, auth } }, {}, { secrets: { parameters } });
    for (let minute = 0; minute < 5; minute++) await checker.nextMinute();
    const inFiveMinutes = asked;
    await checker.nextMinute();
    expect([inFiveMinutes, asked]).toEqual([1, 2]);
  });
});

describe("which sites are checked", () => {
  test("by hand: the one that is named", async () => {
    const [a, b] = [await site(answer()), await site(answer())];
    const checker = checkerOf({ a: { url: a.url }, b: { url: b.url } });
    await result(checker.tick({ event: { site: nameOf("b") } }));
    expect([a.requests.length, b.requests.length]).toEqual([0, 1]);
  });
  test("by hand in mode observe: what is seen is answered, and neither kept nor notified nor counted", async () => {
    const shop = await site(answer({ status: 500 }));
    const checker = checkerOf({ shop: { url: shop.url } });
    for (let minute = 0; minute < 3; minute++) {
      checker.now += MINUTE;
      const { notUp } = await result(checker.tick({ event: { site: nameOf("shop"), mode: "observe" } }));
      expect(notUp.map(plain)).toEqual(["shop: DOWN: status is 500, expected 200-299"]);
    }
    expect([notified(checker), checker.metrics("SitesChecked")]).toEqual([[], []]);
    // The first check that counts is the first of two it takes to be DOWN.
    await checker.nextMinute();
    expect(notified(checker)).toEqual([]);
  });
  test("by hand with a name that is not there: an error that names it", async () => {
    const checker = checkerOf({});
    expect(await checker.tick({ event: { site: "nobody" } })).toMatchObject({
      name: "Misconfigured",
      message: expect.stringContaining('found { "site": "nobody" }'),
    });
  });
  test("by a rule for a part: that part of the list, and the parts together are all of it", async () => {
    const all = await Promise.all([1, 2, 3, 4, 5].map(() => site(answer())));
    const checker = checkerOf(Object.fromEntries(all.map(({ url }, index) => [`p${index}x`, { url }])));
    await checker.tick({ event: scheduled(START, "reflex-test-check-sites-1-of-2") });
    const afterOne = all.map(({ requests }) => requests.length);
    await checker.tick({ event: scheduled(START, "reflex-test-check-sites-2-of-2") });
    expect(afterOne).toEqual([1, 0, 1, 0, 1]);
    expect(partsCounted(checker)).toEqual(["1-of-2", "2-of-2"]);
    expect(all.map(({ requests }) => requests.length)).toEqual([1, 1, 1, 1, 1]);
  });
});

describe("many sites", () => {
  /** A thousand are the bench's (npm run bench -- sites). */
  const MANY = 250;
  test("hundreds are done by one invocation, never more at once than `concurrency`", async () => {
    let open = 0;
    let most = 0;
    const shop = await site((request, socket, timers) => {
      open += 1;
      most = Math.max(most, open);
      socket.once("close", () => {
        open -= 1;
      });
      answer()(request, socket, timers);
    });
    const list = Object.fromEntries(
      Array.from({ length: MANY }, (_, index) => [`m${index}x`, { url: shop.url }]),
    );
    const checker = checkerOf(list, { concurrency: 25, perInvocation: MANY });
    expect((await result(checker.tick())).checked).toEqual({ UP: MANY, DEGRADED: 0, DOWN: 0, UNKNOWN: 0 });
    expect(most).toBeLessThanOrEqual(25);
    expect(checker.metrics("SitesChecked")).toEqual([{ dimensions: "", value: MANY }]);
  });
});

test("a site that is DOWN already is probed last: it takes no turn from the others", async () => {
  const asked: string[] = [];
  const noting =
    (name: string, status: number): Behaviour =>
    (request, socket, timers) => {
      asked.push(name);
      answer({ status })(request, socket, timers);
    };
  const [first, second] = [await site(noting("down", 500)), await site(noting("up", 200))];
  const checker = checkerOf(
    { first: { url: first.url, downAfter: 1 }, second: { url: second.url } },
    { concurrency: 1 },
  );
  await checker.tick();
  await checker.nextMinute();
  expect(asked).toEqual(["down", "up", "up", "down"]);
});

describe("the status page", () => {
  test("is written after a run, with the sites' states", async () => {
    const [shop, blog] = [await site(answer({ status: 500 })), await site(answer())];
    const checker = checkerOf(
      { shop: { url: shop.url }, blog: { url: blog.url } },
      { statusPage: { title: "Ours" } },
    );
    await checker.tick();
    await checker.nextMinute();
    const document = JSON.parse(
      checker.pages.findLast(({ name }) => name === "status.json")?.content ?? "null",
    );
    expect(document).toMatchObject({
      title: "Ours",
      sites: [
        { name: nameOf("shop"), state: "DOWN", incident: { found: [{ reason: "status" }] } },
        { name: nameOf("blog"), state: "UP" },
      ],
    });
  });
  test("of a list in parts shows the other parts too, and is written by the first", async () => {
    const [a, b] = [await site(answer()), await site(answer())];
    const checker = checkerOf(
      { a: { url: a.url, upAfter: 1 }, b: { url: b.url, upAfter: 1 } },
      { statusPage: {} },
    );
    await checker.tick({ event: scheduled(START, "x-2-of-2") });
    const bySecond = checker.pages.length;
    await checker.tick({ event: scheduled(START, "x-1-of-2") });
    const document = JSON.parse(checker.pages.find(({ name }) => name === "status.json")?.content ?? "null");
    expect(bySecond).toBe(0);
    expect(document.sites.map(({ state }: { state: string }) => state)).toEqual(["UP", "UP"]);
  });
});

describe("a site's own interval", () => {
  test("of ten minutes: it is probed in every tenth", async () => {
    const shop = await site(answer());
    const checker = checkerOf({ shop: { url: shop.url, intervalSeconds: 600 } });
    for (let minute = 0; minute < 21; minute++) await checker.nextMinute();
    expect(shop.requests).toHaveLength(3);
  });
  test("of twenty seconds: it is probed three times in one invocation, and each counts", async () => {
    const [often, seldom] = [await site(answer({ status: 500 })), await site(answer())];
    const checker = checkerOf({
      often: { url: often.url, intervalSeconds: 20 },
      seldom: { url: seldom.url },
    });
    const { checked } = await result(checker.tick());
    expect([often.requests.length, seldom.requests.length, checked]).toEqual([
      3,
      1,
      { UP: 1, DEGRADED: 0, DOWN: 3, UNKNOWN: 0 },
    ]);
    expect(checker.pauses).toEqual([20_000, 20_000]);
    expect(notified(checker)).toEqual(["often is DOWN: status is 500, expected 200-299"]);
  });
  test("below a minute keeps the order of what could not be sent in an earlier round", async () => {
    let asked = 0;
    const shop = await site((...request) => answer({ status: asked++ === 0 ? 500 : 200 })(...request));
    const checker = checkerOf({ shop: { url: shop.url, intervalSeconds: 20, downAfter: 1, upAfter: 1 } });
    let sent = 0;
    checker.refuses = () => ++sent === 1;
    await checker.tick();
    await checker.nextMinute();
    const changes = checker.notified.flatMap(({ changes = [] }) => changes);
    expect(changes.map(({ to }) => to)).toEqual(["DOWN", "UP"]);
  });
  test("below a minute ends with the invocation's time", async () => {
    const shop = await site(answer());
    const checker = checkerOf({ shop: { url: shop.url, intervalSeconds: 20 } });
    await checker.tick({ remainingMs: 30_000 });
    expect(shop.requests).toHaveLength(1);
  });
});

describe("sites that depend on another", () => {
  test("are one incident with it, and their own when it is UP again and they are not", async () => {
    const [balancer, shop, blog] = [await site(answer()), await site(answer()), await site(answer())];
    const dependsOn = [nameOf("lb")];
    const checker = checkerOf({
      lb: { url: balancer.url },
      shop: { url: shop.url, dependsOn },
      blog: { url: blog.url, dependsOn },
    });
    const all = async (status: number) => {
      for (const one of [balancer, shop, blog]) one.behave(answer({ status }));
      await checker.nextMinute();
      await checker.nextMinute();
    };
    await all(200);
    await all(503);
    expect(notified(checker)).toEqual(["lb is DOWN: status is 503, expected 200-299"]);
    balancer.behave(answer());
    blog.behave(answer());
    for (let minute = 0; minute < 3; minute++) await checker.nextMinute();
    expect(notified(checker).slice(1).join()).toContain("shop is DOWN");
    expect(notified(checker).join()).not.toContain("blog");
  });

  // The part of the site that depends on the other comes first: it cannot know yet what the other part finds.
  const PARTS = ["x-2-of-2", "x-1-of-2"] as const;
  test.each([1, 2, 3])(
    "are one incident with it in a list of two parts, at whatever time each finds its own (downAfter %i)",
    async (downAfter) => {
      const [balancer, shop] = [await site(answer()), await site(answer())];
      const checker = checkerOf({
        lb: { url: balancer.url, upAfter: 1 },
        shop: { url: shop.url, dependsOn: [nameOf("lb")], downAfter, upAfter: 1 },
      });
      const minutes = async (count: number) => {
        for (let minute = 0; minute < count; minute++) {
          checker.now += 60_000;
          for (const rule of PARTS) await checker.tick({ event: scheduled(checker.now, rule) });
        }
      };
      const both = (status: number) => {
        for (const one of [balancer, shop]) one.behave(answer({ status }));
      };
      await minutes(2);
      both(503);
      await minutes(4);
      both(200);
      await minutes(2);
      expect(notified(checker)).toEqual([
        "lb is DOWN: status is 503, expected 200-299",
        "lb is UP again after 4 min DOWN",
      ]);
      shop.behave(answer({ status: 500 }));
      await minutes(downAfter + 1);
      expect(notified(checker).slice(2)).toEqual(["shop is DOWN: status is 500, expected 200-299"]);
    },
  );
});

test("a site in mode observe is checked and counted, and nothing is notified", async () => {
  const shop = await site(answer({ status: 500 }));
  const checker = checkerOf({ shop: { url: shop.url, mode: "observe" } });
  for (let minute = 0; minute < 4; minute++) await checker.nextMinute();
  expect([notified(checker), checker.metrics("Up").length]).toEqual([[], 4]);
});

test("networks that one site may reach are reached by no other", async () => {
  const shop = await site(answer());
  const checker = checkerOf(
    {
      own: { url: shop.url, allow: ["127.0.0.0/8"] },
      // By name: a private address that is written down is refused with the config.
      other: { url: shop.url.replace("127.0.0.1", "localhost") },
    },
    { allow: [] },
  );
  const { checked, notUp } = await result(checker.tick());
  expect(checked).toMatchObject({ UP: 1, DOWN: 1 });
  expect(plain(notUp[0] ?? "")).toMatch(/^other: DOWN: 127\.0\.0\.1 is not a public address/);
});
