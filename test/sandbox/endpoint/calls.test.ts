import { describe, expect, it } from "vitest";
import { type Call, Calls, rounds } from "../../../sandbox/endpoint/calls.ts";

const call = (startedMs: number, endedMs: number, operation = "PutItem"): Call => ({
  service: "dynamodb",
  operation,
  at: 0,
  startedMs,
  endedMs,
});

describe("rounds", () => {
  it("counts calls one after the other", () => {
    expect(rounds([call(0, 10), call(10, 20), call(25, 30)])).toBe(3);
  });

  it("takes calls under way at the same time for one", () => {
    expect(rounds([call(0, 10), call(1, 30), call(2, 12)])).toBe(1);
  });

  it("counts the longest row, not what lies beside it", () => {
    expect(rounds([call(0, 100), call(0, 10), call(20, 30), call(40, 50)])).toBe(3);
  });

  it("is nothing without calls", () => {
    expect(rounds([])).toBe(0);
  });
});

describe("calls", () => {
  it("are found by service and operation", () => {
    const calls = new Calls();
    calls.add(call(0, 1));
    calls.add(call(1, 2, "Query"));
    expect(calls.where({ service: "dynamodb", operation: "Query" })).toHaveLength(1);
    expect(calls.where({ functionName: "a" })).toHaveLength(0);
  });

  it("that are older are forgotten in a sandbox that stays up", () => {
    const calls = new Calls();
    for (let i = 0; i < 50_000; i += 1) calls.add(call(i, i));
    expect(calls.all().length).toBeLessThanOrEqual(20_000);
    expect(calls.all().at(-1)?.startedMs).toBe(49_999);
  });
});
