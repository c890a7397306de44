import { describe, expect, onTestFinished, test, vi } from "vitest";
import { automation as checkSites } from "../../functions/check-sites/automation.ts";
import { notPermitted } from "../../sandbox/iam/permissions.ts";
import { answer, type Behaviour, silence } from "../../sandbox/sites/behaviours.ts";
import { createAuthority } from "../../sandbox/sites/certificates.ts";
import { type Site, type SiteOptions, startSite } from "../../sandbox/sites/site.ts";
import { segmentsOf, type TraceSegment } from "../../sandbox/xray/traces.ts";
import { endpointsOf } from "../../scripts/docs/endpoints-table.ts";
import { FUNCTION, startSitesAccount } from "./setup/sites-account.ts";

async function site(behaviour: Behaviour, options: Partial<SiteOptions> = {}): Promise<Site> {
  const started = await startSite({ behaviour, ...options });
  onTestFinished(() => started.stop());
  return started;
}

describe("the packaged check-sites, woken by its schedule", () => {
  test("notifies a failure once and the recovery once", async () => {
    const shop = await site(answer());
    const account = await startSitesAccount({ list: { shop: { url: shop.url } } });
    for (const behaviour of [
      answer(),
      answer(),
      answer({ status: 500 }),
      answer({ status: 500 }),
      answer({ status: 500 }),
    ]) {
      shop.behave(behaviour);
      await account.minute();
    }
    shop.behave(answer());
    for (let minute = 0; minute < 3; minute++) await account.minute();
    expect(account.headlines()).toEqual([
      "shop is DOWN: status is 500, expected 200-299",
      "shop is UP again after 3 min DOWN",
    ]);
  });
  test("sees through a certificate of a private authority, and says when it has expired", async () => {
    const authority = await createAuthority(Date.now());
    const issue = (validDays: number) => authority.issue({ names: ["127.0.0.1"], validDays });
    const shop = await site(answer(), { certificate: await issue(90) });
    const account = await startSitesAccount({
      list: { shop: { url: shop.url, ca: authority.root, downAfter: 1 } },
    });
    await account.minute();
    shop.present(await issue(-2));
    await account.minute();
    expect(account.headlines()).toEqual([
      expect.stringMatching(
        /^shop is DOWN: the certificate of 127\.0\.0\.1 is not trusted: it has expired on/,
      ),
    ]);
  });
  test("reaches a private site from the VPC that admits it, by the endpoints of docs/accounts.md, and not from outside", async () => {
    const shop = await site(answer());
    const list = { shop: { url: shop.url, downAfter: 1, upAfter: 1, timeoutSeconds: 0.5 } };
    const account = await startSitesAccount({ list });
    const { network } = account;
    network.addPrivate(shop.port, () => ({ securityGroups: ["sg-f"], isPublic: false }));
    network.vpc = {
      subnets: { "subnet-a": "nowhere" },
      securityGroups: ["sg-f"],
      endpoints: endpointsOf(checkSites),
    };
    await account.minute();
    await account.demand({ vpc: { "us-east-1": { subnets: ["subnet-a"], securityGroups: ["sg-f"] } } });
    await account.minute();
    expect(account.headlines()).toEqual([
      "shop is DOWN: no complete answer within 500 ms (in connect)",
      "shop is UP again after 60 s DOWN",
    ]);
  });
  test("makes no call its role does not allow", async () => {
    const shop = await site(answer({ status: 500 }));
    const account = await startSitesAccount({
      list: { shop: { url: shop.url, downAfter: 1, related: ["stream/orders"] } },
      statusPage: {},
    });
    await account.minute();
    expect(notPermitted(account.calls.all(), account.lambda.configurations(), account.iam)).toEqual([]);
  });
});

describe("an interval of ten seconds", () => {
  test("is kept within one invocation, and the second failure notified in its minute", async () => {
    let asked = 0;
    const shop = await site((...request) => answer({ status: asked++ === 0 ? 200 : 500 })(...request));
    // The rounds wait for each other, so time has to go on: the first minute begins two seconds after the start.
    const start = Math.floor(Date.now() / 60_000) * 60_000 + 58_000;
    const account = await startSitesAccount(
      { list: { shop: { url: shop.url, intervalSeconds: 10 } } },
      { speed: 8, start },
    );
    const first = await vi.waitUntil(() => account.lambda.invocations(FUNCTION)[0], { timeout: 30_000 });
    // Of its five rounds a slow machine may have no time for the last ones.
    const { checked, notified } = first.result.ok ? JSON.parse(first.result.payload) : expect.unreachable();
    expect([checked.UP, checked.DOWN >= 2, notified]).toEqual([1, true, ["shop: UP -> DOWN"]]);
    expect(account.headlines()[0]).toBe("shop is DOWN: status is 500, expected 200-299");
  });
});

