import "../../../../functions/check-sites/evaluate/pattern-engine.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CERTIFICATE_EXPIRY } from "../../../../functions/check-sites/evaluate/certificate-expiry.ts";
import { compileCondition } from "../../../../functions/check-sites/evaluate/condition.ts";
import type { Certificate, ProbeResult } from "../../../../functions/check-sites/probe/net/result.ts";

const NOW = Date.parse("2026-03-01T00:00:00Z");
const DAY = 86_400_000;

const NOTHING: ProbeResult = {
  phases: { resolve: 0, connect: 0, tls: 0, processing: 0, transfer: 0 },
  time: 0,
  hops: [],
};

const ANSWER: ProbeResult = {
  phases: { resolve: 10, connect: 20, tls: 150, processing: 600, transfer: 5 },
  time: 785.4,
  hops: [],
  address: "10.1.2.3",
  protocol: "HTTP/1.1",
  status: 200,
  headers: { "content-type": "application/json; charset=utf-8", "x-empty": "" },
  body: JSON.stringify({
    status: "up",
    queue: 7,
    ready: true,
    none: null,
    tags: ["a", "b"],
    "odd key": { deep: [{ x: 1 }] },
  }),
  certificate: {
    subject: "shop.test",
    issuer: "Sandbox",
    validFrom: NOW - 10 * DAY,
    validTo: NOW + 13.9 * DAY,
    lifeMs: 90 * DAY,
    alternativeNames: [],
    fingerprint: "",
    chain: [],
    tlsVersion: "TLSv1.3",
  },
};

const holds = (condition: string, result: ProbeResult = ANSWER) =>
  compileCondition(condition, "http").check(result, NOW).holds;
const failure = (condition: string, result: ProbeResult = ANSWER) =>
  compileCondition(condition, "http").check(result, NOW).text;

describe("conditions that hold", () => {
  test.each([
    "status == 200",
    "status != 500",
    "status in 200-299",
    "status in 301, 200",
    "status not in 400-599",
    "status < 300",
    "time < 800 ms",
    "time < 0.8 s",
    "time >= 785 ms",
    "phase.tls < 200 ms",
    "phase.processing <= 600 ms",
    'body contains "up"',
    'body not contains "down"',
    'body matches /"queue":\\d+/',
    "body matches /STATUS/i",
    "body not matches /error|fail/",
    'json $.status == "up"',
    'json $.status != "down"',
    'json $.status in "up", "degraded"',
    "json $.queue == 7",
    "json $.queue < 100",
    "json $.ready == true",
    "json $.none == null",
    'json $.tags contains "a"',
    'json $.tags[1] == "b"',
    'json $["odd key"].deep[0].x == 1',
    "json $.status matches /^up$/",
    "header content-type matches /json/",
    'header Content-Type contains "utf-8"',
    'header x-empty == ""',
    "certificate.days > 12",
    "certificate.days == 13",
    "ip in 10.0.0.0/8",
    "ip not in 192.168.0.0/16, 2001:db8::/32",
    "  status   ==   200  ",
  ])("%s", (condition) => {
    expect(holds(condition)).toBe(true);
  });
});

