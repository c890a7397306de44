import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findAutomations } from "../../../scripts/automations.ts";
import { configOf } from "../../../scripts/checked-config.ts";
import { parseConfigFile } from "../../../shared/config/read-file.ts";
import { messageOf } from "../../../shared/errors/message-of.ts";
import { keyWithoutSecrets, withoutSecrets } from "../../../shared/secrets/clear-secrets.ts";

const automations = await findAutomations(`${import.meta.dirname}/../../..`);

/** Everything that is said of a config. */
function saidOf(text: string): string {
  try {
    const checked = configOf(parseConfigFile(text, "config.yml"), automations);
    return "problems" in checked ? checked.problems.join("\n") : "";
  } catch (error) {
    return messageOf(error);
  }
}

const letters = "abcdefghijklmnopqrstuvwxyz";
const characters = (alphabet: string, min: number, max: number) =>
  fc.array(fc.constantFrom(...alphabet), { minLength: min, maxLength: max }).map((chosen) => chosen.join(""));
/** As generators make them: letters of both cases and digits. */
const random = fc
  .tuple(characters(letters, 6, 20), characters(letters.toUpperCase(), 4, 16), characters("0123456789", 4, 9))
  .map((parts) => interleaved(parts));
const hex = characters("0123456789abcdef", 32, 64).filter((text) => /[a-f]\d[a-f]/.test(text));
const issued = fc
  .tuple(
    fc.constantFrom("ghp_", "xoxb-", "AKIA", "glpat-", "sk-", "npm_"),
    characters("ABCDEFGH234567", 16, 30),
  )
  .map((parts) => parts.join(""));
const strong = fc.oneof(random, hex, issued);
/** What only its place gives away. */
const weak = characters(`${letters}${letters.toUpperCase()}0123456789`, 6, 12);

function interleaved(parts: readonly string[]): string {
  const longest = Math.max(...parts.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => parts.map((part) => part[at] ?? "").join("")).join("");
}

/** Wrong configs with a credential whose place says that it is one: also a short word is hidden. */
const BY_PLACE: readonly ((secret: string) => string)[] = [
  (s) => `sites: {list: {a: {url: "https://a.test", headers: {Authorization: "Bearer ${s}"}}}}`,
  (s) => `sites: {list: {a: {url: "https://a.test", headers: {X-Auth-Token: "${s}"}}}}`,
  (s) => `sites: {list: {a: {url: "https://a.test", headers: {Cookie: "session=${s}"}}}}`,
  (s) => `sites: {list: {a: {url: "https://a.test", headers: {X-Mine: "a\\n${s}"}}}}`,
  (s) => `sites: {list: {a: {url: "https://a.test", headers: ["X-Mine: ${s}"]}}}`,
  (s) => `sites: {list: [{name: a, url: "https://a.test", headers: {X-Mine: "${s}"}}]}`,
  (s) => `sites: [{url: "https://a.test", auth: {bearer: "${s}"}}]`,
  (s) => `sites: {list: {a: {url: "https://a.test", auth: {basic: {user: ops, password: "${s}"}}}}}`,
  (s) => `sites: {list: {a: {url: "https://a.test", auth: {bearer:${s}}}}}`,
  (s) => `sites: {list: {a: {url: "https://a.test", auth: "ops:${s}"}}}`,
  (s) => `sites: {list: {a: {url: "https://ops:${s}@a.test/health"}}}`,
  (s) => `sites: {list: {a: {url: "https://ops:${s}@a.test:99999/"}}}`,
  (s) => `sites: {list: {a: {url: "ops:${s}@a.test"}}}`,
  (s) => `sites: {list: {a: {url: "https://${s}@a.test/health"}}}`,
  (s) => `sites: {list: {a: "https://a.test/?token=${s}"}}`,
  (s) => `sites: {list: {a: "https://a.test/?a=1&k=${s}#x"}}`,
  (s) => `sites: {list: {a: "https://a.test/?${s}"}}`,
  (s) => `sites: {list: {a: "https://a.test/#access_token=${s}"}}`,
  (s) => `sites: {list: {a: {url: "ftp://a.test/?sig=${s}"}}}`,
  (s) => `sites: {list: {a: {url: "https://a.test", body: ["${s}"]}}}`,
  (s) =>
    `sites: {list: {a: {url: "https://a.test", conditions: ["header.authorization == 'Bearer ${s}' maybe"]}}}`,
  (s) => `sites: {list: {a: {url: "https://a.test", clientCertificate: {key: {password: "${s}"}}}}}`,
  (s) => `notify: {routes: [{to: {slack: {webhook: "https://hooks.slack.com/services/${s}"}}}]}`,
  (s) => `notify: {slack: "https://hooks.slack.com/services/T/B/${s}"}`,
  (s) => `notify: "https://discord.com/api/webhooks/1/${s}"`,
  (s) => `notify: {targets: {chat: "https://acme.webhook.office.com/webhookb2/${s}"}}`,
  (s) => `notify: ["https://api.telegram.org/bot1:${s}/sendMessage"]`,
  (s) => `notify: {routes: [{to: {pagerduty: {routingKey: "${s}"}}}]}`,
  (s) => `notify: [{pagerduty: {integrationKey: ${s}}}]`,
  (s) => `notify: {emails: [{user: a, smtpPassword: "${s}"}]}`,
  (s) => `nodePools: [{cluster: c, kubeconfig: {token: "${s}"}}]`,
  (s) => `account: {ids: ["x"], secretAccessKey: "${s}"}\nstreams: [{apiKey: "${s}"}]`,
  (s) => `streams: "curl -H 'X-Api-Key: ${s}' https://a.test"`,
  (s) => `mode: {token: "${s}"}`,
  (s) => `extends: {token: "${s}"}`,
  // No YAML, at the credential itself.
  (s) => `notify:\n  token: "x" ${s}`,
  (s) => `notify:\n  token: |${s}\n    x`,
  (s) => `notify:\n  token: *${s}`,
  (s) => `notify: {token: "\\q${s}"}`,
  (s) => `notify: {token: "${s}"`,
  (s) => `notify: {token: x]${s}}`,
  (s) => `notify:\n  password: !${s} x\n  password: ${s}`,
];

