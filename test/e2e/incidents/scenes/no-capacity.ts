import type { Incident } from "../incident.ts";
import { ZONES } from "../world.ts";

/** AWS has no instance in any zone. Of five pods the nodes that are there take three. */
export const noCapacity: Incident = {
  component: "`scale-node-pools`",
  failure: "no capacity in any zone, five pods wait",
  heard: [
    {
      who: "notification",
      what: /^node-pool\/workers: workers: 2 pods pending: AWS has no m5.large in us-east-1a/,
      afterMinutes: 2,
    },
    { who: "page", what: "slo-pods-workers", afterMinutes: 6 },
  ],
  runbook: "Pods without a node",
  look: {
    written: "npx reflex why node-pool/<pool> --stage <stage>",
    values: { "<pool>": "workers", "<stage>": "dev" },
    says: /AWS has no m5.large/,
  },
  stoppedBy: "pause",
  begin: ({ account, addPods, removePods }) => {
    for (const zone of ZONES) account.machines.limit(zone, 0);
    addPods("burst", 5);
    return () => {
      for (const zone of ZONES) account.machines.limit(zone);
      removePods("burst");
    };
  },
};
