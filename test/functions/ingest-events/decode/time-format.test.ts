import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExactNumber } from "../../../../functions/ingest-events/decode/decimal.ts";
import type { TimeFormat } from "../../../../functions/ingest-events/decode/event-time.ts";
import type { JsonValue } from "../../../../functions/ingest-events/decode/json.ts";
import { convertTime } from "../../../../functions/ingest-events/decode/time-format.ts";

const convert = (value: JsonValue, format: TimeFormat, as: TimeFormat) => {
  const converted = convertTime(value, { format, as });
  return converted instanceof ExactNumber ? `number ${converted.text}` : converted;
};

describe("convertTime", () => {
  it.each<[JsonValue, TimeFormat, TimeFormat, string]>([
    [1_700_000_000, "seconds", "iso", "2023-11-14T22:13:20.000Z"],
    [1_700_000_000.5, "seconds", "milliseconds", "number 1700000000500"],
    ["1700000000123", "milliseconds", "seconds", "number 1700000000.123"],
    [1_700_000_000_120, "milliseconds", "seconds", "number 1700000000.12"],
    [new ExactNumber("1700000000.123456789"), "seconds", "iso", "2023-11-14T22:13:20.123456789Z"],
    ["2023-11-14T23:13:20.123456+01:00", "iso", "seconds", "number 1700000000.123456"],
    ["2023-11-14T23:13:20+01:00", "iso", "iso", "2023-11-14T22:13:20.000Z"],
    ["2023-11-14T22:13:20.1234Z", "iso", "milliseconds", "number 1700000000123.4"],
    [0, "seconds", "iso", "1970-01-01T00:00:00.000Z"],
    [-0.25, "milliseconds", "iso", "1969-12-31T23:59:59.99975Z"],
    [-1.5, "seconds", "milliseconds", "number -1500"],
    [-5, "milliseconds", "seconds", "number -0.005"],
    ["1.7e9", "seconds", "seconds", "number 1700000000"],
    ["9999-12-31T23:59:59.999999Z", "iso", "milliseconds", "number 253402300799999.999"],
    ["0000-01-01T00:00:00Z", "iso", "seconds", "number -62167219200"],
  ])("%o in %s as %s is %s", (value, format, as, expected) => {
    expect(convert(value, format, as)).toBe(expected);
  });

  it.each<[JsonValue, TimeFormat]>([
    [1_700_000_000, "iso"],
    ["2023-11-14T22:13:20", "iso"],
    ["2023-11-14T22:13:20Z", "seconds"],
    ["", "seconds"],
    [true, "milliseconds"],
    [{}, "iso"],
    [[1], "seconds"],
    // Milliseconds that somebody calls seconds.
    [1_700_000_000_000, "seconds"],
    [-62_167_219_200.001, "seconds"],
    [253_402_300_800_000, "milliseconds"],
    [new ExactNumber("1e999999999999"), "seconds"],
    [new ExactNumber("1e-130"), "seconds"],
    [new ExactNumber("1".repeat(39)), "milliseconds"],
  ])("%j is no time in %s", (value, format) => {
    expect(convert(value, format, "milliseconds")).toBeUndefined();
  });

  it("comes back the same from every format", () => {
    const formats = fc.constantFrom<TimeFormat>("iso", "seconds", "milliseconds");
    const milliseconds = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 });
    fc.assert(
      fc.property(milliseconds, formats, formats, (ms, one, other) => {
        const steps: readonly TimeFormat[] = ["milliseconds", one, other];
        let value: JsonValue = ms;
        for (const [index, as] of [one, other, "milliseconds" as const].entries()) {
          value = convertTime(value, { format: steps[index] ?? "iso", as }) ?? null;
        }
        expect(value).toEqual(new ExactNumber(String(ms)));
      }),
    );
  });
});