/** Wrong configs in which nothing but its looks gives the credential away. */
const BY_LOOKS: readonly ((secret: string) => string)[] = [
  (s) => `streams: {orders: {max: "${s}"}}`,
  (s) => `sites: {list: {a: "${s}"}}`,
  (s) => `sites: {list: {a: {url: "https://a.test/v1/${s}/health", timeoutSeconds: x}}}\nmode: "${s}"`,
  (s) => `nodePools: {a: {cluster: ["x", {deeper: "see ${s}."}]}}`,
  (s) => `notify: ["ops", "${s}"]`,
  (s) => `ingest: "${s}"`,
];

/** A piece of a credential is one as well. */
function piecesOf(secret: string): string[] {
  return Array.from({ length: secret.length - 5 }, (_, at) => secret.slice(at, at + 6));
}

describe("what is said of a wrong config", () => {
  it("never quotes a credential that its place gives away", () => {
    fc.assert(
      fc.property(fc.constantFrom(...BY_PLACE), fc.oneof(weak, strong), (config, secret) => {
        const said = saidOf(config(secret));
        expect(said).not.toBe("");
        for (const piece of piecesOf(secret)) expect(said).not.toContain(piece);
      }),
      { numRuns: 1_000 },
    );
  });

  it("never quotes a text that looks like a credential, wherever it stands", () => {
    fc.assert(
      fc.property(fc.constantFrom(...BY_LOOKS), strong, (config, secret) => {
        const said = saidOf(config(secret));
        expect(said).not.toBe("");
        for (const piece of piecesOf(secret)) expect(said).not.toContain(piece);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    "orders",
    "900d",
    "Mon-Fri 08:00-18:00 UTC",
    "arn:aws:kinesis:us-east-1:123456789012:stream/orders",
    "arn:aws:sns:us-gov-west-1:123456789012:on-call-of-the-shop",
    "https://shop.example.com/health/v2/readiness",
    "http://10.0.0.5:8080/health",
    "dns://192.0.2.53/example.com?type=MX",
    "clickstream-events-production-2026",
    "subnet-0123456789abcdef0",
    "ops@example.com",
    "cron(0 8 ? * MON-FRI *)",
    "status == 200 and time < 800 ms",
    "2026-11-28T08:00:00Z",
    "/reflex/production/webhook-of-the-shop",
    "checkSitesFunctionErrors",
  ])("quotes %s as it is", (text) => {
    expect(withoutSecrets(text, ["sites", "list", "user-sessions", "url"]).value).toBe(text);
    expect(keyWithoutSecrets(text)).toBe(text);
  });

  it("hides a long text as a whole, and takes no time over it", () => {
    const { value, hideIn } = withoutSecrets("token".repeat(100_000), ["streams"]);
    expect(value).toBe("[hidden]");
    expect(hideIn("expected another")).toBe("expected another");
  });

  it.each<[unknown, unknown]>([
    [
      "https://ops:pw@a.test/?token=abc&x=1#top",
      "https://[hidden]@a.test/?token=[hidden]&x=[hidden]#[hidden]",
    ],
    ["Authorization: Bearer abc", "Authorization: [hidden]"],
    ["https://hooks.slack.com/services/T0/B0/abc", "https://hooks.slack.com/[hidden]"],
    [
      { headers: { Accept: "text/html" }, max: 4 },
      { headers: { Accept: "[hidden]" }, max: 4 },
    ],
    [
      { pin: 1234, password: 1234, on: true, none: null },
      { pin: 1234, password: "[hidden]", on: true, none: null },
    ],
  ])("says where something was hidden: %j", (value, shown) => {
    expect(withoutSecrets(value, ["notify"]).value).toEqual(shown);
  });
});
