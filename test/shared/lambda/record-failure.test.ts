import { describe, expect, it, vi } from "vitest";
import { Blocked, Misconfigured, RetryLater } from "../../../shared/lambda/errors.ts";
import { recordFailure } from "../../../shared/lambda/record-failure.ts";

const ABOUT = { call: "kinesis:SplitShard", resource: "stream/orders" };

function record(error: unknown) {
  const count = vi.fn();
  const warn = vi.fn();
  const log = { warn } as unknown as Parameters<typeof recordFailure>[2]["log"];
  const { failure } = recordFailure(error, ABOUT, {
    log,
    metrics: { count, record: vi.fn(), note: vi.fn(), flush: vi.fn() },
  });
  return { failure, count, warn };
}

describe("the failure of one resource", () => {
  it.each([
    [new RetryLater("throttled"), "Postponed"],
    [new Blocked("denied"), "Blocked"],
    [new Misconfigured("no such stream"), "Blocked"],
  ])("is counted by whether a person has to act: %s", (error, metric) => {
    const { failure, count, warn } = record(error);
    expect(failure).toBe(error);
    expect(count.mock.calls).toEqual([[metric]]);
    expect(warn.mock.calls).toEqual([[error.message, { resource: "stream/orders", class: error.name }]]);
  });

  it("is given a class where it has none, and then names the call and the resource", () => {
    const throttled = Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
    const { failure, count } = record(throttled);
    expect(failure).toBeInstanceOf(RetryLater);
    expect(failure.message).toContain("kinesis:SplitShard for stream/orders failed with ThrottlingException");
    expect(count.mock.calls).toEqual([["Postponed"]]);
  });
});
