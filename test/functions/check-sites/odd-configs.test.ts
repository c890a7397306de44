import "../../../functions/check-sites/evaluate/pattern-engine.ts";
import { describe, expect, test } from "vitest";
import { sites } from "../../../functions/check-sites/config/sites.ts";
import { parseSection } from "../../../shared/config/load.ts";
import { parseConfigFile } from "../../../shared/config/read-file.ts";

/** Configs as people write them who have another tool in mind, or a key's meaning half; and what they are answered. */

const read = (yaml: string) => parseSection(parseConfigFile(yaml, "config/test.yml"), "sites", sites);
const problems = (yaml: string): string => {
  const parsed = read(yaml);
  return "problems" in parsed ? parsed.problems.join("\n") : "";
};
const site = (lines: string) => `sites:\n  list:\n    shop:\n${lines.replace(/^/gm, "      ")}`;
const at = (url: string) => site(`url: "${url}"`);
const shop = (lines: string) => site(`url: https://a.test\n${lines}`);
const condition = (text: string, more = "") => shop(`${more}conditions:\n  - ${JSON.stringify(text)}`);

describe("an address that would be checked otherwise than it reads", () => {
  test.each([
    [
      "dns:8.8.8.8",
      /a name, such as dns:example\.com, or dns:\/\/8\.8\.8\.8\/example\.com to ask this server/,
    ],
    ["dns:192.0.2.1?type=PTR", /the name 1\.2\.0\.192\.in-addr\.arpa/],
    ["dns:a.test?type=A&type=MX", /one \?type=/],
    ["dns://8.8.8.8", /a name, such as dns:\/\/8\.8\.8\.8\/example\.com/],
    ["tcp://a.test:5432?sslmode=require", /nothing behind the port instead of/],
    ["tls://a.test:443#x", /nothing behind the port/],
    ["https://${HOST}/health", /a host name .* instead of \$\{host\}/],
    [`https://${"a".repeat(64)}.test`, /at most 63 between two dots/],
    [`dns:${"a".repeat(64)}.test`, /at most 63 between two dots/],
    ["https://", /a host name or an IP address behind the scheme/],
    ["https://shop .example.com", /a host name or an IP address behind the scheme/],
    ["icmp://a.test", /such as tcp:\/\/host:port \(there is no ping\)/],
    ["wss://a.test/socket", /such as https:\/\/shop\.example\.com\/socket/],
    ["starttls://a.test:587", /such as tcp:\/\/host:587/],
    ["ssh://a.test", /such as tcp:\/\/host:22/],
  ])("%s", (url, expected) => {
    expect(problems(at(url))).toMatch(expected);
  });
  test.each([
    "https://a.test./x",
    "https://_a.b-c.test",
    "https://[2606:4700::1111]/",
    "dns:_sip._tcp.a.test?type=SRV",
  ])("but %s is what it reads", (url) => {
    expect(problems(at(url))).toBe("");
  });
});

describe("a condition that always holds, or never", () => {
  test.each([
    ["body of an answer to HEAD", condition('body contains "ok"', "method: HEAD\n"), /an answer to HEAD has/],
    ["JSON of an answer to HEAD", condition("json $.a == 1", "method: HEAD\n"), /an answer to HEAD has/],
    ["a redirect that is followed", condition("status in 301, 308"), /redirects: 0 beside it/],
    ["a status that there is not", condition("status == 2000"), /a status that there is/],
    ["a time of nothing", condition("time < 0 ms"), /a limit above 0 ms/],
    [
      "TLS without TLS",
      site("url: http://a.test\nconditions: [phase.tls < 1 s]"),
      /\(resolve, connect, processing, transfer\): phase\.tls is none/,
    ],
    [
      "a transfer without one",
      site("url: tcp://a.test:1\nconditions: [phase.transfer < 1 s]"),
      /\(resolve, connect\): phase\.transfer is none/,
    ],
    [
      "the address of a DNS check",
      site("url: dns:a.test\nconditions: [ip in 10.0.0.0/8]"),
      /a dns check has: ip is none/,
    ],
  ])("%s", (_, yaml, expected) => {
    expect(problems(yaml)).toMatch(expected);
  });
  test.each([
    ["a redirect that is the answer", condition("status == 301", "redirects: 0\n")],
    ["a redirect or the page behind it", condition("status in 200, 301")],
    ["any error", condition("status >= 400")],
    ["no error", condition("status != 500")],
  ])("but not %s", (_, yaml) => {
    expect(problems(yaml)).toBe("");
  });
});

