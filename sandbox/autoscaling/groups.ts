import type { SandboxClock } from "../clock/clock.ts";
import type { Deliveries } from "../deliveries.ts";
import type { Machine, Machines } from "../ec2/machines.ts";
import { ACCOUNT_ID, DEFAULT_REGION } from "../service.ts";
import { AwsError } from "../wire/error.ts";
import { finishActivity, recordActivity } from "./activities.ts";
import {
  type Activity,
  type Group,
  isLeaving,
  type LaunchPlan,
  launchTemplateOf,
  type Member,
  staying,
  victimOf,
  type WarmPool,
  warmed,
} from "./group.ts";
import { type HeldBy, HeldInstances, hookFor } from "./held-instances.ts";
import { Launching } from "./launching.ts";
import { cancelRefresh, startRefresh } from "./refreshes.ts";

/** AWS checks a group by itself so often; a change by a call is acted on at once. */
const LOOK_MS = 10_000;

export interface GroupSettings {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  readonly zones: readonly string[];
  readonly launch: LaunchPlan;
  readonly tags?: Readonly<Record<string, string>>;
}

const validation = (message: string): AwsError => new AwsError("ValidationError", message);

function checkSizes(min: number, max: number, desired: number | undefined): void {
  if (min > max) throw validation(`Min bound, ${min}, must be less than or equal to max bound, ${max}`);
  if (desired !== undefined && (desired < min || desired > max)) {
    throw validation(
      `Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`,
    );
  }
}

/** The account's Auto Scaling groups, on the sandbox's clock. */
export class Groups {
  readonly #clock: SandboxClock;
  readonly #machines: Machines;
  readonly #held: HeldInstances;
  readonly #launching: Launching;
  readonly #groups = new Map<string, Group>();
  readonly #region: string;
  readonly #stop: () => void;

