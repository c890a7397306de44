import { expect, test } from "vitest";
import { sites as schema } from "../../../../functions/check-sites/config/sites.ts";
import { monitoring } from "../../../../functions/check-sites/deploy/monitoring.ts";

/** The alarms on silence, for five sites and so many an invocation. */
function silences(perInvocation: number): string[] {
  const names = ["a", "b", "c", "d", "e"];
  const list = Object.fromEntries(names.map((name) => [name, { url: "https://shop.example.com" }]));
  const { alarms } = monitoring(schema.parse({ perInvocation, list }), {
    stage: "test",
    timeoutMs: () => 55_000,
    memoryMb: () => 512,
  });
  const found = alarms.filter(({ name }) => name.includes("silent"));
  return found.map(({ name, of }) => `${name} ${JSON.stringify("dimensions" in of ? of.dimensions : {})}`);
}

test("one alarm calls when one invocation for all sites is silent", () => {
  expect(silences(5)).toEqual(['check-sites-silent {"service":"check-sites"}']);
});
test("each part of the list has an alarm of its own: the others would hide its silence", () => {
  expect(silences(2)).toEqual([
    'check-sites-silent-1-of-3 {"service":"check-sites","Part":"1-of-3"}',
    'check-sites-silent-2-of-3 {"service":"check-sites","Part":"2-of-3"}',
    'check-sites-silent-3-of-3 {"service":"check-sites","Part":"3-of-3"}',
  ]);
});
