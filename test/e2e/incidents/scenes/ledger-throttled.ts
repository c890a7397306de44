import type { Incident } from "../incident.ts";

/**
 * DynamoDB throttles every call of the ledger: nothing can be decided, and no notification written. The minutes until people
 * hear of it are counted from the beginning, so it lasts as long as it takes them to hear, and a minute more: of half an hour
 * the rest would be the same alarms.
 */
export const ledgerThrottled: Incident = {
  component: "the ledger",
  failure: "DynamoDB throttles it",
  heard: [
    { who: "ticket", what: "not-served stream/orders", afterMinutes: 12 },
    { who: "ticket", what: "not-served node-pool/workers", afterMinutes: 12 },
  ],
  silent: ["slo-runs-reshard-streams", "slo-runs-scale-node-pools"],
  runbook: "Looks are stale",
  look: {
    written: "npx reflex status --stage <stage>",
    values: { "<stage>": "dev" },
    says: /stream\/orders[\s\S]*?for 1\d min without a good look/,
  },
  stoppedBy: "pause",
  begin: ({ account }) => {
    // Those that keep a ledger: what a landed stream is written to is another table.
    const faults = ["reshard-streams", "scale-node-pools"].map((name) =>
      account.faults.inject({
        ...{ kind: "throttle", service: "dynamodb", times: 1e6, functionName: `reflex-dev-${name}` },
      }),
    );
    return () => {
      for (const fault of faults) fault.remove();
    };
  },
};
