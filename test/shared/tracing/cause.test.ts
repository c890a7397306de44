import { describe, expect, it } from "vitest";
import { Blocked, mergeFailures, RetryLater } from "../../../shared/lambda/errors.ts";
import { type Cause, causeOf } from "../../../shared/tracing/cause.ts";

const TRACE = "1-6a7e8feb-b4914cf7a9f1bf3703467718";

function exceptionsOf(cause: Cause) {
  if (typeof cause === "string") throw new Error(`it refers to ${cause}`);
  return cause.exceptions;
}

describe("the cause of a failure", () => {
  it("is its error, with type, message and stack", () => {
    expect(exceptionsOf(causeOf(new Blocked("the quota is spent"), TRACE))).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{16}$/),
        message: "the quota is spent",
        type: "Blocked",
        stack: expect.arrayContaining([
          {
            path: expect.stringContaining("cause.test.ts"),
            line: expect.any(Number),
            label: "anonymous",
          },
        ]),
      },
    ]);
  });

  it("keeps ten frames of the stack, and says how many more there were", () => {
    const error = new Error("deep");
    error.stack = ["Error: deep", ...Array.from({ length: 15 }, (_, n) => `    at f (/a/b.js:${n}:1)`)].join(
      "\n",
    );
    const [exception] = exceptionsOf(causeOf(error, TRACE));
    expect([exception?.stack.length, exception?.truncated]).toEqual([10, 5]);
    expect(exception?.stack[0]).toEqual({ path: "/a/b.js", line: 0, label: "f" });
  });

  it("has what the error comes of, each referring to the next", () => {
    const refused = new Error("LimitExceeded");
    const [blocked, cause] = exceptionsOf(causeOf(new Blocked("no", { cause: refused }), TRACE));
    expect([blocked?.cause, cause?.message, cause?.cause]).toEqual([cause?.id, "LimitExceeded", undefined]);
  });

  it("has every failure of several that were thrown as one", () => {
    const failures = mergeFailures([new Blocked("a"), new RetryLater("b")]);
    expect(exceptionsOf(causeOf(failures, TRACE)).map(({ message }) => message)).toEqual(["a\nb", "a", "b"]);
  });

  it("is a reference where the trace has the error already", () => {
    const error = new Error("once");
    const [shown] = exceptionsOf(causeOf(error, TRACE));
    expect(causeOf(error, TRACE)).toBe(shown?.id);
  });

  it("is written again in another trace", () => {
    const error = new Error("a promise kept from the last invocation");
    causeOf(error, TRACE);
    expect(exceptionsOf(causeOf(error, TRACE.replace("1-6a", "1-6b")))).toHaveLength(1);
  });

  it("says that it is the other side's, but not of our own error around it", () => {
    const [ours, theirs] = exceptionsOf(
      causeOf(new Blocked("no", { cause: new Error("no") }), TRACE, "remote"),
    );
    expect([ours?.remote, theirs?.remote]).toEqual([true, undefined]);
  });

  it("ends, whatever errors are each other's cause", () => {
    const first = new Error("a");
    const second = new Error("b", { cause: first });
    first.cause = second;
    expect(exceptionsOf(causeOf(first, TRACE))).toHaveLength(2);
  });

  it("may be what is no error", () => {
    expect(exceptionsOf(causeOf("just words", TRACE))).toMatchObject([{ message: "just words", stack: [] }]);
  });
});
