import type { Route } from "../../../shared/routes/routes.ts";
import type { Target } from "../../../shared/routes/targets.ts";
import type { ThreadEvent } from "../model.ts";

/**
 * A message that is marked as a test, with the least severity that its route takes. A pager gets the end as well, so that
 * nobody has to close it.
 */
export function testEvents(
  { name, minSeverity = "info" }: Pick<Route, "name" | "minSeverity">,
  { pagerduty }: Pick<Target, "pagerduty">,
  { id, at }: { readonly id: string; readonly at: number },
): readonly ThreadEvent[] {
  const iso = new Date(at).toISOString();
  const thread = `test/${name}/${id}`;
  const event = (sequence: number, state: "begin" | "end"): ThreadEvent => ({
    thread,
    sequence,
    at,
    notification: {
      id: `${thread}/${sequence}`,
      at: iso,
      automation: "deliver-notifications",
      resource: `route/${name}`,
      severity: minSeverity,
      state,
      incident: {
        id: thread,
        sequence,
        code: "test",
        since: iso,
        ...(state === "end" && { until: iso }),
      },
      runbook: "runbook/deliver-notifications.md#test",
      headline: `TEST of the route ${name}: nothing has happened`,
      work: [],
      resourceMetrics: [],
      events: [],
      done: { what: "nothing" },
      reasons: ["Somebody ran `npm run notify -- test`. Nobody has to do anything."],
    },
  });
  return pagerduty ? [event(1, "begin"), event(2, "end")] : [event(1, "begin")];
}
