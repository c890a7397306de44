import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { milliCpu, wholeUnits } from "../../../shared/kubernetes/quantity.ts";
import { Misconfigured } from "../../../shared/lambda/errors.ts";

describe("milliCpu", () => {
  it.each([
    ["1", 1000],
    ["0.5", 500],
    [".5", 500],
    ["100m", 100],
    ["0.1m", 1],
    ["1500u", 2],
    ["100n", 1],
    ["2e1", 20_000],
    ["0", 0],
  ])("reads %s as %i", (text, expected) => {
    expect(milliCpu(text)).toBe(expected);
  });

  it("is the same in every notation", () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000_000 }), (milli) => {
        const decimal = `${Math.floor(milli / 1000)}.${String(milli % 1000).padStart(3, "0")}`;
        expect([milliCpu(`${milli}m`), milliCpu(decimal), milliCpu(`${milli}e-3`)]).toEqual([
          milli,
          milli,
          milli,
        ]);
      }),
    );
  });
});

describe("wholeUnits", () => {
  it.each([
    ["128974848", 128_974_848],
    ["129e6", 129_000_000],
    ["129M", 129_000_000],
    ["123Mi", 128_974_848],
    ["1.5Gi", 1_610_612_736],
    ["128974848000m", 128_974_848],
    ["1Ki", 1024],
    ["110", 110],
  ])("reads %s as %i", (text, expected) => {
    expect(wholeUnits(text)).toBe(expected);
  });

  it.each(["", "abc", "1.2.3", "10MB", "-1", "1e", "Gi", "1 Gi"])(
    "refuses %j and names the place",
    (text) => {
      expect(() => wholeUnits(text, "node a: memory")).toThrow(Misconfigured);
      expect(() => wholeUnits(text, "node a: memory")).toThrow(/node a: memory: found/);
    },
  );
});
