import { describe, expect, it } from "vitest";
import { asksAtAll, modeOf } from "../../../shared/approvals/mode.ts";

describe("the mode of a resource", () => {
  it("is the file's where it says nothing itself", () => {
    expect([modeOf(undefined, "out", "ask"), modeOf(undefined, "in", "observe")]).toEqual(["ask", "observe"]);
  });

  it.each(["act", "ask", "observe"] as const)("replaces the file's, though %s is the file's", (service) => {
    const own = ["act", "ask", "observe"] as const;
    expect(own.map((one) => modeOf(one, "in", service))).toEqual(own);
  });

  it("replaces the file's in the direction that it names, and only there", () => {
    expect([
      modeOf({ scaleOut: "act" }, "out", "observe"),
      modeOf({ scaleOut: "act" }, "in", "observe"),
    ]).toEqual(["act", "observe"]);
  });

  it("asks a person where it is `ask` in some direction", () => {
    expect([asksAtAll(undefined, "ask"), asksAtAll({ scaleIn: "ask" }, "act")]).toEqual([true, true]);
    expect([asksAtAll("act", "ask"), asksAtAll({ scaleOut: "ask", scaleIn: "ask" }, "act")]).toEqual([
      false,
      true,
    ]);
  });
});
