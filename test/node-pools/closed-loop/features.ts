/** What a random world may have beside plain pods and nodes. */
export const FEATURES = [
  "startup-taints",
  "managed-group",
  "never-joins",
  "node-object-gone",
  "kubelet-dies",
  "daemon-host-port",
  "host-port",
  "anti-affinity",
  "topology-spread",
  "volumes",
  "ephemeral-storage",
  "missing-claim",
  "fits-no-pool",
  "priority",
  "gated",
  "warm-pool",
  "late-devices",
  "rebalance-storm",
  "tolerates-all",
  "person-uncordons",
  "late-orders",
  "forged-marks",
] as const;

export type Feature = (typeof FEATURES)[number];
