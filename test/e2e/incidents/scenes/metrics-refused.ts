import type { Incident } from "../incident.ts";

/** CloudWatch answers GetMetricData with 500: every look fails, and every run is green. */
export const metricsRefused: Incident = {
  component: "`reshard-streams`",
  failure: "GetMetricData answers 500",
  heard: [
    { who: "ticket", what: "not-served stream/orders", afterMinutes: 11 },
    { who: "page", what: "slo-freshness", afterMinutes: 14 },
    { who: "notification", what: /^stream\/orders: .*GetMetricData/, afterMinutes: 16 },
  ],
  runbook: "Resource not served",
  look: {
    written: "npx reflex why stream/orders --stage <stage>",
    values: { "<stage>": "dev" },
    says: /error .*GetMetricData/,
  },
  stoppedBy: "pause",
  begin: ({ account }) => {
    const fault = account.faults.inject({
      ...{ kind: "server-error", service: "monitoring", operation: "GetMetricData", times: 1e6 },
      functionName: "reflex-dev-reshard-streams",
    });
    return () => fault.remove();
  },
};
