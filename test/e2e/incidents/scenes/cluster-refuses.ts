import type { Incident } from "../incident.ts";

/** The API server of the cluster answers 500. */
export const clusterRefuses: Incident = {
  component: "`scale-node-pools`, `drain-nodes`",
  failure: "the cluster's API refuses",
  heard: [
    { who: "ticket", what: "not-served node-pool/workers", afterMinutes: 12 },
    { who: "ticket", what: "not-served cluster/main", afterMinutes: 12 },
    { who: "page", what: "slo-freshness", afterMinutes: 14 },
    { who: "notification", what: /^node-pool\/workers: .*answered list nodes with 500/, afterMinutes: 16 },
  ],
  runbook: "Resource not served",
  look: {
    written: "npx reflex why stream/orders --stage <stage>",
    values: { "stream/orders": "node-pool/workers", "<stage>": "dev" },
    says: /error .*answered list nodes with 500/,
  },
  stoppedBy: "pause",
  begin: ({ account }) => {
    const fault = account.faults.inject({ kind: "server-error", service: "kubernetes", times: 1e6 });
    return () => fault.remove();
  },
};
