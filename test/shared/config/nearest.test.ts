import { expect, it } from "vitest";
import { nearest } from "../../../shared/config/nearest.ts";

const KNOWN = ["timeoutSeconds", "conditions", "max", "min", "mode"];

it.each([
  ["timeoutSecond", "timeoutSeconds"],
  ["timeout_seconds", "timeoutSeconds"],
  ["TimeOutSeconds", "timeoutSeconds"],
  ["condition", "conditions"],
  ["maks", undefined],
  ["mox", "max"],
  ["url", undefined],
])("%s: %s", (found, expected) => {
  expect(nearest(found, KNOWN)).toBe(expected);
});

it("has nothing to propose where no key is known", () => {
  expect(nearest("max", [])).toBeUndefined();
});
