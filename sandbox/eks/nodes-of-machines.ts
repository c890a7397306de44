import type { SandboxClock } from "../clock/clock.ts";
import { allocatableOf } from "../ec2/instance-types.ts";
import type { Machine, Machines } from "../ec2/machines.ts";
import type { Cluster } from "../kubernetes/cluster.ts";
import type { NodeStartup } from "../kubernetes/nodes.ts";

/** A running instance becomes a node after so long. */
const JOIN_MS = 20_000;

/** What becomes of an instance that is to join: `never` has no node, whatever the reason. */
export type Fate = "never" | NodeStartup;

/**
 * Nodes come and go with the instances that were launched for this cluster.
 *
 * @param fateOf asked once for each instance; as its launch plan says when absent
 */
export function followMachines(
  cluster: Cluster,
  machines: Machines,
  clock: SandboxClock,
  fateOf: (machine: Machine) => Fate = ({ startup }) => startup ?? {},
): void {
  machines.onChange((machine) => {
    if (machine.cluster !== cluster.name) return;
    if (machine.state === "running" && !machine.isWarm) {
      const fate = fateOf(machine);
      clock.at(clock.now() + JOIN_MS, () => {
        if (machine.state === "running" && !machine.isWarm && fate !== "never") join(cluster, machine, fate);
      });
    }
    if (machine.state === "shutting-down" || machine.state === "stopping")
      cluster.silence(machine.privateDnsName);
    if (machine.state === "terminated") cluster.remove(machine.privateDnsName);
  });
}

function join(cluster: Cluster, machine: Machine, startup: NodeStartup): void {
  const { id, zone, instanceType, privateDnsName, labels, taints, allocatable } = machine;
  cluster.join({
    name: privateDnsName,
    zone,
    instanceId: id,
    instanceType,
    startup,
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
