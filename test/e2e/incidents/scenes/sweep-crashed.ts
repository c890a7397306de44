import type { Incident } from "../incident.ts";

/** One run of a sweep is killed in the middle: the next one has looked again. */
export const sweepCrashed: Incident = {
  component: "any sweep",
  failure: "one run crashes",
  heard: [{ who: "ticket", what: "failed-events-not-empty", afterMinutes: 4 }],
  runbook: "Failed events",
  look: {
    written:
      "aws sqs receive-message --queue-url $(aws sqs get-queue-url --queue-name reflex-<stage>-failed-events --output text) --visibility-timeout 0",
    values: { "<stage>": "dev" },
    says: /responsePayload[\s\S]*Runtime/,
  },
  repair: {
    written:
      "aws sqs purge-queue --queue-url $(aws sqs get-queue-url --queue-name reflex-<stage>-failed-events --output text)",
    values: { "<stage>": "dev" },
    says: /^$/,
  },
  stoppedBy: "nothing to stop",
  begin: ({ account }) => {
    const fault = account.faults.inject({
      ...{ kind: "crash-before", service: "dynamodb", times: 1 },
      functionName: "reflex-dev-check-sites",
    });
    return () => fault.remove();
  },
};
