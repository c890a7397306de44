import { describe, expect, test } from "vitest";
import { sites } from "../../../functions/check-sites/config/sites.ts";
import { parseSection } from "../../../shared/config/load.ts";
import { parseConfigFile } from "../../../shared/config/read-file.ts";

async function load(yaml: string) {
  const parsed = parseSection(parseConfigFile(yaml, "config/test.yml"), "sites", sites);
  if ("problems" in parsed) throw new Error(parsed.problems.join("\n"));
  return parsed.value;
}
const problems = async (yaml: string): Promise<string[]> => {
  const parsed = parseSection(parseConfigFile(yaml, "config/test.yml"), "sites", sites);
  // Where each stands in its file is tested with the reader (test/shared/config).
  return "problems" in parsed ? parsed.problems.map((problem) => problem.replace(/:\d+:\d+:/, ":")) : [];
};
const site = (lines: string) => `sites:\n  list:\n    shop:\n${lines.replace(/^/gm, "      ")}`;
const only = async (yaml: string) => {
  const [first] = (await load(yaml)).list;
  if (!first) throw new Error("no site");
  return first;
};

describe("a site with nothing but an address", () => {
  const shop = only(site("url: https://shop.example.com/health"));

  test("has the README's defaults", async () => {
    expect(await shop).toMatchObject({
      name: "shop",
      timeoutMs: 10_000,
      addresses: "first",
      retries: 0,
      downAfter: { count: 2, of: 2 },
      upAfter: { count: 2, of: 2 },
      remindAfterMs: 4 * 3_600_000,
      maintenance: [],
      endpoint: { kind: "http", method: "GET", redirects: 5, maxBodyBytes: 2_000_000 },
    });
  });
  test("must have a good status and a certificate that lasts", async () => {
    expect((await shop).conditions.map(({ subject, severity }) => `${subject} ${severity}`)).toEqual([
      "status down",
      "certificate.days degraded",
    ]);
  });
  test("needs no certificate without TLS", async () => {
    const plain = await only(site("url: http://shop.example.com"));
    expect(plain.conditions.map(({ subject }) => subject)).toEqual(["status"]);
  });
});

describe("a site's own conditions", () => {
  test("take the place of the default on the same subject", async () => {
    const shop = await only(
      site("url: https://shop.example.com\nconditions: [status == 401, certificate.days > 30]"),
    );
    expect(shop.conditions.map(({ subject, severity }) => `${subject} ${severity}`)).toEqual([
      "status down",
      "certificate.days down",
    ]);
  });
});

describe("the defaults", () => {
  test("hold for every site that says nothing of its own", async () => {
    const { list } = await load(
      "sites:\n  defaults: { timeoutSeconds: 3, downAfter: { count: 2, of: 3 } }\n  list:\n    a: { url: http://a.test }\n    b: { url: http://b.test, timeoutSeconds: 5 }",
    );
    expect(list.map(({ timeoutMs, downAfter }) => [timeoutMs, downAfter])).toEqual([
      [3000, { count: 2, of: 3 }],
      [5000, { count: 2, of: 3 }],
    ]);
  });
});

describe("kinds of addresses", () => {
  test.each([
    ["tcp://db.example.com:5432", { kind: "tcp", host: "db.example.com", port: 5432 }],
    ["tls://mail.example.com:993", { kind: "tcp", host: "mail.example.com", port: 993, tls: {} }],
    ["dns:example.com", { kind: "dns", name: "example.com", type: "A" }],
    ["dns:example.com?type=mx", { kind: "dns", name: "example.com", type: "MX" }],
    [
      "dns://192.0.2.53:5353/example.com?type=TXT",
      { kind: "dns", name: "example.com", type: "TXT", server: { address: "192.0.2.53", port: 5353 } },
    ],
  ])("%s", async (url, endpoint) => {
    expect((await only(site(`url: "${url}"`))).endpoint).toEqual(endpoint);
  });
});

describe("a mistake is named with its place, what was found and what was expected", () => {
  test.each([
    [
      "url: shop.example.com",
      /^config\/test\.yml: sites\.list\.shop\.url: found "shop\.example\.com", expected an address that begins/,
    ],
    ["url: ftp://shop.example.com", /shop\.url: found "ftp:.*expected an address that begins/],
    ["url: https://u:p@shop.example.com", /expected an address without a user and password/],
    ["url: tcp://shop.example.com", /expected a host and a port/],
    ["url: dns:example.com?type=XYZ", /expected a type out of A, AAAA/],
    ["url: dns://ns.example.com/example.com", /expected the IP address of a DNS server/],
    ["method: GET", /shop\.url: is missing/],
    ["url: https://a.test\nmethod: CONNECT", /shop\.method: found "CONNECT", expected "GET" or/],
    [
      "url: https://a.test\nconditions: [status == 200, statuss == 1]",
      /shop\.conditions\.1: found "statuss == 1", expected one of status, time/,
    ],
    [
      "url: tcp://a.test:1\nconditions: [status == 200]",
      /shop\.conditions\.0: found "status == 200", expected a subject that a tcp check has/,
    ],
    [
      "url: https://a.test\nmaintenance: [whenever]",
      /shop\.maintenance\.0: found "whenever", expected "Mon-Fri/,
    ],
    ["url: https://a.test\ndownAfter: { count: 3, of: 2 }", /shop\.downAfter.*expected .*not more than `of`/],
    ["url: https://a.test\ntimeoutSeconds: 300", /shop\.timeoutSeconds: found 300, expected at most 30/],
    ["url: https://a.test\ntimeout: 3", /shop\.timeout: is no key here/],
    [
      "url: https://a.test\nheaders: { Authorization: Bearer abc }",
      /headers\.Authorization: found .*expected a reference/,
    ],
    ["url: https://a.test\nheaders: { 'bad header': x }", /expected a header's name/],
    ["url: https://a.test\nheaders: { Content-Length: '3' }", /expected another header/],
    ["url: https://a.test\nauth: { bearer: abc }", /shop\.auth/],
    ["url: https://a.test\nauth: { basic: { user: u, password: p } }", /shop\.auth/],
  ])("%s", async (lines, message) => {
    expect((await problems(site(lines))).join("\n")).toMatch(message);
  });
  test("outside of the list too", async () => {
    expect((await problems("sites:\n  allow: [10.0.0.0/8, lan]\n  concurrency: 0")).join("\n")).toMatch(
      /sites\.(allow\.1: found "lan", expected an address range[\s\S]*concurrency: found 0|concurrency: found 0[\s\S]*allow\.1: found "lan")/,
    );
  });
  test("all of them at once", async () => {
    const found = await problems(
      "sites:\n  list:\n    a: { url: https://a.test, conditions: [x] }\n    b: { url: nonsense }",
    );
    expect(found).toHaveLength(2);
  });
  test("in the defaults' conditions once, where it stands", async () => {
    const found = await problems(
      "sites:\n  defaults: { conditions: [x] }\n  list:\n    a: { url: https://a.test }\n    b: { url: https://b.test }",
    );
    expect(found).toEqual([
      expect.stringMatching(/sites\.defaults\.conditions\.0: found "x", expected one of status/),
    ]);
  });
  test("a site's name that could be no metric dimension", async () => {
    expect(await problems("sites:\n  list:\n    'my shop': { url: https://a.test }")).toHaveLength(1);
  });
});
