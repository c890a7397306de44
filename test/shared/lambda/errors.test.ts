import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Blocked, classOf, Misconfigured, mergeFailures, RetryLater } from "../../../shared/lambda/errors.ts";

const CLASSES = { RetryLater, Blocked, Misconfigured };
const className = fc.constantFrom("RetryLater", "Blocked", "Misconfigured");

describe("an error of ours", () => {
  it("has its class as name and keeps the resource, the call and the cause", () => {
    const cause = new Error("Rate exceeded");
    const error = new Blocked("nothing was changed", {
      resource: "stream/orders",
      call: "kinesis:ListShards",
      cause,
    });
    expect(error).toMatchObject({
      name: "Blocked",
      resource: "stream/orders",
      call: "kinesis:ListShards",
      cause,
    });
  });

  it.each([
    [new RetryLater(""), "RetryLater"],
    [new Blocked(""), "Blocked"],
    [new Misconfigured(""), "Misconfigured"],
    [new Error(""), "Unexpected"],
    ["a thrown text", "Unexpected"],
  ])("is counted by its class: %s", (error, expected) => {
    expect(classOf(error)).toBe(expected);
  });
});

describe("several failures together", () => {
  it("are the one failure when there is one", () => {
    const only = new Blocked("the quota is spent");
    expect(mergeFailures([only])).toBe(only);
  });

  it("say all that each said, and are of the class that most needs a person", () => {
    fc.assert(
      fc.property(className, fc.array(className, { minLength: 1 }), (first, others) => {
        const names = [first, ...others];
        const failure = (name: keyof typeof CLASSES, at: number) => new CLASSES[name](`failure ${at}`);
        const all = mergeFailures([failure(first, 0), ...others.map((name, at) => failure(name, at + 1))]);
        const worst = ["Misconfigured", "Blocked", "RetryLater"].find((name) =>
          names.some((each) => each === name),
        );
        expect(all.name).toBe(worst);
        expect(all.message.split("\n")).toEqual(names.map((_, at) => `failure ${at}`));
      }),
    );
  });
});
