import { describe, expect, test } from "vitest";
import { compileCondition } from "../../../../functions/check-sites/evaluate/condition.ts";
import { evaluate, worst } from "../../../../functions/check-sites/evaluate/evaluate.ts";
import type { Verdict } from "../../../../functions/check-sites/evaluate/verdict.ts";
import type { ProbeResult } from "../../../../functions/check-sites/probe/net/result.ts";

const FACTS: ProbeResult = {
  phases: { resolve: 0, connect: 0, tls: 0, processing: 0, transfer: 0 },
  time: 900,
  hops: [],
  status: 500,
  body: "oh no",
};
const conditions = (...texts: string[]) => texts.map((text) => compileCondition(text, "http"));

test("with every condition held a site is UP, without findings", () => {
  expect(evaluate(FACTS, conditions("status == 500"), 0)).toEqual({ verdict: "UP", findings: [] });
});
test("a failed condition makes it DOWN, by the condition's reason", () => {
  expect(evaluate(FACTS, conditions("status == 200"), 0)).toEqual({
    verdict: "DOWN",
    findings: [{ severity: "down", reason: "status", text: "status is 500, expected 200" }],
  });
});
test("a failed `else degraded` makes it DEGRADED", () => {
  expect(evaluate(FACTS, conditions("time < 800 ms else degraded"), 0)).toMatchObject({
    verdict: "DEGRADED",
    findings: [{ reason: "timeout" }],
  });
});
test("of several the one that makes it DOWN comes first", () => {
  const { verdict, findings } = evaluate(
    FACTS,
    conditions("time < 800 ms else degraded", 'body contains "ok"'),
    0,
  );
  expect([verdict, ...findings.map(({ reason }) => reason)]).toEqual(["DOWN", "body", "timeout"]);
});
test("a site's own failure is DOWN by its reason, and no condition can turn it", () => {
  const refused = { ...FACTS, failure: { reason: "connect" as const, detail: "refused" } };
  expect(evaluate(refused, conditions("status != 200"), 0)).toEqual({
    verdict: "DOWN",
    findings: [{ severity: "down", reason: "connect", text: "refused" }],
  });
});
test("a failure of our own is UNKNOWN", () => {
  const ours = { ...FACTS, failure: { reason: "own-dns" as const, detail: "no answer" } };
  expect(evaluate(ours, conditions("status == 200"), 0)).toEqual({
    verdict: "UNKNOWN",
    findings: [{ severity: "unknown", reason: "own-dns", text: "no answer" }],
  });
});

describe("of several addresses the worst counts", () => {
  const judged = (verdict: Verdict) => ({ result: FACTS, evaluation: { verdict, findings: [] } });
  test.each([
    [["UP", "DOWN"], "DOWN"],
    [["UNKNOWN", "DOWN"], "DOWN"],
    [["DEGRADED", "UNKNOWN"], "UNKNOWN"],
    [["UP", "DEGRADED"], "DEGRADED"],
    [["DOWN", "UNKNOWN"], "DOWN"],
    [["DEGRADED", "UP"], "DEGRADED"],
  ] as const)("%s: %s", ([one, other], expected) => {
    expect(worst([judged(one), judged(other)]).evaluation.verdict).toBe(expected);
  });
  test("of equals the first", () => {
    const [one, other] = [judged("DOWN"), judged("DOWN")];
    expect(worst([one, other])).toBe(one);
  });
});
