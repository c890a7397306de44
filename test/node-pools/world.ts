import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EC2 } from "@aws-sdk/client-ec2";
import { EKSClient } from "@aws-sdk/client-eks";
import { KeyedQueue } from "../../functions/drain-nodes/act/remove-instance/keyed-queue.ts";
import { type Result as DrainResult, drainNodes } from "../../functions/drain-nodes/drain-nodes.ts";
import type { OpenDrains, OpenDrainsStore } from "../../functions/drain-nodes/observe/open-drains.ts";
import type { Dependencies as DrainDependencies } from "../../functions/drain-nodes/run/dependencies.ts";
import { type AutoScaling, createAutoScaling } from "../../sandbox/autoscaling/autoscaling.ts";
import type { LaunchPlan } from "../../sandbox/autoscaling/group.ts";
import { createClock, type SandboxClock } from "../../sandbox/clock/clock.ts";
import { createDeliveries } from "../../sandbox/deliveries.ts";
import { createEc2, type Ec2 } from "../../sandbox/ec2/ec2.ts";
import { type Machine, Machines } from "../../sandbox/ec2/machines.ts";
import { Clusters } from "../../sandbox/eks/clusters.ts";
import { createEks, type Eks } from "../../sandbox/eks/eks.ts";
import { NodeGroups } from "../../sandbox/eks/node-groups.ts";
import { type Fate, followMachines } from "../../sandbox/eks/nodes-of-machines.ts";
import { drainManagedNodes } from "../../sandbox/eks/own-drain.ts";
import { type Cluster, createCluster } from "../../sandbox/kubernetes/cluster.ts";
import { asNode, asPod } from "../../sandbox/kubernetes/parsed.ts";
import type { Pace } from "../../sandbox/kubernetes/state.ts";
import type { Node } from "../../shared/kubernetes/node.ts";
import type { Pod } from "../../shared/kubernetes/pod.ts";
import { createFreshness } from "../../shared/lambda/freshness.ts";
import type { Ledger } from "../../shared/ledger/ledger.ts";
import type { Outbox } from "../../shared/ledger/outbox.ts";
import { type NodePools, nodePools } from "../../shared/node-pools/policy.ts";
import { createSpotFleets } from "../../shared/node-pools/spot-fleets.ts";
import type { Notification } from "../../shared/notify/notification.ts";
import { Gate } from "./gate.ts";
import { inProcess, throughGate } from "./in-process.ts";
import { inProcessApi } from "./kubernetes-api.ts";
import { aRun } from "./run.ts";

export const MINUTE = 60_000;
export const T0 = Date.UTC(2026, 2, 1, 12, 0, 0);
export const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];

export interface GroupSizes {
  readonly min: number;
  readonly max: number;
  readonly desired: number;
}

/**
 * The AWS of node pools and one cluster in this process, without sockets, on a clock that only `advance` moves.
 * The automations run against it with their real clients; each run can die at any of its calls.
 */
