import { describe, expect, it } from "vitest";
import { bytes, counted, functionName, span } from "../../../../../sandbox/page/browser/parts/words.ts";

describe("a span of time", () => {
  it.each([
    [0, "0 ms"],
    [0.4, "< 1 ms"],
    [8.4, "8 ms"],
    [1234, "1.23 s"],
    [45_600, "45.6 s"],
    [180_000, "3 min"],
    [7_500_000, "2 h 5 min"],
    [7_200_000, "2 h"],
    [89 * 86_400_000, "89 days"],
  ])("of %d ms is %s", (ms, text) => {
    expect(span(ms)).toBe(text);
  });
});

describe("amounts", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [2400, "2.4 kB"],
    [12_345_678, "12.3 MB"],
  ])("of %d bytes are %s", (value, text) => {
    expect(bytes(value)).toBe(text);
  });

  it("agree with their noun", () => {
    expect([counted(1, "pod"), counted(1204, "pod")]).toEqual(["1 pod", "1,204 pods"]);
  });
});

describe("a function's name", () => {
  it("is shown without the service and the stage", () => {
    expect(functionName("reflex-dev-reshard-streams")).toBe("reshard-streams");
  });
});
