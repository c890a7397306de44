import { expect, test } from "vitest";
import * as z from "zod/mini";
import { parse } from "../../../sandbox/wire/parse.ts";
import { boolean, integer, list, number, timestamp } from "../../../sandbox/wire/scalars.ts";

const AT = Date.UTC(2026, 10, 21, 10, 43);

test.each([
  ["seconds, as JSON has it", AT / 1000],
  ["a date, as CBOR has it", new Date(AT)],
  ["ISO 8601, as Query has it", "2026-11-21T10:43:00Z"],
  ["seconds as text", String(AT / 1000)],
])("reads a time from %s", (_, sent) => {
  expect(parse(timestamp, sent)).toBe(AT);
});

test("reads numbers and booleans that Query sends as text", () => {
  expect([parse(number, "1.5e3"), parse(integer, "7"), parse(boolean, "false")]).toEqual([1500, 7, false]);
});

test("reads an empty list that Query sends as nothing", () => {
  expect(parse(list(z.string()), "")).toEqual([]);
});

test("names every place, what was found and what was expected", () => {
  const schema = z.object({ Data: list(z.object({ Value: number })), Name: z.string() });
  expect(() => parse(schema, { Data: [{ Value: 1 }, { Value: "x" }] })).toThrow(
    'Data[1].Value: found "x", expected a number; Name: found nothing, expected string',
  );
});

test.each(["", "12a", "1 2"])("takes %j for no number", (text) => {
  expect(() => parse(number, text)).toThrow("expected a number");
});