export class World {
  readonly clock: SandboxClock = createClock({
    speed: 0,
    start: T0,
    onError: (error) => this.failures.push(error),
  });
  /** What went wrong in the sandbox itself. */
  readonly failures: unknown[] = [];
  /** Events on the bus, in order. */
  readonly events: unknown[] = [];
  readonly notifications: Notification[] = [];
  readonly machines: Machines;
  readonly autoScaling: AutoScaling;
  readonly ec2: Ec2;
  readonly eks: Eks;
  readonly cluster: Cluster;
  /** What becomes of an instance that is launched from now on; as its launch plan says when left alone. */
  fateOf: (machine: Machine) => Fate = ({ startup }) => startup ?? {};
  /** What the next run reads in its config. */
  pools: NodePools;
  readonly #ledger: Ledger;
  #drains: OpenDrains = {};
  readonly #outbox: Outbox;
  readonly #clients: {
    readonly autoScaling: AutoScalingClient;
    readonly eks: EKSClient;
    readonly ec2: EC2;
  };

  /** @param config the section `nodePools` as it is written in a file; the cluster's name is `main` */
  constructor(config: unknown, ledger: Ledger, outbox: Outbox, pace?: Pace) {
    const deliveries = createDeliveries();
    deliveries.connect({ toBus: async (event) => void this.events.push(event) });
    const { clock } = this;
    this.pools = nodePools.parse(config);
    this.#ledger = ledger;
    this.#outbox = outbox;
    this.machines = new Machines(clock, deliveries);
    this.autoScaling = createAutoScaling({ clock, machines: this.machines, deliveries });
    this.ec2 = createEc2(clock, this.machines);
    const clusters = new Clusters({ clock, machines: this.machines, callers: new Map() });
    const nodeGroups = new NodeGroups(clock, this.autoScaling.groups);
    this.eks = createEks(clock, clusters, nodeGroups);
    this.#clients = {
      autoScaling: new AutoScalingClient(inProcess(this.autoScaling)),
      eks: new EKSClient(inProcess(this.eks)),
      ec2: new EC2(inProcess(this.ec2)),
    };
    this.cluster = createCluster("main", clock, pace);
    followMachines(this.cluster, this.machines, clock, (machine) => this.fateOf(machine));
    drainManagedNodes(clock, this.autoScaling.groups, nodeGroups, () => this.cluster);
  }

  /** A group of one zone whose instances join the cluster. */
  group(name: string, zone: string, sizes: GroupSizes, launch: Partial<LaunchPlan> = {}): void {
    this.autoScaling.groups.create({
      name,
      ...sizes,
      zones: [zone],
      launch: { instanceType: "m5.large", spot: false, cluster: "main", ...launch },
    });
  }

  /** A managed node group over all zones; EKS drains its nodes by a lifecycle hook of its own. */
  managedGroup(name: string, sizes: GroupSizes, launch: Partial<LaunchPlan> = {}): void {
    this.eks.nodeGroups.create({
      cluster: "main",
      name,
      ...sizes,
      zones: ZONES,
      launch: { instanceType: "m5.large", spot: false, ...launch },
    });
  }

  /** Through it a run of an automation sees the world. */
  /** As one process knows it that lives for the whole test. */
  readonly freshness = createFreshness();

  clients(gate: Gate) {
    const { autoScaling, eks, ec2 } = this.#clients;
    return {
      autoScaling: throughGate(autoScaling, gate),
      autoScalingOnce: throughGate(autoScaling, gate),
      eks: throughGate(eks, gate),
      ec2: throughGate(ec2, gate),
      clusters: async () => inProcessApi(this.cluster, gate),
      ledger: gated(this.#ledger, gate),
      outbox: gatedOutbox(this.#outbox, gate),
      notify: (notifications: readonly Notification[]) =>
        gate.pass("sns:Publish", () => void this.notifications.push(...notifications)),
      mode: "act" as const,
      pools: this.pools,
      freshness: this.freshness,
    };
  }

  /** One run of drain-nodes. Answers its result, or what it failed with. */
  async drain(event: unknown, gate = new Gate()): Promise<DrainResult | Error> {
    const clients = this.clients(gate);
    const spotFleets = async () => createSpotFleets(clients.ec2);
    const deps: DrainDependencies = {
      ...clients,
      spotFleets,
      poolQueue: new KeyedQueue(),
      openDrains: this.openDrains(gate),
    };
    try {
      return await drainNodes(event, aRun("drain-nodes", this.clock), deps);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** What drain-nodes keeps, in memory. */
  openDrains(gate: Gate): OpenDrainsStore {
    return {
      read: () => gate.pass("dynamodb:GetItem", () => this.#drains),
      write: (drains) =>
        gate.pass("dynamodb:PutItem", () => {
          this.#drains = drains;
        }),
    };
  }

  nodes(): Node[] {
    return this.cluster.state.store.list("nodes").map(asNode);
  }

  pods(): Pod[] {
    return this.cluster.state.store.list("pods").map(asPod);
  }

  /** @returns events that came since the last call */
  takeEvents(): unknown[] {
    return this.events.splice(0);
  }

  stop(): void {
    this.clock.stop();
  }
}

/** The tick of the schedule. */
export const TICK = {
  source: "aws.events",
  "detail-type": "Scheduled Event",
  time: "2026-03-01T12:00:00Z",
  resources: ["arn:aws:events:us-east-1:000000000000:rule/tick"],
  detail: {},
};

function gated(ledger: Ledger, gate: Gate): Ledger {
  return {
    history: (...args) => gate.pass("dynamodb:Query", () => ledger.history(...args)),
    begin: (...args) => gate.pass("dynamodb:begin", () => ledger.begin(...args)),
    finish: (...args) => gate.pass("dynamodb:finish", () => ledger.finish(...args)),
    recover: (...args) => gate.pass("dynamodb:recover", () => ledger.recover(...args)),
    pauses: (...args) => gate.pass("dynamodb:pauses", () => ledger.pauses(...args)),
    keepDecision: (...args) => gate.pass("dynamodb:keepDecision", () => ledger.keepDecision(...args)),
    keepProfile: (...args) => gate.pass("dynamodb:keepProfile", () => ledger.keepProfile(...args)),
    noteChanging: (...args) => gate.pass("dynamodb:noteChanging", () => ledger.noteChanging(...args)),
  };
}

function gatedOutbox(outbox: Outbox, gate: Gate): Outbox {
  return {
    incidents: (...args) => gate.pass("dynamodb:GetItem", () => outbox.incidents(...args)),
    writeIncidents: (...args) => gate.pass("dynamodb:writeIncidents", () => outbox.writeIncidents(...args)),
    claimWaiting: (...args) => gate.pass("dynamodb:claimWaiting", () => outbox.claimWaiting(...args)),
    remove: (...args) => gate.pass("dynamodb:remove", () => outbox.remove(...args)),
  };
}
