import { randomBytes } from "node:crypto";
import type { SandboxClock } from "../clock/clock.ts";
import type { Deliveries } from "../deliveries.ts";
import { createEvent } from "../events/event.ts";
import type { NodeStartup } from "../kubernetes/nodes.ts";
import { ACCOUNT_ID, DEFAULT_REGION } from "../service.ts";
import { AwsError } from "../wire/error.ts";

/** What an instance is launched with. */
export interface MachineSpec {
  readonly zone: string;
  readonly instanceType: string;
  readonly spot: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** The cluster its node joins; none when absent. */
  readonly cluster?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly taints?: readonly MachineTaint[] | undefined;
  /** In Kubernetes' notation; the usual of the instance type when absent. */
  readonly allocatable?: Readonly<Record<string, string>> | undefined;
  /** What of its node is not there yet when it joins. */
  readonly startup?: NodeStartup | undefined;
}

export interface MachineTaint {
  readonly key: string;
  readonly value?: string | undefined;
  readonly effect: string;
}

export interface Machine extends MachineSpec {
  readonly id: string;
  /** The name its node has. */
  readonly privateDnsName: string;
  /** ms since the epoch. */
  readonly launchedAt: number;
  state: "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated";
  /** It is in a warm pool: what runs on it does not join a cluster. */
  isWarm?: boolean;
}

/** How long things take, ms on the sandbox's clock. */
export interface MachinePace {
  /** From the launch to `running`. */
  readonly bootMs: number;
  /** From the order to end to `terminated`. */
  readonly stopMs: number;
}

export const USUAL_MACHINE_PACE: MachinePace = { bootMs: 30_000, stopMs: 20_000 };

export interface MachinesOptions {
  readonly pace?: MachinePace;
  /** The default region where absent. */
  readonly region?: string;
}

/** AWS takes a Spot instance back two minutes after the warning. */
const SPOT_NOTICE_MS = 120_000;

/** The account's EC2 instances. They take time to come and go, and a zone may have no more to give. */
export class Machines {
  readonly #clock: SandboxClock;
  readonly #deliveries: Deliveries;
  readonly #pace: MachinePace;
  readonly #region: string;
  readonly #machines = new Map<string, Machine>();
  readonly #listeners = new Set<(machine: Machine) => void>();
  readonly #capacity = new Map<string, number>();
  /** The instance types of launch templates, by the templates' ids. */
  readonly launchTemplates = new Map<string, { readonly instanceType: string; readonly spot: boolean }>();

  constructor(
    clock: SandboxClock,
    deliveries: Deliveries,
    { pace = USUAL_MACHINE_PACE, region = DEFAULT_REGION }: MachinesOptions = {},
  ) {
    this.#clock = clock;
    this.#region = region;
    this.#deliveries = deliveries;
    this.#pace = pace;
  }

  /** A zone has room for so many more instances from now on; without a number for any. */
  limit(zone: string, instances?: number): void {
    if (instances === undefined) this.#capacity.delete(zone);
    else this.#capacity.set(zone, instances);
  }

  /** @throws {AwsError} InsufficientInstanceCapacity when the zone has no more to give */
  launch(spec: MachineSpec): Machine {
    const left = this.#capacity.get(spec.zone);
    if (left !== undefined) {
      if (left <= 0) {
        throw new AwsError(
          "InsufficientInstanceCapacity",
          `We currently do not have sufficient ${spec.instanceType} capacity in the Availability Zone you requested (${spec.zone}). Our system will be working on provisioning additional capacity.`,
        );
      }
      this.#capacity.set(spec.zone, left - 1);
    }
    const id = `i-0${randomBytes(8).toString("hex")}`;
    const machine: Machine = {
      ...spec,
      id,
      privateDnsName: `${id}.${this.#region}.compute.internal`,
      launchedAt: this.#clock.now(),
      state: "pending",
    };
    this.#machines.set(id, machine);
    this.#notify(machine);
    this.#clock.at(this.#clock.now() + this.#pace.bootMs, () => this.#become(machine, "pending", "running"));
    return machine;
  }

  /** Does nothing to an instance that is on its way out already. */
  terminate(id: string): void {
    const machine = this.get(id);
    if (machine.state === "shutting-down" || machine.state === "terminated") return;
    this.#become(machine, machine.state, "shutting-down");
    this.#clock.at(this.#clock.now() + this.#pace.stopMs, () =>
      this.#become(machine, "shutting-down", "terminated"),
    );
  }

  /** Stops a running instance; it can be started again. */
  stop(id: string): void {
    const machine = this.get(id);
    if (machine.state !== "running") return;
    this.#become(machine, "running", "stopping");
    this.#clock.at(this.#clock.now() + this.#pace.stopMs, () => this.#become(machine, "stopping", "stopped"));
  }

  start(id: string): void {
    const machine = this.get(id);
    if (machine.state !== "stopped") return;
    this.#become(machine, "stopped", "pending");
    this.#clock.at(this.#clock.now() + this.#pace.bootMs, () => this.#become(machine, "pending", "running"));
  }

  /** Warns that AWS takes this Spot instance back, and does so two minutes later. */
  interrupt(id: string): void {
    this.#event("EC2 Spot Instance Interruption Warning", id, { "instance-action": "terminate" });
    this.#clock.at(this.#clock.now() + SPOT_NOTICE_MS, () => this.terminate(id));
  }

  recommendRebalance(id: string): void {
    this.#event("EC2 Instance Rebalance Recommendation", id, {});
  }

  /** @throws {AwsError} InvalidInstanceID.NotFound */
  get(id: string): Machine {
    const machine = this.#machines.get(id);
    if (!machine) throw new AwsError("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
    return machine;
  }

  find(id: string): Machine | undefined {
    return this.#machines.get(id);
  }

  all(): Machine[] {
    return [...this.#machines.values()];
  }

  /** Calls `listener` at each change of an instance's state. */
  onChange(listener: (machine: Machine) => void): void {
    this.#listeners.add(listener);
  }

  #become(machine: Machine, from: Machine["state"], to: Machine["state"]): void {
    if (machine.state !== from) return;
    machine.state = to;
    this.#notify(machine);
  }

  #notify(machine: Machine): void {
    for (const listener of this.#listeners) listener(machine);
  }

  #event(detailType: string, id: string, detail: Readonly<Record<string, string>>): void {
    this.get(id);
    const event = createEvent({
      source: "aws.ec2",
      detailType,
      region: this.#region,
      at: this.#clock.now(),
      resources: [`arn:aws:ec2:${this.#region}:${ACCOUNT_ID}:instance/${id}`],
      detail: { "instance-id": id, ...detail },
    });
    this.#clock.background(() => this.#deliveries.toBus(event));
  }
}
