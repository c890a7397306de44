import { expect, test } from "vitest";
import { changedIncidents, withIncidents } from "../../../../functions/check-sites/state/past-incidents.ts";
import type { Incident, SiteState } from "../../../../functions/check-sites/state/state.ts";
import { newState } from "../../../../functions/check-sites/state/transition.ts";

const first = [{ severity: "down" as const, reason: "status" as const, text: "x".repeat(5000) }];
const incident: Incident = { since: 60_000, worst: "DEGRADED", first, latest: first };
const states = (one: Incident | undefined) =>
  new Map<string, SiteState>([["shop", { ...newState(0), ...(one && { incident: one }) }]]);

test.each([
  ["opened", undefined, incident, 1],
  ["made worse", incident, { ...incident, worst: "DOWN" as const }, 1],
  ["closed", incident, { ...incident, until: 120_000 }, 1],
  ["as it was", incident, incident, 0],
  ["none", undefined, undefined, 0],
])("an incident that is %s", (_, before, after, count) => {
  expect(changedIncidents(states(before), states(after))).toHaveLength(count);
});
test("is remembered once, with its end, cut to what fits", () => {
  const opened = changedIncidents(states(undefined), states(incident));
  const closed = changedIncidents(states(incident), states({ ...incident, until: 120_000 }));
  const all = withIncidents(withIncidents([], opened), closed);
  expect(all).toMatchObject([{ site: "shop", since: 60_000, until: 120_000, worst: "DEGRADED" }]);
  expect(all[0]?.cause.length).toBeLessThanOrEqual(200);
});
test("stays within DynamoDB's 400 KB, however many there were", () => {
  let all = withIncidents([], []);
  for (let at = 0; at < 700; at++) {
    all = withIncidents(all, changedIncidents(states(undefined), states({ ...incident, since: at })));
  }
  expect([all.length, all[0]?.since, JSON.stringify(all).length < 300_000]).toEqual([500, 699, true]);
});
