import type { Incident } from "../incident.ts";

const RULE = "reflex-dev-check-sites";

/** Somebody has disabled the rule that wakes a sweep. */
export const sweepStopped: Incident = {
  component: "any sweep",
  failure: "its rule is disabled, or Lambda throttles it",
  heard: [{ who: "page", what: "slo-runs-check-sites", afterMinutes: 5 }],
  runbook: "Sweep not running",
  look: {
    written: "aws events describe-rule --name reflex-<stage>-<function>",
    values: { "<function>": "check-sites", "<stage>": "dev" },
    says: /"State": "DISABLED"/,
  },
  repair: {
    written: "aws events enable-rule --name reflex-<stage>-<function>",
    values: { "<function>": "check-sites", "<stage>": "dev" },
    says: /^$/,
  },
  stoppedBy: "pause",
  begin: ({ account: { events } }) => {
    events.rules.setState(RULE, "DISABLED");
    return () => events.rules.setState(RULE, "ENABLED");
  },
};