describe("each change is notified once", () => {
  test("when every event is delivered twice, at once", async () => {
    const shop = await site(answer({ status: 500 }));
    const account = await startSitesAccount({ list: { shop: { url: shop.url } } });
    account.lambda.deliverTwice(FUNCTION, { times: 4, atOnce: true });
    for (let minute = 0; minute < 4; minute++) await account.minute();
    expect(account.headlines()).toEqual(["shop is DOWN: status is 500, expected 200-299"]);
  });
  test("when SNS fails for minutes, through the outage and the recovery", async () => {
    const shop = await site(answer({ status: 500 }));
    const account = await startSitesAccount({ list: { shop: { url: shop.url, downAfter: 1, upAfter: 1 } } });
    const outage = account.faults.inject({ kind: "server-error", service: "sns", times: 1000 });
    await account.minute();
    shop.behave(answer());
    await account.minute();
    outage.remove();
    await account.minute();
    await account.minute();
    const changes = account.documents().flatMap(({ changes }) => changes ?? []);
    expect(changes.map(({ from, to }) => `${from} -> ${to}`)).toEqual(["UP -> DOWN", "DOWN -> UP"]);
  });
  test.each(["crash-before", "crash-after"] as const)(
    "when the function is killed at the write (%s)",
    async (kind) => {
      const shop = await site(answer({ status: 500 }));
      const account = await startSitesAccount({ list: { shop: { url: shop.url, downAfter: 1 } } });
      account.faults.inject({ kind, service: "dynamodb", operation: "UpdateItem", functionName: FUNCTION });
      for (let minute = 0; minute < 4; minute++) await account.minute();
      expect(account.headlines()).toEqual(["shop is DOWN: status is 500, expected 200-299"]);
    },
  );
  test("when the function is killed before it can publish", async () => {
    const shop = await site(answer({ status: 500 }));
    const account = await startSitesAccount({ list: { shop: { url: shop.url, downAfter: 1 } } });
    account.faults.inject({
      kind: "crash-before",
      service: "sns",
      operation: "Publish",
      functionName: FUNCTION,
    });
    for (let minute = 0; minute < 4; minute++) await account.minute();
    expect(account.headlines()).toEqual(["shop is DOWN: status is 500, expected 200-299"]);
  });
  test("when it is killed after it has published: SNS may see it twice, with one id", async () => {
    const shop = await site(answer({ status: 500 }));
    const account = await startSitesAccount({ list: { shop: { url: shop.url, downAfter: 1 } } });
    account.faults.inject({
      kind: "crash-after",
      service: "sns",
      operation: "Publish",
      functionName: FUNCTION,
    });
    for (let minute = 0; minute < 4; minute++) await account.minute();
    const ids = account.documents().map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(0);
    expect(new Set(ids).size).toBe(1);
  });
});

const isProbe = (segment: TraceSegment) => segment.namespace === "remote";

describe("its trace", () => {
  test("has a sibling subsegment for each probe, with its http data, and no header of it reaches a site", async () => {
    const [shop, blog] = [await site(answer()), await site(answer({ status: 500, body: "oh no" }))];
    const account = await startSitesAccount({
      list: {
        shop: { url: `${shop.url}/health?token=hidden` },
        blog: { url: blog.url, method: "POST", body: "x" },
      },
    });
    const { traceHeader } = await account.minute();
    const id = /Root=([^;]+)/.exec(traceHeader)?.[1] ?? "";
    const trace = await account.xray.waitFor(id, (found) => segmentsOf(found).filter(isProbe).length === 2);
    const segments = segmentsOf(trace);
    const probes = segments.filter(isProbe);
    expect(probes.map(({ name, http }) => ({ name, http }))).toEqual(
      expect.arrayContaining([
        {
          name: "127.0.0.1",
          http: {
            request: { method: "GET", url: `${shop.url}/health` },
            response: { status: 200, content_length: 3 },
          },
        },
        {
          name: "127.0.0.1",
          http: {
            request: { method: "POST", url: `${blog.url}/` },
            response: { status: 500, content_length: 5 },
          },
        },
      ]),
    );
    const stage = segments.find(({ name }) => name === "probe");
    const below = stage?.subsegments ?? segments.filter(({ parent_id }) => parent_id === stage?.id);
    expect(below.filter(isProbe)).toHaveLength(2);
    for (const { requests } of [shop, blog])
      expect(requests[0]?.headers).not.toHaveProperty("x-amzn-trace-id");
  });
  test("of many sites loses nothing", async () => {
    const shop = await site(answer());
    const names = Array.from({ length: 250 }, (_, index) => `shop-${index}`);
    const list = Object.fromEntries(
      names.map((name) => [name, { url: `${shop.url}/${"path/".repeat(20)}` }]),
    );
    const account = await startSitesAccount({ list });
    const { traceHeader, result } = await account.minute();
    expect(result.ok && JSON.parse(result.payload).checked).toMatchObject({ UP: 250 });
    const id = /Root=([^;]+)/.exec(traceHeader)?.[1] ?? "";
    await account.xray.waitFor(id, (found) => segmentsOf(found).filter(isProbe).length === 250);
    expect(account.xray.dropped).toMatchObject({ oversize: 0 });
  });
  test("of 400 sites stays below X-Ray's 500 KB a trace, and the run says how all of them are", async () => {
    const shop = await site(answer({ status: 500, body: "x".repeat(300) }));
    const url = `${shop.url}/${"path/".repeat(30)}`;
    const names = Array.from({ length: 400 }, (_, index) => `shop-${index}`);
    const list = Object.fromEntries(names.map((name) => [name, { url, conditions: ['body contains "ok"'] }]));
    const account = await startSitesAccount({ list, perInvocation: 400 });
    const { traceHeader, result } = await account.minute();
    expect(result.ok && JSON.parse(result.payload).checked).toMatchObject({ DOWN: 400 });
    const id = /Root=([^;]+)/.exec(traceHeader)?.[1] ?? "";
    const trace = await account.xray.waitFor(id, (found) =>
      segmentsOf(found).some(({ name }) => name === "run"),
    );
    expect(segmentsOf(trace).filter(isProbe)).toHaveLength(250);
    expect(JSON.stringify(trace).length).toBeLessThan(500_000);
  });
});

