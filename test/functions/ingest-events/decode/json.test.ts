import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalNumber, ExactNumber } from "../../../../functions/ingest-events/decode/decimal.ts";
import { NotJson, parseJson } from "../../../../functions/ingest-events/decode/json.ts";

describe("parseJson", () => {
  it("reads what JSON.parse reads, for values that lose nothing", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.stringify(parseJson(text))).toBe(text);
      }),
    );
  });

  it.each([
    "1050118621198921728",
    "0.1234567890123456789",
    "1e400",
    "-123456789012345678901234567890",
    "9007199254740993",
  ])("keeps %s as it is written", (number) => {
    expect(parseJson(`{"a":[${number}]}`)).toEqual({ a: [new ExactNumber(number)] });
  });

  it("keeps every whole number exact, as a number or as its text", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (whole) => {
        const value = parseJson(`${whole}`);
        const written = value instanceof ExactNumber ? value.text : String(value);
        expect(canonicalNumber(written)).toBe(canonicalNumber(String(whole)));
      }),
    );
  });

  it.each(["1000000000000000000000", "1.0000000000000000000", "100000000000000000"])(
    "reads %s as a plain number: it loses nothing",
    (number) => expect(parseJson(number)).toBe(Number(number)),
  );

  it("leaves digits in a text alone", () => {
    expect(parseJson('{"a":"12345678901234567890","b":1}')).toEqual({ a: "12345678901234567890", b: 1 });
  });

  it("reads what a reviver with the numbers' own texts would, whatever stands around them", () => {
    const number = fc.oneof(
      fc.constantFrom(
        "1e999",
        "-1E-999",
        "0.1234567890123456789",
        "-0",
        "1e-250",
        "3e-250",
        "0e-300",
        "1.50e+007",
      ),
      fc.bigInt().map(String),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    );
    const quoted = fc.oneof(
      fc.constantFrom(
        '"1e999"',
        '"\\\\"',
        '"\\"12345678901234567890"',
        '"__proto__"',
        '"1"',
        '"\\u0031e999"',
      ),
      fc.string().map((text) => JSON.stringify(text)),
    );
    const { value } = fc.letrec<{ value: string }>((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        number,
        quoted,
        fc.array(tie("value")).map((list) => `[ ${list.join(" ,")}]`),
        fc
          .array(fc.tuple(quoted, tie("value")))
          .map((list) => `{${list.map(([name, of]) => `${name}: ${of}`).join(",")} }`),
      ),
    }));
    fc.assert(
      fc.property(value, (text) => {
        expect(parseJson(text)).toEqual(JSON.parse(text, withTexts));
      }),
      { numRuns: 300 },
    );
  });

  it("says what is wrong with a text that is no JSON", () => {
    expect(() => parseJson('{"a":')).toThrow(NotJson);
    expect(() => parseJson('{"a":1234567890123456789,}')).toThrow(NotJson);
    for (const text of [
      "[01234567890123456789]",
      "[1e999.5]",
      "{1e999:1}",
      "[1e999a]",
      '["1e999]',
      "[--1e999]",
    ]) {
      expect(() => parseJson(text)).toThrow(NotJson);
    }
  });
});

/** The number's own text where a JavaScript number is another number. */
function withTexts(_name: string, value: unknown, { source = "" }: { source?: string } = {}): unknown {
  if (typeof value !== "number" || canonicalNumber(String(value)) === canonicalNumber(source)) return value;
  return new ExactNumber(source);
}
