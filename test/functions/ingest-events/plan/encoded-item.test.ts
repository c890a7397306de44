import { expect, it } from "vitest";
import { encodedItem } from "../dynamo-answers.ts";

const item = encodedItem({ id: { S: "é" }, n: { N: "1.5" } });

it("has each attribute's value as the bytes that are sent", () => {
  expect(item.values.map(String)).toEqual(['{"S":"é"}', '{"N":"1.5"}']);
  expect(String(item.value("id"))).toBe('{"S":"é"}');
  expect(String(item.value("n"))).toBe('{"N":"1.5"}');
});

it("has no value of a name that it does not have", () => {
  expect(item.value("version")).toBeUndefined();
});
