import { describe, expect, it } from "vitest";
import { type FilteredTrace, parseFilter } from "../../../sandbox/xray/filter.ts";

const TRACE: FilteredTrace = {
  duration: 1.2,
  parts: [
    { name: "run", annotations: { resource: "stream/a", timeMs: 900, cut: true } },
    { name: "act", annotations: { resource: "stream/b" } },
    { name: "DynamoDB", fault: true },
    { name: "SNS" },
  ],
};

describe("a filter expression", () => {
  it.each([
    ['annotation[resource] = "stream/b"', true],
    ['annotation.resource = "stream/c"', false],
    ['annotation[resource] != "stream/a"', true],
    ["annotation[timeMs] > 899 AND annotation[timeMs] <= 900", true],
    ["annotation[cut] = true", true],
    ['annotation[resource] BEGINSWITH "stream/" AND annotation[resource] ENDSWITH "b"', true],
    ['annotation[none] CONTAINS ""', false],
    ['(annotation[none] = 1 OR fault) AND NOT service("Kinesis")', true],
    ['service("DynamoDB") { fault }', true],
    ['service(id(type: "AWS::DynamoDB::Table")) { fault OR throttle }', true],
    ['service("SNS") { fault }', false],
    ["duration < 1", false],
  ])("%s: %s", (text, found) => {
    expect(parseFilter(text)(TRACE)).toBe(found);
  });

  it.each([
    ["annotation[a] LIKE 1", /expected an operator/],
    ["annotation[a] = 1 annotation[b] = 2", /expected the end/],
    ['edge("a")', /found edge, expected annotation/],
    ["annotation[a] = ", /expected more/],
    ['service(id(type: "AWS::Nothing"))', /no type AWS::Nothing/],
    ["annotation[a] ~ 1", /nothing is understood from/],
  ])("%s is refused, and never found to match", (text, why) => {
    expect(() => parseFilter(text)).toThrow(why);
  });
});
