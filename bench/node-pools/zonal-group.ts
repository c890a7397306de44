import type { Group, Instance } from "../../functions/scale-node-pools/model/cluster.ts";

/** The Auto Scaling group of one zone, at rest. */
export const zonalGroup = (zone: string, instances: readonly Instance[]): Group => ({
  kind: "autoScalingGroup",
  name: zone,
  min: 0,
  max: 10_000,
  desired: instances.length,
  zones: [zone],
  instances,
  suspended: [],
  refreshing: false,
  tags: {},
  failedLaunch: undefined,
  busy: undefined,
  nodeLabels: {},
  nodeTaints: [],
});
