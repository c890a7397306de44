import "../../../../functions/check-sites/evaluate/pattern-engine.ts";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CERTIFICATE_EXPIRY } from "../../../../functions/check-sites/evaluate/certificate-expiry.ts";
import { type Condition, compileCondition } from "../../../../functions/check-sites/evaluate/condition.ts";
import { Expected } from "../../../../functions/check-sites/evaluate/literals.ts";
import type { Certificate, ProbeResult } from "../../../../functions/check-sites/probe/net/result.ts";
import { ASKED, ASKED_OF_OTHERS } from "./asked.ts";

const NOW = Date.parse("2026-03-01T00:00:00Z");
const DAY = 86_400_000;
const certificate = (days: number, lifeDays = 90): Certificate => ({
  ...{ subject: "shop.test", issuer: "Sandbox", validFrom: NOW - DAY, validTo: NOW + days * DAY },
  ...{ lifeMs: lifeDays * DAY, alternativeNames: [], fingerprint: "", chain: [], tlsVersion: "TLSv1.3" },
});
const NOTHING: ProbeResult = {
  ...{ phases: { resolve: 0, connect: 0, tls: 0, processing: 0, transfer: 0 }, time: 0, hops: [] },
};
const DOCUMENT = {
  ...{ status: "up", queue: 7, ready: true, none: null, tags: ["a", "b"], many: [..."abcdefghijkl"] },
  ...{ "odd key": { deep: [{ x: 1 }] }, 'a"b': 2, "": 3, "größe-2": 1 },
  ...{ long: "x".repeat(79), exact: "x".repeat(78) },
};
const ANSWER: ProbeResult = {
  ...{ phases: { resolve: 10, connect: 20, tls: 150, processing: 600, transfer: 5 }, time: 785.4, hops: [] },
  ...{ address: "10.1.2.3", protocol: "HTTP/1.1", status: 200, certificate: certificate(13.9) },
  headers: { "content-type": "application/json; charset=utf-8", "x-empty": "" },
  body: JSON.stringify(DOCUMENT),
  answers: ["192.0.2.1", "192.0.2.2"],
};
const SEEN: Readonly<Record<string, ProbeResult>> = {
  answer: ANSWER,
  "no JSON": { ...ANSWER, body: "ok", status: 200.5, certificate: certificate(1), answers: ["192.0.2.1"] },
  nothing: NOTHING,
};

/** A line that says what the condition is, and one for each answer. */
function lines(condition: Condition): string[] {
  const { subject, severity, reason, check, ...more } = condition;
  return [
    `${severity} by ${reason} of ${subject} ${JSON.stringify(more)}`,
    ...Object.entries(SEEN).map(([name, seen]) => {
      const { holds, text } = check(seen, NOW);
      return `${name} ${holds ? "holds" : "FAILS"}: ${text}`;
    }),
  ];
}

function compiled(text: string, kind: "http" | "tcp" | "dns"): string[] {
  try {
    return lines(compileCondition(text, kind));
  } catch (error) {
    if (error instanceof Expected) return [`expected ${error.message}`];
    throw error;
  }
}

/** What each condition is and finds, or what is expected instead. `vitest -u` writes them anew: read the diff. */
async function expectGolden(name: string, found: Readonly<Record<string, readonly string[]>>): Promise<void> {
  const path = join(import.meta.dirname, "golden", `${name.replaceAll(/[ ,']+/g, "-")}.json`);
  await expect(`${JSON.stringify(found, undefined, 2)}\n`).toMatchFileSnapshot(path);
}

test.each(Object.entries(ASKED))("conditions on %s find what they say", async (name, asked) => {
  await expectGolden(name, Object.fromEntries(asked.map((text) => [text, compiled(text, "http")])));
});

test("conditions on checks that are no HTTP find what they say", async () => {
  const others = (["tcp", "dns"] as const).flatMap((kind) =>
    ASKED_OF_OTHERS[kind].map((text) => [`${kind}: ${text}`, compiled(text, kind)] as const),
  );
  await expectGolden("other checks", Object.fromEntries(others));
});

test.each([
  [14, 90, false, "certificate expires in 14 days, expected more than 14"],
  [15, 90, true, "certificate expires in 15 days, expected more than 14"],
  [2.9, 6, false, "certificate expires in 2 days, expected more than 2"],
  [3, 6, true, "certificate expires in 3 days, expected more than 2"],
  [1, 6, false, "certificate expires in 1 day, expected more than 2"],
  [0.5, 1, true, "certificate expires in 0 days, expected more than 0"],
  [-0.5, 1, false, "certificate expired 1 day ago, expected more than 0"],
  [0.5, 6, false, "certificate expires in 0 days, expected more than 2"],
])(
  "of a certificate %d days before its end that lives %d, the default says %s",
  (days, life, holds, text) => {
    const seen = { ...ANSWER, certificate: certificate(days, life) };
    expect(CERTIFICATE_EXPIRY.check(seen, NOW)).toEqual({ holds, text });
  },
);

test("a site without a certificate fails the default condition, which makes it DEGRADED", () => {
  const { check, ...about } = CERTIFICATE_EXPIRY;
  expect(about).toEqual({
    ...{ subject: "certificate.days", severity: "degraded", reason: "certificate", readsBody: false },
  });
  expect(check(NOTHING, NOW)).toEqual({ holds: false, text: "certificate was not received" });
});

test("a value is cleaned as a whole before it is cut, and of a very long one only the beginning", () => {
  const secret = "sesame".repeat(20);
  const clean = (text: string) => text.replaceAll(secret, "***");
  const found = (body: string) =>
    compileCondition('body == "ok"', "http").check({ ...ANSWER, body }, NOW, clean);
  expect(found(`${"x".repeat(60)}${secret}`).text).toBe(`body is "${"x".repeat(60)}***", expected "ok"`);
  let longest = 0;
  const measure = (text: string) => {
    longest = Math.max(longest, text.length);
    return text;
  };
  compileCondition('body == "ok"', "http").check({ ...ANSWER, body: "x".repeat(50_000) }, NOW, measure);
  expect(longest).toBeLessThan(20_000);
});
