import type { Incident } from "../incident.ts";

/** A node is being drained, and its cluster cannot be read any more: its age is what the last run kept. */
export const drainStuck: Incident = {
  component: "`drain-nodes`",
  failure: "a node drains past its last deadline",
  heard: [{ who: "ticket", what: "drain-nodes-stuck-workers", afterMinutes: 16 }],
  runbook: "Node drain stuck",
  look: {
    written: "npx reflex why node-pool/<pool> --stage <stage>",
    values: { "<pool>": "workers", "<stage>": "dev" },
    says: /answered list nodes with 500/,
  },
  stoppedBy: "pause",
  begin: async ({ account, node, minutes }) => {
    const drain = [node()];
    await account.lambda.send("reflex-dev-drain-nodes", {
      ...{ nodePool: "workers", drain, reason: "scale-in", plan: "plan-1" },
    });
    await minutes(1);
    const fault = account.faults.inject({ kind: "server-error", service: "kubernetes", times: 1e6 });
    return () => fault.remove();
  },
};