describe("a secret", () => {
  const token = "s3cret-token";

  test("of Parameter Store and Secrets Manager reaches its site, and nothing else", async () => {
    const shop = await site((request, socket, timers) =>
      answer({
        status: 500,
        body: `you sent ${request.headers.authorization} and ${request.headers["x-api-key"]}`,
      })(request, socket, timers),
    );
    const account = await startSitesAccount({
      list: {
        shop: {
          url: shop.url,
          downAfter: 1,
          auth: { bearer: { ssm: "/shop/token" } },
          headers: { "x-api-key": { secret: "shop", key: "api" } },
          conditions: ['body contains "welcome"'],
        },
      },
      statusPage: {},
    });
    account.ssm.put("/shop/token", token);
    account.secretsManager.put("shop", JSON.stringify({ api: token.toUpperCase() }));
    const { traceHeader } = await account.minute();
    expect(shop.requests[0]?.headers).toMatchObject({
      authorization: `Bearer ${token}`,
      "x-api-key": token.toUpperCase(),
    });

    const id = /Root=([^;]+)/.exec(traceHeader)?.[1] ?? "";
    const trace = await account.xray.waitFor(id, (found) =>
      segmentsOf(found).some(({ name }) => name === "status page"),
    );
    const page = account.s3.buckets.names().flatMap((name) => [...account.s3.buckets.get(name).values()]);
    const everything = [
      ...account.lines,
      JSON.stringify(account.sns.published()),
      JSON.stringify(trace),
      ...page.map(({ body }) => body.toString()),
    ].join("\n");
    expect(everything).toContain("[secret]");
    expect(everything).not.toMatch(new RegExp(token, "i"));
  });
});

describe("around it", () => {
  test("the status page is served, with the site that is down on it", async () => {
    const [shop, blog] = [await site(answer({ status: 500 })), await site(answer())];
    const account = await startSitesAccount({
      list: { shop: { url: shop.url, downAfter: 1 }, blog: { url: blog.url, upAfter: 1 } },
      statusPage: { title: "Our sites" },
    });
    await account.minute();
    const response = await fetch(`${account.url}/cloudfront/statuspagedistribution/`);
    const page = await response.text();
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page).toContain("1 of 2 sites is down");
    const status = await fetch(`${account.url}/cloudfront/statuspagedistribution/status.json`);
    expect(await status.json()).toMatchObject({
      title: "Our sites",
      sites: [
        { name: "shop", state: "DOWN" },
        { name: "blog", state: "UP" },
      ],
    });
  });
  test("a run that comes near its time-out ends in time, and counts what it did not finish as UNKNOWN", async () => {
    const silent = await site(silence);
    const list = Object.fromEntries(
      Array.from({ length: 6 }, (_, index) => [
        `silent-${index}`,
        { url: silent.url, timeoutSeconds: 0.3, downAfter: 1 },
      ]),
    );
    const account = await startSitesAccount({ list, concurrency: 6 });
    const { result } = await account.minute();
    // They take the connection, so it is not our own network that is silent.
    expect(result.ok && JSON.parse(result.payload).notified).toEqual(
      Object.keys(list).map((name) => `${name}: UP -> DOWN`),
    );
  });
});
