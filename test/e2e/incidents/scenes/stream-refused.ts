import type { Incident } from "../incident.ts";

/** A stream that needs more than its `max`, and beside it one whose permission is gone: the one hides the other no more. */
export const streamRefused: Incident = {
  component: "`reshard-streams`",
  failure: "a stream is refused (AccessDenied), beside one at its max",
  heard: [
    { who: "notification", what: /^stream\/clicks: .*max/, afterMinutes: 2 },
    { who: "notification", what: /^stream\/payments: .*AccessDenied/, afterMinutes: 1 },
    { who: "ticket", what: "not-served stream/payments", afterMinutes: 12 },
  ],
  silent: ["not-served stream/clicks", "slo-runs-reshard-streams"],
  runbook: "Resource not served",
  look: {
    written: "npx reflex why stream/orders --stage <stage>",
    values: { "stream/orders": "stream/payments", "<stage>": "dev" },
    says: /error .*AccessDenied/,
  },
  stoppedBy: "pause",
  begin: async ({ deny, traffic }) => {
    const denied = await deny("reflex-dev-reshard-streams", "kinesis:*", "*:stream/payments");
    traffic.set("clicks", 30);
    return () => {
      denied.remove();
      traffic.delete("clicks");
    };
  },
};
