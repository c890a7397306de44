import type { SandboxClock } from "../clock/clock.ts";
import type { Deliveries } from "../deliveries.ts";
import type { Machines } from "../ec2/machines.ts";
import type { Service } from "../service.ts";
import { answer } from "../wire/answer.ts";
import { Groups } from "./groups.ts";
import { autoScalingOperations } from "./operations/operations.ts";

export interface AutoScaling extends Service {
  readonly groups: Groups;
}

export interface AutoScalingDependencies {
  readonly clock: SandboxClock;
  readonly machines: Machines;
  readonly deliveries: Deliveries;
  /** The default region where absent. */
  readonly region?: string;
}

/** EC2 Auto Scaling, by AWS Query: groups whose instances take time to come and go, lifecycle hooks, refreshes. */
export function createAutoScaling({
  clock,
  machines,
  deliveries,
  region,
}: AutoScalingDependencies): AutoScaling {
  const groups = new Groups(clock, machines, deliveries, region);
  const service = {
    name: "Auto Scaling",
    operations: autoScalingOperations(groups),
    xmlNamespace: "http://autoscaling.amazonaws.com/doc/2011-01-01/",
  };
  return {
    signingNames: ["autoscaling"],
    handle: (request) => answer(service, request),
    stop: async () => groups.stop(),
    groups,
  };
}
