import "../../../functions/check-sites/evaluate/pattern-engine.ts";
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
      endpoint: { kind: "http", method: "GET", redirects: 10, maxBodyBytes: 2_000_000 },
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

/** Configs as users of other tools would write them, and what check-config says. */
describe("a key or a condition of another tool is answered with what stands for it here", () => {
  const KINDS = /one of status, time.*\(here it is written /;
  test.each([
    [
      "gatus: a list of endpoints",
      "sites:\n  endpoints:\n    - { name: shop, url: https://a.test }",
      [/sites\.endpoints: is no key here, here it is list, by name/],
    ],
    [
      "gatus: interval",
      site("url: https://a.test\ninterval: 30s"),
      [/shop\.interval: is no key here, here it is intervalSeconds/],
    ],
    [
      "gatus: conditions",
      site(
        'url: https://a.test\nconditions: ["[STATUS] == 200", "[RESPONSE_TIME] < 300", "[BODY].status == UP"]',
      ),
      [/written status == 200/, /written time < 300 ms/, /written json \$\.status == "UP"/],
    ],
    [
      "gatus: certificates",
      site('url: https://a.test\nconditions: ["[CERTIFICATE_EXPIRATION] > 48h"]'),
      [/certificate\.days > 30/, KINDS],
    ],
    [
      "gatus: client",
      site("url: https://a.test\nclient: { insecure: true }"),
      [/shop\.client: is no key here, here it is .*insecure/],
    ],
    [
      "gatus: alerts",
      site("url: https://a.test\nalerts: [{ type: slack }]"),
      [/shop\.alerts: .*not needed: notifications go to the topic/],
    ],
    [
      "gatus: dns",
      site('url: "8.8.8.8"\ndns: { query-name: example.com }'),
      [/shop\.dns: .*dns:example\.com\?type=MX/, /shop\.url: found "8\.8\.8\.8"/],
    ],
    [
      "blackbox: modules",
      "sites:\n  modules: { http_2xx: { prober: http } }",
      [/sites\.modules: is no key here/],
    ],
    [
      "blackbox: prober",
      site("url: https://a.test\nprober: http\nhttp: { valid_status_codes: [200] }"),
      [/shop\.prober: .*not needed/, /shop\.http: .*directly in the site/],
    ],
    [
      "blackbox: status codes and bodies",
      site("url: https://a.test\nvalid_status_codes: [200]\nfail_if_body_not_matches_regexp: [ok]"),
      [/status in 200-299/, /body matches/],
    ],
    [
      "blackbox: target",
      site("target: https://a.test"),
      [/shop\.url: is missing/, /shop\.target: .*here it is url/],
    ],
    [
      "blackbox: TLS and tokens",
      site("url: https://a.test\nbearer_token: abc\ntls_config: {}"),
      [/bearer: \{ ssm/, /shop\.tls_config: .*insecure/],
    ],
    [
      "uptime-kuma: HTTP",
      site("type: http\nurl: https://a.test\nmaxretries: 2\naccepted_statuscodes: ['200-299']"),
      [/shop\.type: .*not needed/, /here it is retries/, /status in 200-299/],
    ],
    [
      "uptime-kuma: a port",
      site("type: port\nhostname: db.test\nport: 5432"),
      [/shop\.hostname: .*tcp:\/\/host:port/, /shop\.port: .*tcp:\/\/host:port/],
    ],
    [
      "uptime-kuma: a keyword",
      site("url: https://a.test\nkeyword: welcome\nignoreTls: true\ntimeout: 48"),
      [/body contains/, /here it is insecure/, /here it is timeoutSeconds/],
    ],
  ] as const)("%s", async (_, yaml, expected) => {
    const found = (await problems(yaml)).join("\n");
    for (const one of expected) expect(found).toMatch(one);
  });
});

describe("a config that would mislead is refused", () => {
  test.each([
    [
      "a network as a resolver",
      "sites: { resolvers: [10.0.0.0/8] }",
      /resolvers\.0: found "10\.0\.0\.0\/8", expected the IP address of a DNS server/,
    ],
    ["a resolver's port", "sites: { resolvers: ['10.0.0.2:99999'] }", /resolvers\.0: found/],
    ["a port", site("url: tcp://a.test:99999"), /shop\.url: .*a port from 1 to 65535 instead of 99999/],
    ["a misspelt parameter of a DNS address", site('url: "dns:x?typ=MX"'), /instead of \?typ=/],
    ["a method on tcp://", site("url: tcp://a.test:80\nmethod: POST"), /shop\.method: .*only with an http/],
    ["headers on dns:", site("url: dns:a.test\nheaders: { a: b }"), /shop\.headers: .*does nothing here/],
    ["ca on tcp://", site("url: tcp://a.test:80\nca: x"), /shop\.ca: .*only with an https/],
    ["alpn on https://", site("url: https://a.test\nalpn: [h2]"), /shop\.alpn: .*tls:/],
    [
      "a certificate without TLS",
      site("url: http://a.test\nconditions: [certificate.days > 3]"),
      /without TLS has: certificate\.days is none/,
    ],
    [
      "a limit that no probe can reach",
      site("url: https://a.test\ntimeoutSeconds: 5\nconditions: [time < 8 s]"),
      /below timeoutSeconds, which is 5 s/,
    ],
    ["two headers of one name", site("url: https://a.test\nheaders: { X-A: a, x-a: b }"), /X-A is the same/],
    [
      "attempts that do not fit in a run",
      site("url: https://a.test\ntimeoutSeconds: 30\nretries: 1"),
      /at most 45 s for all attempts/,
    ],
    [
      "a site that depends on none of the list",
      site("url: https://a.test\ndependsOn: [lb]"),
      /dependsOn\.0: .*another site/,
    ],
    [
      "sites that depend on each other",
      "sites:\n  list:\n    a: { url: https://a.test, dependsOn: [b] }\n    b: { url: https://b.test, dependsOn: [a] }",
      /does not depend on this one itself/,
    ],
    ["a misspelt key", site("url: https://a.test\ntimeoutSecond: 3"), /did you mean timeoutSeconds\?/],
    ...["X-Auth-Token", "X-Access-Key", "Session-Id", "X-Api-Key", "Cookie", "My-Secret"].map(
      (name) =>
        [
          `a credential in clear: ${name}`,
          site(`url: https://a.test\nheaders: { ${name}: abc }`),
          /expected a reference/,
        ] as const,
    ),
  ] as const)("%s", async (_, yaml, expected) => {
    expect((await problems(yaml)).join("\n")).toMatch(expected);
  });
  test("one wrong type hides no other problem", async () => {
    const found = await problems(
      "sites:\n  concurrency: many\n  list:\n    a: { url: https://a.test, retries: x, conditions: [nonsense] }\n    b: { conditions: [nonsense] }",
    );
    expect(found.map((one) => /sites\.\S+:/.exec(one)?.[0]).sort()).toEqual([
      "sites.concurrency:",
      "sites.list.a.conditions.0:",
      "sites.list.a.retries:",
      "sites.list.b.conditions.0:",
      "sites.list.b.url:",
    ]);
  });
});

describe("a config that says what is meant is read", () => {
  test("a name with letters beyond ASCII", async () => {
    expect((await only(site("url: tcp://bücher.example:80"))).endpoint).toMatchObject({
      host: "xn--bcher-kva.example",
    });
  });
  test("conditions without spaces", async () => {
    const { conditions } = await only(
      site(
        "url: https://a.test\nconditions: [status==200, time<800ms, 'json $.a==\"x\"', 'header x-b==\"c\"']",
      ),
    );
    expect(conditions.map(({ subject }) => subject)).toEqual([
      "certificate.days",
      "status",
      "time",
      "json $.a",
      "header x-b",
    ]);
  });
  test("a site that is not enabled is not checked", async () => {
    expect((await load(site("url: https://a.test\nenabled: false"))).list).toEqual([]);
  });
  test("defaults for one kind among sites of another", async () => {
    const { list } = await load(
      "sites:\n  defaults: { method: HEAD, insecure: true }\n  list:\n    a: { url: https://a.test }\n    b: { url: tcp://b.test:1 }",
    );
    expect(list).toHaveLength(2);
  });
});

describe("regions to confirm from", () => {
  const problemsOf = (regions: string, more = "") =>
    problems(`sites:\n  confirmFrom: ${regions}\n  list:\n    shop: { url: "https://a.example.com"${more} }`);
  test.each([
    ["[eu-west-1, ap-southeast-2]", "", []],
    ["[Ireland]", "", ['found "Ireland", expected the name of an AWS region such as eu-west-1']],
    ["[eu-west-1a]", "", ['found "eu-west-1a", expected the name of an AWS region such as eu-west-1']],
    ["[eu-west-1, eu-west-1]", "", ["expected each region once"]],
    ["[eu-west-1, eu-west-2, eu-west-3]", "", ["expected at most two regions"]],
    ["eu-west-1", "", ['found "eu-west-1", expected a list']],
    ["[eu-west-1]", ", confirm: always", ['found "always", expected']],
    ["[]", ", confirm: never", ["expected this key only with sites.confirmFrom: it does nothing here"]],
  ])("%s%s", async (regions, more, expected) => {
    const found = await problemsOf(regions, more);
    expect(found).toEqual(expected.map((text) => expect.stringContaining(text)));
  });
});
