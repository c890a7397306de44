import type { Incident } from "../incident.ts";

/** The resolver answers SERVFAIL for every name: the monitor is blind, and its sites may be well. */
export const namesServfail: Incident = {
  component: "`check-sites`",
  failure: "every name SERVFAIL",
  heard: [
    { who: "notification", what: /the monitor's own resolver is suspected/, afterMinutes: 1 },
    { who: "ticket", what: "not-served site/shop", afterMinutes: 12 },
    { who: "page", what: "slo-freshness", afterMinutes: 14 },
  ],
  runbook: "Resource not served",
  look: {
    written: "npx reflex why stream/orders --stage <stage>",
    values: { "stream/orders": "site/shop", "<stage>": "dev" },
    says: /fails: .*ESERVFAIL/,
  },
  stoppedBy: "pause",
  begin: ({ names }) => {
    names.fails = true;
    return () => {
      names.fails = false;
    };
  },
};