describe("conditions that fail show the value that was seen", () => {
  test.each([
    ["status == 201", "status is 200, expected 201"],
    ["status != 200", "status is 200, expected anything but 200"],
    ["status in 300-399, 204", "status is 200, expected 300-399, 204"],
    ["status not in 200-299", "status is 200, expected none of 200-299"],
    ["time < 200 ms", "response time 785 ms, expected under 200 ms"],
    ["time >= 1 s", "response time 785 ms, expected at least 1 s"],
    ["phase.tls < 100 ms else degraded", "tls phase 150 ms, expected under 100 ms"],
    ["json $.queue < 5", "json $.queue is 7, expected under 5"],
    ["json $.queue <= 5", "json $.queue is 7, expected at most 5"],
    ['json $.status == "down"', 'json $.status is "up", expected "down"'],
    ['json $.status in "a", "b"', 'json $.status is "up", expected one of "a", "b"'],
    ['json $.tags contains "z"', 'json $.tags is ["a","b"], expected to contain "z"'],
    ['json $.tags not contains "a"', 'json $.tags is ["a","b"], expected not to contain "a"'],
    ["certificate.days > 14", "certificate expires in 13 days, expected more than 14"],
    ["ip in 192.168.0.0/16", "IP address is 10.1.2.3, expected 192.168.0.0/16"],
    [
      "header content-type matches /xml/",
      'header content-type is "application/json; charset=utf-8", expected to match /xml/',
    ],
    [
      "header content-type not matches /json/",
      'header content-type is "application/json; charset=utf-8", expected not to match /json/',
    ],
  ])("%s", (condition, text) => {
    expect(failure(condition)).toBe(text);
  });
  test("a number of thousands is grouped", () => {
    expect(failure("time < 1 s", { ...ANSWER, time: 1210.4 })).toBe(
      "response time 1,210 ms, expected under 1 s",
    );
  });
  test.each([
    [1.5, "certificate expires in 1 day, expected more than 14"],
    [-2.5, "certificate expired 3 days ago, expected more than 14"],
  ])("a certificate with %d days left", (days, text) => {
    const certificate = {
      ...(ANSWER.certificate as NonNullable<ProbeResult["certificate"]>),
      validTo: NOW + days * DAY,
    };
    expect(failure("certificate.days > 14", { ...ANSWER, certificate })).toBe(text);
  });
  test("one that is nested too deep is not shown, and is no error", () => {
    const body = `{"status":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    expect(failure('json $.status == "up"', { ...ANSWER, body })).toBe(
      'json $.status is nested too deep to be shown, expected "up"',
    );
  });
  test("a long one is cut", () => {
    const text = failure('body contains "zzz"', { ...ANSWER, body: "x".repeat(10_000) });
    expect(text).toMatch(/^body is "x{79}…, expected to contain "zzz"$/);
  });
});

describe("what was not received fails, with `not` and without", () => {
  const pairs: readonly [string, string][] = [
    ["status == 200", "status != 200"],
    ["status in 200-299", "status not in 200-299"],
    ["status < 500", "status > 500"],
    ['body contains "x"', 'body not contains "x"'],
    ["body matches /x/", "body not matches /x/"],
    ["json $.a == 1", "json $.a != 1"],
    ['json $.a contains "x"', 'json $.a not contains "x"'],
    ["header x-a matches /x/", "header x-a not matches /x/"],
    ["certificate.days > 14", "certificate.days <= 14"],
    ["ip in 10.0.0.0/8", "ip not in 10.0.0.0/8"],
  ];

  test.each(pairs)("nothing at all: %s / %s", (one, other) => {
    expect([holds(one, NOTHING), holds(other, NOTHING)]).toEqual([false, false]);
  });
  test("the text says that it was not received", () => {
    expect(failure("status < 500", NOTHING)).toBe("status was not received, expected under 500");
  });
  test("no JSON", () => {
    const html = { ...ANSWER, body: "<html>" };
    expect(failure("json $.a != 1", html)).toBe(
      "json $.a cannot be read (the body is not JSON), expected anything but 1",
    );
    expect(holds("json $.a != 1", html)).toBe(false);
  });
  test("a path that is not in the JSON", () => {
    expect(failure("json $.status.deeper != 1")).toBe(
      "json $.status.deeper is not in the body, expected anything but 1",
    );
  });
  test("a path into what every object has (toString) is not in the body", () => {
    expect(holds("json $.toString != 1")).toBe(false);
  });
  test("an operator that says nothing about such a value", () => {
    expect([
      holds("json $.status < 5"),
      holds("json $.queue matches /7/"),
      holds("json $.queue not matches /8/"),
    ]).toEqual([false, false, false]);
  });
});

describe("severity", () => {
  test("is down unless said otherwise", () => {
    expect(compileCondition("status == 200", "http").severity).toBe("down");
  });
  test("is degraded where it says so", () => {
    expect(compileCondition("time < 1 s else degraded", "http").severity).toBe("degraded");
  });
  test("is not looked for inside a text", () => {
    const condition = compileCondition('body contains "or else degraded"', "http");
    expect(condition.severity).toBe("down");
    expect(condition.check({ ...ANSWER, body: "or else degraded" }, NOW).holds).toBe(true);
  });
});

describe("a bad condition says what should have stood there", () => {
  test.each([
    ["statuss == 200", /^one of status, time, phase\.resolve,.* first$/],
    ["", /^one of status/],
    ["status = 200", /^==, !=, .*behind status$/],
    ["status equals 200", /behind status$/],
    ["status == ok", /^a number$/],
    ["status in ok", /^numbers and ranges/],
    ["status in 299-200", /^numbers and ranges/],
    ["status contains 2", /behind status$/],
    ["time < 800", /^a time such as 800 ms/],
    ["time < 800 m", /^a time such as 800 ms/],
    ["body contains ok", /^a text in double quotes/],
    ["body matches ok", /^a pattern such as/],
    ["body matches /(/", /^a pattern in RE2's syntax \(.*missing closing/],
    ["body matches /(?=x)/", /^a pattern in RE2's syntax/],
    ["body matches /x/q", /^a pattern such as/],
    ["json status == 1", /^a path such as/],
    ["json $.a b == 1", /behind json \$\.a$/],
    ["json $.a == up", /^a text in double quotes, a number/],
    ["json $.a < up", /^a number$/],
    ["json $.a in", /^a list such as|behind/],
    ["header == 1", /^header <name>|behind/],
    ["ip in 10.0.0.0/99", /^address ranges/],
    ["ip == 10.0.0.1", /^not in, in behind ip$/],
    ["phase.dns < 1 s", /^one of status/],
    ['answer contains "x"', /^a subject that a http check has: answer is none$/],
  ])("%s", (condition, expected) => {
    expect(() => compileCondition(condition, "http")).toThrow(expected);
  });
  test("a subject that the kind of check does not have", () => {
    expect(() => compileCondition("status == 200", "tcp")).toThrow(
      "a subject that a tcp check has: status is none",
    );
  });
});

test("a catastrophic pattern takes linear time: on a megabyte it is answered at once", () => {
  const body = `${"a".repeat(1_000_000)}!`;
  // With a backtracking engine this test would never end.
  expect(holds("body matches /^(a+)+$/", { ...ANSWER, body })).toBe(false);
  expect(holds("body matches /(a|aa)+$/", { ...ANSWER, body })).toBe(false);
});

describe("unless a site says otherwise, its certificate", () => {
  const left = (days: number, lifeDays: number) =>
    CERTIFICATE_EXPIRY.check(
      {
        ...ANSWER,
        certificate: {
          ...(ANSWER.certificate as Certificate),
          validTo: NOW + days * DAY,
          lifeMs: lifeDays * DAY,
        },
      },
      NOW,
    );
  test.each([
    [15, 90, true],
    [14, 90, false],
    [3, 6, true],
    [2, 6, false],
    [-1, 6, false],
  ])("with %i days left of %i: %s", (days, life, holds) => {
    expect(left(days, life).holds).toBe(holds);
  });
  test("says what was found and expected, by its life", () => {
    expect(left(1, 6).text).toBe("certificate expires in 1 day, expected more than 2");
    expect(left(9, 90).text).toBe("certificate expires in 9 days, expected more than 14");
  });
});

describe("for all values", () => {
  const numbers = fc.constantFrom("==", "!=", "<", "<=", ">", ">=");
  test("a comparison and its opposite never both hold, and one of them does", () => {
    const opposite: Record<string, string> = {
      "==": "!=",
      "!=": "==",
      "<": ">=",
      ">=": "<",
      ">": "<=",
      "<=": ">",
    };
    fc.assert(
      fc.property(
        numbers,
        fc.integer({ min: 100, max: 599 }),
        fc.integer({ min: 100, max: 599 }),
        (op, status, limit) => {
          const result = { ...ANSWER, status };
          return holds(`status ${op} ${limit}`, result) !== holds(`status ${opposite[op]} ${limit}`, result);
        },
      ),
    );
  });
  test("any text that is compiled or refused, is refused by an Expected only", () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 40 }),
        fc.constantFrom("status ", "body ", "json $", "header a ", "time ", "ip ", ""),
        (text, start) => {
          try {
            return typeof compileCondition(start + text, "http").check(NOTHING, NOW).text === "string";
          } catch (error) {
            return error instanceof Error && error.constructor.name === "Expected";
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
