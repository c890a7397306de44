import type { Incident } from "../incident.ts";

/** Lambda cannot read the stream: no batch comes, so nothing of Reflex runs that could say so. */
export const landingStopped: Incident = {
  component: "`ingest-events`",
  failure: "no batch is received: the mapping is off, cannot read, or the function dies",
  heard: [{ who: "page", what: "slo-landing-events", afterMinutes: 10 }],
  runbook: "Ingest behind",
  look: {
    written: "npx reflex status --stage <stage>",
    values: { "<stage>": "dev" },
    says: /stream\/events {2}last batch 1\d min ago/,
  },
  stoppedBy: "disabled mapping",
  begin: ({ account }) => {
    const fault = account.faults.inject({
      ...{ kind: "server-error", service: "kinesis", operation: "GetRecords", times: 1e6 },
    });
    return () => fault.remove();
  },
};