  constructor(clock: SandboxClock, machines: Machines, deliveries: Deliveries, region = DEFAULT_REGION) {
    this.#region = region;
    this.#clock = clock;
    this.#machines = machines;
    this.#held = new HeldInstances(
      clock,
      deliveries,
      { region, arnOf: (name) => this.arnOf(name) },
      (group, member, result) => this.#release(group, member, result),
    );
    this.#launching = new Launching(clock, machines, (machine) => this.#machineChanged(machine));
    machines.onChange((machine) => this.#machineChanged(machine));
    this.#stop = clock.every(LOOK_MS, () => {
      for (const group of this.#groups.values()) this.#adjust(group);
    });
  }

  stop(): void {
    this.#stop();
  }

  arnOf(name: string): string {
    return `arn:aws:autoscaling:${this.#region}:${ACCOUNT_ID}:autoScalingGroup:sandbox:autoScalingGroupName/${name}`;
  }

  create({ tags = {}, ...settings }: GroupSettings): Group {
    const { name, min, max, desired } = settings;
    if (this.#groups.has(name))
      throw new AwsError("AlreadyExists", `AutoScalingGroup by this name already exists - ${name}`);
    checkSizes(min, max, desired);
    const group: Group = {
      ...settings,
      tags: new Map(Object.entries(tags)),
      createdAt: this.#clock.now(),
      suspended: new Set(),
      hooks: new Map(),
      members: new Map(),
      activities: [],
      refreshes: [],
      notBefore: 0,
    };
    this.#groups.set(name, group);
    this.#machines.launchTemplates.set(launchTemplateOf(group), group.launch);
    this.#adjust(group);
    return group;
  }

  /** @throws {AwsError} ValidationError */
  get(name: string): Group {
    const group = this.#groups.get(name);
    if (!group) throw validation(`AutoScalingGroup name not found - ${name}`);
    return group;
  }

  all(): Group[] {
    return [...this.#groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  remove(name: string): void {
    const group = this.get(name);
    if (group.members.size > 0) {
      throw new AwsError(
        "ResourceInUse",
        "You cannot delete an AutoScalingGroup while there are instances still in the group.",
      );
    }
    this.#groups.delete(name);
  }

  resize(
    name: string,
    sizes: { min?: number | undefined; max?: number | undefined; desired?: number | undefined },
  ): void {
    const group = this.get(name);
    const min = sizes.min ?? group.min;
    const max = sizes.max ?? group.max;
    checkSizes(min, max, sizes.desired);
    group.min = min;
    group.max = max;
    // New limits pull the desired capacity inside.
    group.desired = Math.min(max, Math.max(min, sizes.desired ?? group.desired));
    this.#adjust(group);
  }

  setDesired(name: string, desired: number): void {
    const group = this.get(name);
    const { min, max } = group;
    if (desired < min || desired > max) {
      const bound = desired > max ? `above max value ${max}` : `below min value ${min}`;
      throw validation(`New SetDesiredCapacity value ${desired} is ${bound} for the AutoScalingGroup.`);
    }
    group.desired = desired;
    this.#adjust(group);
  }

  memberOf(instanceId: string): { group: Group; member: Member } | undefined {
    for (const group of this.#groups.values()) {
      const member = group.members.get(instanceId);
      if (member) return { group, member };
    }
    return undefined;
  }

  /** PutWarmPool; without one its instances end. */
  setWarmPool(name: string, pool: WarmPool | undefined): void {
    const group = this.get(name);
    group.warmPool = pool;
    if (!pool) for (const { machine } of warmed(group)) this.#machines.terminate(machine.id);
    this.#adjust(group);
  }

  /** TerminateInstanceInAutoScalingGroup. */
  terminate(instanceId: string, decrement: boolean): Activity {
    const found = this.memberOf(instanceId);
    if (!found)
      throw validation(`Instance Id not found - No managed instance found for instance ID: ${instanceId}`);
    const { group, member } = found;
    if (decrement) {
      if (group.desired - 1 < group.min) {
        throw validation(
          `Currently, desiredSize equals minSize (${group.min}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
        );
      }
      // What AWS does when it is asked a second time is written nowhere: here the worst is assumed.
      group.desired -= 1;
    }
    const activity = isLeaving(member)
      ? this.#record(group, `Terminating EC2 instance: ${instanceId}`, "it is terminating already")
      : this.#leave(group, member, "at a user request");
    this.#adjust(group);
    return activity;
  }

  /** Brings the number of instances to the desired capacity. */
  #adjust(group: Group): void {
    while (staying(group).length < group.desired && !group.suspended.has("Launch")) {
      if (this.#clock.now() < group.notBefore || !this.#launching.launch(group)) return;
    }
    while (staying(group).length > group.desired && !group.suspended.has("Terminate")) {
      const victim = victimOf(group);
      if (!victim) return;
      this.#leave(group, victim, "in response to a difference between desired and actual capacity");
    }
    this.#launching.fillWarmPool(group);
  }

  #leave(group: Group, member: Member, cause: string): Activity {
    const activity = this.#record(group, `Terminating EC2 instance: ${member.machine.id}`, cause);
    const hook = hookFor(group, "autoscaling:EC2_INSTANCE_TERMINATING");
    if (hook) this.#held.hold(group, member, hook, "Terminating:Wait");
    else this.#take(group, member, "Terminating");
    return activity;
  }

  /** The instance ends, or goes to the warm pool. */
  #take(group: Group, member: Member, state: "Terminating" | "Terminating:Proceed"): void {
    const { machine } = member;
    if (!group.warmPool?.reuseOnScaleIn || machine.state !== "running") {
      member.state = state;
      this.#machines.terminate(machine.id);
      return;
    }
    member.state = "Warmed:Pending";
    machine.isWarm = true;
    this.#machines.stop(machine.id);
  }

  #machineChanged(machine: Machine): void {
    const found = this.memberOf(machine.id);
    if (!found) return;
    const { group, member } = found;
    if (machine.state === "running" && member.state === "Warmed:Pending") {
      if (group.warmPool?.state === "Running") member.state = "Warmed:Running";
      else this.#machines.stop(machine.id);
      this.#finish(group, `Launching a new EC2 instance into warm pool: ${machine.id}`);
    }
    if (machine.state === "stopped" && member.state === "Warmed:Pending") member.state = "Warmed:Stopped";
    if (machine.state === "running" && member.state === "Pending") {
      const hook = hookFor(group, "autoscaling:EC2_INSTANCE_LAUNCHING");
      if (hook) this.#held.hold(group, member, hook, "Pending:Wait");
      else this.#serve(group, member);
    }
    if (machine.state === "shutting-down" && !isLeaving(member)) {
      // Ended from outside: AWS finds it unhealthy and replaces it. The hook is not asked: nothing is held back.
      member.state = "Terminating";
      this.#record(
        group,
        `Terminating EC2 instance: ${machine.id}`,
        "it was taken out of service in response to an EC2 health check",
      );
    }
    if (machine.state === "terminated") {
      member.held?.cancel();
      this.#finish(group, `Terminating EC2 instance: ${machine.id}`);
      group.members.delete(machine.id);
      this.#adjust(group);
    }
  }

  #serve(group: Group, member: Member): void {
    member.state = "InService";
    this.#finish(group, `Launching a new EC2 instance: ${member.machine.id}`);
    this.#finish(group, `Launching a new EC2 instance from warm pool: ${member.machine.id}`);
  }

  #release(group: Group, member: Member, result: "CONTINUE" | "ABANDON"): void {
    if (member.state === "Pending:Wait" && result === "CONTINUE") {
      this.#serve(group, member);
      return;
    }
    if (member.state === "Pending:Wait") {
      member.state = "Terminating";
      this.#machines.terminate(member.machine.id);
    } else this.#take(group, member, "Terminating:Proceed");
  }

  heartbeat(name: string, hook: string, by: HeldBy): void {
    this.#held.heartbeat(this.get(name), hook, by);
  }

  complete(name: string, hook: string, by: HeldBy, result: "CONTINUE" | "ABANDON"): void {
    this.#held.complete(this.get(name), hook, by, result);
  }

  startRefresh(name: string): string {
    return startRefresh(this.get(name), this.#clock.now());
  }

  cancelRefresh(name: string): string {
    return cancelRefresh(this.get(name));
  }

  #record(group: Group, description: string, cause: string): Activity {
    return recordActivity(group, description, cause, this.#clock.now());
  }

  #finish(group: Group, description: string): void {
    finishActivity(group, description, this.#clock.now());
  }
}
