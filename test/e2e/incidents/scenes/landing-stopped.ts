import type { Incident } from "../incident.ts";

const FAULT = { service: "dynamodb", functionName: "reflex-dev-ingest-events" } as const;

/** The function that lands dies in every call: nothing is received, and nothing of Reflex can say so. */
export const landingStopped: Incident = {
  component: "`ingest-events`",
  failure: "no batch is received: the mapping is off, cannot read, or the function dies",
  heard: [{ who: "page", what: "slo-landing-events", afterMinutes: 10 }],
  runbook: "Ingest behind",
  begin: ({ account }) => {
    const fault = account.faults.inject({ ...FAULT, kind: "crash-before", times: 1e6 });
    return () => fault.remove();
  },
};
