import { afterAll, beforeAll, expect, test } from "vitest";
import type { Result } from "../../../functions/check-sites/run/result.ts";
import {
  answer,
  byPath,
  cutBody,
  drip,
  drippingHeaders,
  endlessHeaders,
  gzipBomb,
  hangUp,
  redirect,
  silence,
} from "../../../sandbox/sites/behaviours.ts";
import { type Authority, createAuthority } from "../../../sandbox/sites/certificates.ts";
import { createChecker } from "./checker.ts";
import { HAS_IPV6, nameServer, site } from "./probe/local.ts";
import { type SitesTable, startSitesTable } from "./table.ts";

let table: SitesTable;
let authority: Authority;
beforeAll(async () => {
  [table, authority] = await Promise.all([startSitesTable(), createAuthority(Date.now())]);
});
afterAll(() => table.stop());

/** Every failure we know of, side by side with healthy sites, and what exactly each must come to. */
async function everything(): Promise<{
  list: Record<string, object>;
  resolver: string;
  expected: Record<string, string>;
}> {
  const names = ["127.0.0.1"];
  const closed = await site(answer());
  await closed.close();
  const dns = await nameServer({
    "six.test": { AAAA: ["::1"] },
    "two.test": { A: ["127.0.0.9", "127.0.0.1"] },
    "inner.test": { A: ["10.0.0.1"] },
    "broken.test": { fails: true },
    "dead.test": "silent",
  });
  const secure = async (wanted: Partial<Parameters<Authority["issue"]>[0]>, parts: object = {}) => ({
    url: (await site(answer(), { certificate: await authority.issue({ names, ...wanted }) })).url,
    ca: authority.root,
    ...parts,
  });
  const onIpv6 = HAS_IPV6 ? await site(answer(), { host: "::1" }) : undefined;
  const onIpv4 = await site(answer());
  const web = async (behaviour: Parameters<typeof site>[0], parts: object = {}) => ({
    url: (await site(behaviour)).url,
    ...parts,
  });
  const backtracking = `${"a".repeat(50_000)}!`;

  const sites: Record<string, [object, string]> = {
    healthy: [await web(answer()), "UP"],
    healthyTls: [await secure({}), "UP"],
    slow: [await web(answer({}, 60), { conditions: ["time < 50 ms else degraded"] }), "DEGRADED timeout"],
    tooSlow: [await web(silence, { timeoutSeconds: 0.2 }), "DOWN timeout"],
    dripBody: [await web(drip(20), { timeoutSeconds: 0.2 }), "DOWN timeout"],
    dripHead: [await web(drippingHeaders(20), { timeoutSeconds: 0.2 }), "DOWN timeout"],
    cutBody: [await web(cutBody), "DOWN truncated"],
    noAnswer: [await web(hangUp), "DOWN truncated"],
    refused: [{ url: closed.url }, "DOWN connect"],
    status: [await web(answer({ status: 500 })), "DOWN status"],
    wrongBody: [
      await web(answer({ body: "maintenance" }), { conditions: ['body contains "welcome"'] }),
      "DOWN body",
    ],
    wrongJson: [
      await web(answer({ body: "<html>" }), { conditions: ['json $.status == "up"'] }),
      "DOWN json",
    ],
    wrongHeader: [await web(answer(), { conditions: ["header content-type matches /json/"] }), "DOWN header"],
    redirectLoop: [await web(byPath({ "/": redirect("/a"), "/a": redirect("/") })), "DOWN redirect"],
    toMetadata: [await web(redirect("http://[::ffff:169.254.169.254]/")), "DOWN blocked"],
    toPrivateName: [await web(redirect("http://inner.test/")), "DOWN blocked"],
    expired: [await secure({ validDays: -1 }), "DOWN certificate"],
    wrongHost: [await secure({ names: ["other.test"] }), "DOWN certificate"],
    selfSigned: [await secure({ selfSigned: true }), "DOWN certificate"],
    noIntermediate: [await secure({ withoutIntermediate: true }), "DOWN certificate"],
    soonToExpire: [await secure({ validDays: 5 }), "DEGRADED certificate"],
    noTls: [
      { url: (await site(silence)).url.replace("http:", "https:"), timeoutSeconds: 0.2 },
      "DOWN timeout",
    ],
    gzipBomb: [await web(gzipBomb(20_000_000), { conditions: ['body contains "x"'] }), "DOWN too-large"],
    endlessHead: [await web(endlessHeaders), "DOWN too-large"],
    ...(onIpv6 && { ipv6Only: [{ url: `http://six.test:${onIpv6.port}` }, "UP"] }),
    deadFirstAddress: [{ url: `http://two.test:${onIpv4.port}` }, "DOWN connect"],
    deadAmongEvery: [{ url: `http://two.test:${onIpv4.port}`, addresses: "every" }, "DOWN connect"],
    noName: [{ url: "http://nobody.test" }, "DOWN dns"],
    brokenName: [{ url: "http://broken.test" }, "DOWN dns"],
    deadDns: [{ url: "http://dead.test" }, "DOWN dns"],
    badRegex: [
      await web(answer({ body: backtracking }), { conditions: ["body matches /^(a+)+$/"] }),
      "DOWN body",
    ],
    noCredentials: [
      await web(answer(), { auth: { bearer: { ssm: "/nowhere" } } }),
      "UNKNOWN own-credentials",
    ],
    port: [{ url: `tcp://127.0.0.1:${onIpv4.port}` }, "UP"],
    closedPort: [{ url: `tcp://127.0.0.1:${closed.port}` }, "DOWN connect"],
    record: [
      { url: `dns://127.0.0.1:${dns.port}/two.test`, conditions: ['answer contains "127.0.0.9"'] },
      "UP",
    ],
    wrongRecord: [
      { url: `dns://127.0.0.1:${dns.port}/two.test`, conditions: ['answer contains "192.0.2.1"'] },
      "DOWN dns",
    ],
    healthyToo: [await web(answer()), "UP"],
  };
  const entries = Object.entries(sites);
  return {
    list: Object.fromEntries(entries.map(([name, [policy]]) => [name, policy])),
    resolver: dns.address,
    expected: Object.fromEntries(entries.map(([name, [, verdict]]) => [name, verdict])),
  };
}