describe("a condition that is nearly right is answered with how it is written", () => {
  test.each([
    ["STATUS == 200", /here it is written status == 200/],
    ["status_code == 200", /here it is written status == 200/],
    ["response_time < 300", /here it is written time < 300 ms/],
    ["$.status == 'up'", /here it is written json \$\.status/],
    ["ssl > 30", /here it is written certificate\.days > 30/],
    ["status == 200 or status == 201", /one number, or several behind `in`/],
    ["status == 200-299", /one number, or several behind `in`/],
    ["time < 1 s else warn", /else degraded or else down at its end instead of else warn/],
  ])("%s", (text, expected) => {
    expect(problems(condition(text))).toMatch(expected);
  });
  test.each([
    "json $.items.0.name == 1",
    "json $['a b'] == 1",
    "json $.größe == 1",
    "time < 1 s else DEGRADED",
  ])("%s is read", (text) => {
    expect(problems(condition(text))).toBe("");
  });
  test("a mapping in the place of a text", () => {
    expect(problems(shop("conditions:\n  - status: 200"))).toMatch(
      /found \{"status":200\}, expected a text such as status == 200/,
    );
  });
});

describe("a key of which half does nothing", () => {
  test.each([
    [
      "45 seconds, which would be a minute",
      shop("intervalSeconds: 45"),
      /10, 12, 15, 20 or 30, or whole minutes/,
    ],
    [
      "90 seconds, which would be a minute",
      shop("intervalSeconds: 90"),
      /10, 12, 15, 20 or 30, or whole minutes/,
    ],
    [
      "auth beside its header",
      shop("headers: { Authorization: { ssm: /x } }\nauth: { bearer: { ssm: /y } }"),
      /either auth or the header authorization/,
    ],
    [
      "ca beside insecure",
      shop('insecure: true\nca: "-----BEGIN CERTIFICATE-----"'),
      /either ca or insecure/,
    ],
    ["a path for a certificate", shop("ca: /etc/ssl/ca.pem"), /a certificate's text in PEM/],
    ["an address for a server's name", shop("serverName: https://b.test"), /a host name, such as/],
    [
      "a user that ends at its colon",
      shop("auth: { basic: { user: 'a:b', password: { ssm: /x } } }"),
      /a user without a colon/,
    ],
    ["a password in clear", shop("auth: { basic: { user: a, password: b } }"), /password: \{ ssm: \/name \}/],
  ])("%s", (_, yaml, expected) => {
    expect(problems(yaml)).toMatch(expected);
  });
  test.each([10, 12, 15, 20, 30, 60, 300])("%i seconds is an interval", (seconds) => {
    expect(problems(shop(`intervalSeconds: ${seconds}`))).toBe("");
  });
});

describe("a file of another shape", () => {
  test.each([
    ["sites as a list", "sites:\n  - https://a.test", /sites by their names/],
    ["a list of sites", "sites:\n  list:\n    - { name: shop, url: https://a.test }", /sites by their names/],
    [
      "a site as its address",
      "sites:\n  list:\n    shop: https://a.test",
      /keys with values: \{ url: "https:\/\/a\.test" \}/,
    ],
  ])("%s", (_, yaml, expected) => {
    expect(problems(yaml)).toMatch(expected);
  });
});

describe("keys of other tools", () => {
  test.each([
    ["gatus: name", "name: shop", /here it is the key of the site in the list/],
    [
      "gatus: thresholds",
      "failure-threshold: 3\nsuccess-threshold: 2",
      /here it is downAfter\n.*here it is upAfter/,
    ],
    ["gatus: ui", "ui: { hide-url: true }", /show: name/],
    ["gatus: maintenance", "maintenance-windows: []", /here it is maintenance/],
    ["blackbox: TLS wanted", "fail_if_not_ssl: true", /here it is url: https:/],
    ["blackbox: headers", "fail_if_header_not_matches: []", /header <name> matches/],
    ["blackbox: IP version", "preferred_ip_protocol: ip4", /here it is addresses/],
    ["blackbox: query_response", "query_response: []", /only connect/],
    ["blackbox: DNS", "query_name: a.test\nquery_type: MX", /dns:example\.com\?type=MX/],
    ["uptime-kuma: JSON", "jsonPath: $.a\nexpectedValue: ok", /json \$\.status == "UP"/],
    ["uptime-kuma: reminders", "resendInterval: 5", /here it is remindAfterMinutes/],
    ["uptime-kuma: expiry", "expiryNotification: true", /certificate\.days/],
    ["uptime-kuma: groups", "parent: 1", /here it is group, or dependsOn/],
    ["uptime-kuma: turned round", "upsideDown: true", /cannot be turned round/],
  ])("%s", (_, lines, expected) => {
    expect(problems(shop(lines))).toMatch(expected);
  });
});
