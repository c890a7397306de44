import { describe, expect, test } from "vitest";
import type { Evaluation } from "../../../../functions/check-sites/evaluate/verdict.ts";
import type { OwnReason, Reason } from "../../../../functions/check-sites/probe/net/reasons.ts";
import { monitorAfter } from "../../../../functions/check-sites/state/monitor-state.ts";
import { asUnknown, isMonitorFailing } from "../../../../functions/check-sites/state/monitor-suspicion.ts";
import type { Level } from "../../../../functions/check-sites/state/state.ts";

const UP: Evaluation = { verdict: "UP", findings: [] };
const failed = (reason: Reason | OwnReason): Evaluation => ({
  verdict: "DOWN",
  findings: [{ severity: "down", reason, text: `failed by ${reason}` }],
});
const checked = (evaluation: Evaluation, before: Level | undefined = "UP") => ({
  before,
  evaluation: evaluation,
});
const many = (count: number, evaluation: Evaluation, before?: Level) =>
  Array.from({ length: count }, () => checked(evaluation, before));

describe("the monitor is suspected", () => {
  test("when most sites fail at once by transport", () => {
    expect(isMonitorFailing([...many(3, failed("connect")), ...many(2, UP)])).toBe(true);
  });
  test("when our own resolver answers for none", () => {
    expect(isMonitorFailing(many(3, failed("own-dns")))).toBe(true);
  });
  test("on the very first run too", () => {
    const first = { before: undefined, evaluation: failed("timeout") };
    expect(isMonitorFailing([first, first, first])).toBe(true);
  });
});

describe("the monitor is not suspected", () => {
  test("when half of the sites are well", () => {
    expect(isMonitorFailing([...many(3, failed("connect")), ...many(3, UP)])).toBe(false);
  });
  test("when only two sites fail", () => {
    expect(isMonitorFailing(many(2, failed("connect")))).toBe(false);
  });
  test("when the sites answer, but wrongly: so the network is well", () => {
    expect(isMonitorFailing(many(9, failed("status")))).toBe(false);
  });
  test("because of sites that were DOWN already", () => {
    expect(
      isMonitorFailing([...many(9, failed("connect"), "DOWN"), ...many(2, UP), checked(failed("connect"))]),
    ).toBe(false);
  });
});

describe("under suspicion", () => {
  test("a transport failure says nothing about the site, and keeps what was found", () => {
    expect(asUnknown(failed("connect"))).toMatchObject({
      verdict: "UNKNOWN",
      findings: [{ reason: "own-network", text: expect.stringContaining("failed by connect") }],
    });
  });
  test("a wrong answer is still a wrong answer", () => {
    expect(asUnknown(failed("status"))).toEqual(failed("status"));
  });
});

describe("the monitor's state, shared by all parts of the list", () => {
  const found = (part: string, suspected: boolean, at: number) => ({
    part,
    suspected,
    at,
    failing: 3,
    of: 4,
    examples: [],
  });
  const EMPTY = { suspectedBy: {} };

  test("is told when the first part suspects", () => {
    expect(monitorAfter(EMPTY, found("0/2", true, 1000), "id")?.change).toMatchObject({
      suspected: true,
      since: 1000,
    });
  });
  test("is not told again by another part", () => {
    const first = monitorAfter(EMPTY, found("0/2", true, 1000), "id")?.state ?? EMPTY;
    expect(monitorAfter(first, found("1/2", true, 1000), "id")?.change).toBeUndefined();
  });
  test("is not over while one part still suspects", () => {
    const both = { suspectedBy: { "0/2": 1000, "1/2": 1000 }, since: 1000 };
    expect(monitorAfter(both, found("0/2", false, 2000), "id")).toEqual({
      state: { suspectedBy: { "1/2": 1000 }, since: 1000 },
    });
  });
  test("is told to be over when the last part is well", () => {
    const last = { suspectedBy: { "1/2": 1000 }, since: 1000 };
    expect(monitorAfter(last, found("1/2", false, 2000), "id")).toMatchObject({
      state: { suspectedBy: {} },
      change: { suspected: false, since: 1000, at: 2000 },
    });
  });
  test("is left alone, without a write, while all is well", () => {
    expect(monitorAfter(EMPTY, found("0/2", false, 1000), "id")).toBeUndefined();
  });
  test("does not wait for a part that is not there any more", () => {
    const stale = { suspectedBy: { "3/4": 0, "0/4": 3_600_000 }, since: 0 };
    expect(monitorAfter(stale, found("0/4", false, 3_660_000), "id")?.change?.suspected).toBe(false);
  });
});