/** Each checker begins at another minute: they share a table, in which a minute counts once. */
let begin = Date.now();
const nextBegin = (): number => {
  begin += 3_600_000;
  return begin;
};

/** What one run came to: `shop: DOWN status`. */
async function verdictsOf(
  list: Record<string, object>,
  resolver: string,
  concurrency: number,
  minutes = 1,
): Promise<Record<string, string>> {
  const checker = createChecker({ config: { list, concurrency, perInvocation: 5000 }, table, resolver });
  let last: Result | Error | undefined;
  checker.now = nextBegin();
  for (let minute = 0; minute < minutes; minute++) {
    checker.lines.length = 0;
    last = await checker.nextMinute();
  }
  if (!last || last instanceof Error) throw last;
  const reasons = new Map(
    checker.metrics("NotUp").map(({ dimensions }) => dimensions.split(" ") as [string, string]),
  );
  const up = new Map(checker.metrics("Up").map(({ dimensions, value }) => [dimensions, value]));
  return Object.fromEntries(
    Object.keys(list).map((name) => {
      const reason = reasons.get(name);
      if (reason === undefined) return [name, "UP"];
      const verdict = up.get(name) === undefined ? "UNKNOWN" : up.get(name) === 0 ? "DOWN" : "DEGRADED";
      return [name, `${verdict} ${reason}`];
    }),
  );
}

test("every failure gives exactly its verdict and reason, and changes no other site's: all at once, warm, a few at a time", async () => {
  const { list, resolver, expected } = await everything();
  expect(await verdictsOf(list, resolver, 50)).toEqual(expected);
  expect(await verdictsOf(list, resolver, 49, 2)).toEqual(expected);
  expect(await verdictsOf(list, resolver, 5)).toEqual(expected);
});

test("a dead name server and a silent site hold up no healthy one", async () => {
  const dns = await nameServer({ "dead.test": "silent" });
  const order: string[] = [];
  const healthy = await site((request, socket, timers) => {
    order.push("healthy");
    answer()(request, socket, timers);
  });
  const silent = await site(silence);
  const list = {
    dead1: { url: "http://dead.test/1" },
    dead2: { url: "http://dead.test/2" },
    dead3: { url: "http://dead.test/3" },
    dead4: { url: "http://dead.test/4" },
    dead5: { url: "http://dead.test/5" },
    silent: { url: silent.url, timeoutSeconds: 0.3 },
    healthyAmongDead: { url: healthy.url },
  };
  const checker = createChecker({ config: { list }, table, resolver: dns.address });
  checker.now = nextBegin();
  const run = checker.tick().then(() => order.push("run"));
  await run;
  // The healthy site was asked while the others were still waited for.
  expect(order).toEqual(["healthy", "run"]);
  expect(checker.metrics("Up")).toContainEqual({ dimensions: "healthyAmongDead", value: 1 });
});
