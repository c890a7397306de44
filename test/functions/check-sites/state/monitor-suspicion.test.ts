import { describe, expect, test } from "vitest";
import type { Evaluation } from "../../../../functions/check-sites/evaluate/verdict.ts";
import { monitorAfter } from "../../../../functions/check-sites/state/monitor-state.ts";
import {
  asOverdue,
  asSuspected,
  isOurs,
  isSilent,
  suspicionAt,
  withNameServersBlamed,
} from "../../../../functions/check-sites/state/monitor-suspicion.ts";

const failed = (reason: "connect" | "timeout" | "own-dns" | "dns" | "tls" | "certificate" | "status") => ({
  failure: { reason, detail: `failed by ${reason}` },
});
const evaluation = (reason: "connect" | "own-dns" | "timeout"): Evaluation => ({
  verdict: reason === "own-dns" ? "UNKNOWN" : "DOWN",
  findings: [{ severity: reason === "own-dns" ? "unknown" : "down", reason, text: `failed by ${reason}` }],
});

describe("silence", () => {
  test.each(["connect", "timeout", "own-dns", "dns"] as const)(
    "is a failure by %s with nothing heard",
    (reason) => {
      expect(isSilent(failed(reason))).toBe(true);
    },
  );
  test.each(["connect", "timeout", "tls", "certificate", "status"] as const)(
    "is no failure by %s after something was heard",
    (reason) => {
      expect(isSilent({ ...failed(reason), heard: true })).toBe(false);
    },
  );
  test("is no name that does not exist: the resolver said so", () => {
    expect(isSilent({ ...failed("dns"), resolverAnswered: true })).toBe(false);
  });
  test("is no answer of the site", () => {
    expect(isSilent({})).toBe(false);
  });
});

describe("silence may be our own network's", () => {
  test("only while nothing else is heard", () => {
    expect(isOurs(failed("timeout"), { network: false, resolver: true })).toBe(true);
    expect(isOurs(failed("timeout"), { network: true, resolver: false })).toBe(false);
  });
  test("or our resolver's, only while it answers for no other name", () => {
    expect(isOurs(failed("own-dns"), { network: true, resolver: false })).toBe(true);
    expect(isOurs(failed("own-dns"), { network: false, resolver: true })).toBe(false);
  });
});

describe("under suspicion", () => {
  test("silence says nothing about the site, and what was found is kept", () => {
    expect(asSuspected(evaluation("connect"))).toMatchObject({
      verdict: "UNKNOWN",
      findings: [{ reason: "own-network", text: expect.stringContaining("failed by connect") }],
    });
  });
  test("for too long, it is DOWN by what was found", () => {
    expect([suspicionAt(299_999, 0, 300_000), suspicionAt(300_000, 0, 300_000)]).toEqual([
      "suspected",
      "overdue",
    ]);
    expect(asOverdue(evaluation("timeout"))).toMatchObject({
      verdict: "DOWN",
      findings: [{ reason: "timeout" }],
    });
    expect(asOverdue(evaluation("own-dns"))).toMatchObject({
      verdict: "DOWN",
      findings: [{ reason: "dns" }],
    });
  });
});

test("a name our resolver cannot resolve, while it answers for others, is DOWN by its name servers", () => {
  expect(withNameServersBlamed(evaluation("own-dns"))).toMatchObject({
    verdict: "DOWN",
    findings: [{ severity: "down", reason: "dns", text: expect.stringContaining("failed by own-dns") }],
  });
  expect(withNameServersBlamed(evaluation("timeout"))).toEqual(evaluation("timeout"));
});

describe("the monitor's state, shared by all parts of the list", () => {
  const found = (part: string, suspected: boolean, at: number) => ({
    part,
    suspected,
    silent: "network" as const,
    at,
    failing: 3,
    of: 4,
    examples: [],
    open: [],
    closed: [],
  });
  const EMPTY = { suspectedBy: {}, open: [] };

  test("is notified when the first part suspects", () => {
    expect(monitorAfter(EMPTY, found("0/2", true, 1000), "id")?.change).toMatchObject({
      suspected: true,
      since: 1000,
    });
  });
  test("is not notified again by another part", () => {
    const first = monitorAfter(EMPTY, found("0/2", true, 1000), "id")?.state ?? EMPTY;
    expect(monitorAfter(first, found("1/2", true, 1000), "id")?.change).toBeUndefined();
  });
  test("is not over while one part still suspects", () => {
    const both = {
      suspectedBy: { "0/2": 1000, "1/2": 1000 },
      since: 1000,
      silent: "network" as const,
      open: [],
    };
    expect(monitorAfter(both, found("0/2", false, 2000), "id")).toEqual({
      state: { suspectedBy: { "1/2": 1000 }, since: 1000, silent: "network", open: [] },
    });
  });
  test("is notified as over when the last part is well", () => {
    const last = { suspectedBy: { "1/2": 1000 }, since: 1000, open: [] };
    expect(monitorAfter(last, found("1/2", false, 2000), "id")).toMatchObject({
      state: { suspectedBy: {}, open: [] },
      change: { suspected: false, since: 1000, at: 2000 },
    });
  });
  test("is left alone, without a write, while all is well", () => {
    expect(monitorAfter(EMPTY, found("0/2", false, 1000), "id")).toBeUndefined();
  });
  test("does not wait for a part that is not there any more", () => {
    const stale = { suspectedBy: { "3/4": 0, "0/4": 3_600_000 }, since: 0, open: [] };
    expect(monitorAfter(stale, found("0/4", false, 3_660_000), "id")?.change?.suspected).toBe(false);
  });
});
