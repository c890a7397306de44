import { describe, expect, it } from "vitest";
import { parseWindow } from "../../../shared/time/windows.ts";

const daysOf = (text: string) => {
  const window = parseWindow(text);
  return window.kind === "weekly" ? [...window.days] : [];
};

describe("the text of a window", () => {
  it.each([
    ["Sun", [0]],
    ["Mon", [1]],
    ["Tue", [2]],
    ["Wed", [3]],
    ["Thu", [4]],
    ["Fri", [5]],
    ["sAt", [6]],
    ["Sat-Mon", [6, 0, 1]],
    ["Mon-Tue,Thu", [1, 2, 4]],
  ])("%s are the days %j", (days, expected) => {
    expect(daysOf(`${days} 08:00-20:00 UTC`)).toEqual(expected);
  });

  it("may have any blanks around it and between its parts", () => {
    expect(parseWindow("  Mon \t 08:00  -  20:00   UTC ")).toEqual({
      ...{ kind: "weekly", text: "Mon \t 08:00  -  20:00   UTC", days: new Set([1]), zone: "UTC" },
      ...{ startMinute: 480, endMinute: 1200 },
    });
    expect(parseWindow(" 2026-03-28T22:00  -  2026-03-29 06:00   UTC ")).toEqual({
      ...{ kind: "once", text: "2026-03-28T22:00  -  2026-03-29 06:00   UTC" },
      ...{ start: Date.parse("2026-03-28T22:00Z"), end: Date.parse("2026-03-29T06:00Z") },
    });
  });

  it.each([
    "on Mon 08:00-20:00 UTC",
    "Mon 08:00-20:00 UTC or so",
    "from 2026-03-28 22:00 - 2026-03-29 06:00 UTC",
    "2026-03-28 22:00 - 2026-03-29 06:00 UTC or so",
    "Mon 08:00xx-20:00 UTC",
    "Mon 08:00-xx20:00 UTC",
  ])("%s is none: nothing may stand beside or within its parts", (text) => {
    expect(() => parseWindow(text)).toThrow(
      `found the time window "${text}", expected "Mon-Fri 08:00-20:00 Asia/Tokyo" or "2026-03-28 22:00 - 2026-03-29 06:00 Europe/Berlin"`,
    );
  });

  it.each([
    [
      "Foo-Mon 08:00-20:00 UTC",
      `"Foo-Mon" is no day: expected Mon, Tue, Wed, Thu, Fri, Sat, Sun, a range or a list of them`,
    ],
    ["Foo 08:00-20:00 UTC", `"Foo" is no day: expected Mon`],
    ["Mon,,Tue 08:00-20:00 UTC", `"" is no day: expected Mon`],
    ["Mon- 08:00-20:00 UTC", `"Mon-" is no day: expected Mon`],
    ["Mon 24:00-08:00 UTC", `"24:00" is no time of day: expected 00:00 to 23:59`],
    ["Mon 08:00-24:01 UTC", `"24:01" is no time of day: expected 00:00 to 24:00`],
    ["2026-03-28 24:00 - 2026-03-29 06:00 UTC", `"24:00" is no time of day: expected 00:00 to 23:59`],
    ["2026-03-28 06:00 - 2026-03-28 06:00 UTC", "expected an end that is later than the start"],
  ])("%s: %s", (text, why) => {
    expect(() => parseWindow(text)).toThrow(why);
  });

  it("a whole day ends with it, one that ends before it begins runs over midnight", () => {
    expect(parseWindow("Mon 00:00-24:00 UTC")).toMatchObject({ startMinute: 0, endMinute: 1440 });
    expect(parseWindow("Mon 22:00-06:00 UTC")).toMatchObject({ startMinute: 1320, endMinute: 1800 });
    expect(parseWindow("2026-03-28 06:00 - 2026-03-28 24:00 UTC")).toMatchObject({
      end: Date.parse("2026-03-29T00:00Z"),
    });
  });
});
