import { describe, expect, it } from "vitest";
import { canonicalNumber, ExactNumber } from "../../../../functions/ingest-events/decode/decimal.ts";
import { isoToMilliseconds, toEpochSeconds } from "../../../../functions/ingest-events/decode/event-time.ts";

describe("isoToMilliseconds", () => {
  it.each([
    ["2024-05-01T12:00:00Z", "1714564800000"],
    ["2024-05-01T14:00:00+02:00", "1714564800000"],
    ["2024-05-01T12:00:00.5Z", "1714564800500"],
    ["2024-05-01T12:00:00.123456Z", "1714564800123.456"],
    ["1969-12-31T23:59:59.9995Z", "-0.5"],
    ["1970-01-01T00:00:00.000Z", "0"],
    ["2024-05-01t12:00:00z", "1714564800000"],
    ["2016-12-31T23:59:60Z", "1483228800000"],
    ["2017-01-01T00:59:60.5+01:00", "1483228800500"],
    ["2024-02-29T00:00:00Z", "1709164800000"],
  ])("reads %s as %s", (text, milliseconds) =>
    expect(canonicalNumber(isoToMilliseconds(text) ?? "")).toBe(canonicalNumber(milliseconds)),
  );

  it.each([
    ["no offset", "2024-05-01T12:00:00"],
    ["only a date", "2024-05-01"],
    ["no such month", "2024-13-01T12:00:00Z"],
    ["30 February", "2024-02-30T12:00:00Z"],
    ["29 February of no leap year", "2023-02-29T12:00:00Z"],
    ["31 June", "2024-06-31T00:00:00Z"],
    ["day 0", "2024-06-00T00:00:00Z"],
    ["hour 24", "2024-06-01T24:00:00Z"],
    ["minute 60", "2024-06-01T23:60:00Z"],
    ["second 61", "2024-06-01T23:59:61Z"],
    ["an offset of 24 hours", "2024-06-01T00:00:00+24:00"],
    ["another format", "Wed Oct 10 20:19:24 +0000 2018"],
    ["something behind it", "2024-05-01T12:00:00Z!"],
  ])("takes a time with %s as none", (_what, text) => expect(isoToMilliseconds(text)).toBeUndefined());
});

describe("toEpochSeconds", () => {
  it.each([
    ["iso", "2024-05-01T12:00:00.999Z", 1_714_564_800],
    ["seconds", 1_714_564_800.9, 1_714_564_800],
    ["seconds", "1714564800", 1_714_564_800],
    ["milliseconds", 1_714_564_800_999, 1_714_564_800],
    ["milliseconds", new ExactNumber("1714564800999.0000001"), 1_714_564_800],
  ] as const)("reads %s %s", (format, value, seconds) => expect(toEpochSeconds(value, format)).toBe(seconds));

  it.each([
    ["iso", 1_714_564_800],
    ["iso", undefined],
    ["seconds", "soon"],
    ["seconds", true],
    ["seconds", 1e300],
    ["milliseconds", null],
  ] as const)("has no seconds for %s %s", (format, value) =>
    expect(toEpochSeconds(value, format)).toBeUndefined(),
  );
});
