import type { SandboxClock } from "../clock.ts";
import { allocatableOf } from "../ec2/instance-types.ts";
import type { Machine, Machines } from "../ec2/machines.ts";
import type { Cluster } from "../kubernetes/cluster.ts";

/** A running instance becomes a node after so long. */
const JOIN_MS = 20_000;

/** Nodes come and go with the instances that were launched for this cluster. */
export function followMachines(cluster: Cluster, machines: Machines, clock: SandboxClock): void {
  machines.onChange((machine) => {
    if (machine.cluster !== cluster.name) return;
    if (machine.state === "running") {
      clock.at(clock.now() + JOIN_MS, () => {
        if (machine.state === "running") join(cluster, machine);
      });
    }
    if (machine.state === "shutting-down") cluster.silence(machine.privateDnsName);
    if (machine.state === "terminated") cluster.remove(machine.privateDnsName);
  });
}

function join(cluster: Cluster, machine: Machine): void {
  const { id, zone, instanceType, privateDnsName, labels, taints, allocatable } = machine;
  cluster.join({
    name: privateDnsName,
    zone,
    instanceId: id,
    instanceType,
    allocatable: allocatable ?? allocatableOf(instanceType),
    ...(labels && { labels }),
    ...(taints && {
      taints: taints.map(({ key, value, effect }) => ({
        key,
        effect,
        ...(value !== undefined && { value }),
      })),
    }),
  });
}
