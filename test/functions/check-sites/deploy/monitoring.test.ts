import { expect, test } from "vitest";
import { sites as schema } from "../../../../functions/check-sites/config/sites.ts";
import { monitoring } from "../../../../functions/check-sites/deploy/monitoring.ts";

/** The alarms, for five sites and so many an invocation. */
function alarmsOf(perInvocation: number, confirmFrom: readonly string[] = []): string[] {
  const names = ["a", "b", "c", "d", "e"];
  const list = Object.fromEntries(names.map((name) => [name, { url: "https://shop.example.com" }]));
  const { alarms } = monitoring(schema.parse({ perInvocation, list, confirmFrom }), {
    stage: "test",
    timeoutMs: () => 55_000,
    memoryMb: () => 512,
  });
  return alarms.map(({ name, of }) => `${name} ${JSON.stringify("dimensions" in of ? of.dimensions : {})}`);
}

test("one alarm pages when the one invocation for all sites does not come to its end", () => {
  expect(alarmsOf(5)).toEqual(['slo-runs-check-sites {"FunctionName":"reflex-test-check-sites"}']);
});
test("each part of the list has an alarm of its own: the others would hide that it does not run", () => {
  expect(alarmsOf(2)).toEqual([
    'slo-runs-check-sites {"FunctionName":"reflex-test-check-sites"}',
    'slo-runs-check-sites-1-of-3 {"service":"check-sites","Part":"1-of-3"}',
    'slo-runs-check-sites-2-of-3 {"service":"check-sites","Part":"2-of-3"}',
    'slo-runs-check-sites-3-of-3 {"service":"check-sites","Part":"3-of-3"}',
  ]);
});
test("a region that cannot be asked is a ticket where there are any", () => {
  expect(alarmsOf(5, ["eu-west-1"])).toContain('sites-not-confirmed {"service":"check-sites"}');
});
