import type { SandboxClock } from "../clock/clock.ts";
import type { Service } from "../service.ts";
import { Fleets } from "./fleets.ts";
import type { Machines } from "./machines.ts";
import { ec2Operations } from "./operations.ts";
import { answerEc2 } from "./protocol.ts";

export interface Ec2 extends Service {
  readonly fleets: Fleets;
}

/** EC2 as far as node pools use it: instances and Spot Fleets. */
export function createEc2(clock: SandboxClock, machines: Machines): Ec2 {
  const fleets = new Fleets(clock, machines);
  const operations = ec2Operations(machines, fleets, () => clock.now());
  return {
    signingNames: ["ec2"],
    handle: (request) => answerEc2(operations, request),
    stop: async () => fleets.stop(),
    fleets,
  };
}
