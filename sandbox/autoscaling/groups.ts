import { randomUUID } from "node:crypto";
import type { SandboxClock } from "../clock/clock.ts";
import type { Deliveries } from "../deliveries.ts";
import type { Machine, Machines } from "../ec2/machines.ts";
import { createEvent } from "../events/event.ts";
import { ACCOUNT_ID, DEFAULT_REGION } from "../service.ts";
import { AwsError } from "../wire/error.ts";
import {
  type Activity,
  type Group,
  isLeaving,
  type LaunchPlan,
  type LifecycleHook,
  launchTemplateOf,
  type Member,
  staying,
  type WarmPool,
  warmed,
} from "./group.ts";

/** AWS looks after a group by itself so often; a change by a call is acted on at once. */
const LOOK_MS = 10_000;
/** After a launch that failed. */
const RETRY_LAUNCH_MS = 60_000;
/** No hook holds an instance back longer than this, heartbeats or not; nor than 100 of its time-outs. */
const LONGEST_HOLD_MS = 48 * 3_600_000;

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

/** The account's Auto Scaling groups, on the sandbox's clock. */
export class Groups {
  readonly #clock: SandboxClock;
  readonly #machines: Machines;
  readonly #deliveries: Deliveries;
  readonly #groups = new Map<string, Group>();
  readonly #region: string;
  readonly #stop: () => void;

  constructor(clock: SandboxClock, machines: Machines, deliveries: Deliveries, region = DEFAULT_REGION) {
    this.#region = region;
    this.#clock = clock;
    this.#machines = machines;
    this.#deliveries = deliveries;
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
    if (min > max) throw validation(`Min bound, ${min}, must be less than or equal to max bound, ${max}`);
    if (desired < min || desired > max) {
      throw validation(
        `Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`,
      );
    }
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
    if (min > max) throw validation(`Min bound, ${min}, must be less than or equal to max bound, ${max}`);
    if (sizes.desired !== undefined && (sizes.desired < min || sizes.desired > max)) {
      throw validation(
        `Desired capacity:${sizes.desired} must be between the specified min size:${min} and max size:${max}`,
      );
    }
    group.min = min;
    group.max = max;
    // New limits pull the desired capacity inside.
    group.desired = Math.min(max, Math.max(min, sizes.desired ?? group.desired));
    this.#adjust(group);
  }

  setDesired(name: string, desired: number): void {
    const group = this.get(name);
    if (desired > group.max) {
      throw validation(
        `New SetDesiredCapacity value ${desired} is above max value ${group.max} for the AutoScalingGroup.`,
      );
    }
    if (desired < group.min) {
      throw validation(
        `New SetDesiredCapacity value ${desired} is below min value ${group.min} for the AutoScalingGroup.`,
      );
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

  /** The group's own choice, as AWS makes it: the fullest zone's oldest instance. No drain, no budget. */
  #chooseVictim(group: Group): Member | undefined {
    const candidates = staying(group).filter(({ protectedFromScaleIn }) => !protectedFromScaleIn);
    const inZone = (zone: string) => staying(group).filter(({ machine }) => machine.zone === zone).length;
    return candidates.toSorted(
      (a, b) =>
        inZone(b.machine.zone) - inZone(a.machine.zone) || a.machine.launchedAt - b.machine.launchedAt,
    )[0];
  }

  /** Brings the number of instances to the desired capacity. */
  #adjust(group: Group): void {
    while (staying(group).length < group.desired && !group.suspended.has("Launch")) {
      if (this.#clock.now() < group.notBefore || !this.#launch(group)) return;
    }
    while (staying(group).length > group.desired && !group.suspended.has("Terminate")) {
      const victim = this.#chooseVictim(group);
      if (!victim) return;
      this.#leave(group, victim, "in response to a difference between desired and actual capacity");
    }
    this.#fillWarmPool(group);
  }

  /** Prepares as many instances as the warm pool is to hold. */
  #fillWarmPool(group: Group): void {
    const { warmPool, max, desired, suspended } = group;
    if (!warmPool || suspended.has("Launch")) return;
    const size = Math.max(warmPool.minSize, (warmPool.maxPrepared ?? max) - desired);
    while (warmed(group).length < size) {
      if (this.#clock.now() < group.notBefore || !this.#launch(group, "into warm pool")) return;
    }
  }

  /** Takes a prepared instance into service. */
  #launchFromWarmPool(group: Group, member: Member): void {
    member.state = "Pending";
    member.machine.isWarm = false;
    this.#record(
      group,
      `Launching a new EC2 instance from warm pool: ${member.machine.id}`,
      "a difference between desired and actual capacity",
    );
    if (member.machine.state === "running")
      this.#clock.background(() => this.#machineChanged(member.machine));
    else this.#machines.start(member.machine.id);
  }

  /** Launches one instance in the emptiest zone that has room; false when none has. */
  #launch(group: Group, where: "" | "into warm pool" = ""): boolean {
    const prepared = warmed(group).find(({ state }) => state !== "Warmed:Pending");
    if (where === "" && prepared) {
      this.#launchFromWarmPool(group, prepared);
      return true;
    }
    const what = `Launching a new EC2 instance${where && ` ${where}`}`;
    const inZone = (zone: string) => staying(group).filter(({ machine }) => machine.zone === zone).length;
    const zones = group.zones.toSorted((a, b) => inZone(a) - inZone(b));
    const tags = { ...Object.fromEntries(group.tags), "aws:autoscaling:groupName": group.name };
    let failure = "";
    for (const zone of zones) {
      try {
        const machine = this.#machines.launch({ ...group.launch, zone, tags });
        machine.isWarm = where !== "";
        const state = machine.isWarm ? "Warmed:Pending" : "Pending";
        group.members.set(machine.id, { machine, state, protectedFromScaleIn: false });
        this.#record(group, `${what}: ${machine.id}`, "a difference between desired and actual capacity");
        return true;
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        failure = error.message;
      }
    }
    const activity = this.#record(group, what, "a difference between desired and actual capacity");
    activity.status = "Failed";
    activity.endedAt = this.#clock.now();
    activity.statusMessage = `${failure} Launching EC2 instance failed.`;
    group.notBefore = this.#clock.now() + RETRY_LAUNCH_MS;
    return false;
  }

  #leave(group: Group, member: Member, cause: string): Activity {
    const activity = this.#record(group, `Terminating EC2 instance: ${member.machine.id}`, cause);
    const hook = hookFor(group, "autoscaling:EC2_INSTANCE_TERMINATING");
    if (hook) this.#hold(group, member, hook, "Terminating:Wait");
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
      if (hook) this.#hold(group, member, hook, "Pending:Wait");
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

  /** Holds the instance back and tells so by EventBridge. */
  #hold(group: Group, member: Member, hook: LifecycleHook, state: "Pending:Wait" | "Terminating:Wait"): void {
    const token = randomUUID();
    const terminating = state === "Terminating:Wait";
    member.state = state;
    member.held = { hook, token, since: this.#clock.now(), cancel: () => {} };
    this.#startHookTimer(group, member);
    const event = createEvent({
      source: "aws.autoscaling",
      detailType: terminating
        ? "EC2 Instance-terminate Lifecycle Action"
        : "EC2 Instance-launch Lifecycle Action",
      region: this.#region,
      at: this.#clock.now(),
      resources: [this.arnOf(group.name)],
      detail: {
        LifecycleActionToken: token,
        AutoScalingGroupName: group.name,
        LifecycleHookName: hook.name,
        EC2InstanceId: member.machine.id,
        LifecycleTransition: hook.transition,
        ...(hook.metadata !== undefined && { NotificationMetadata: hook.metadata }),
        Origin: terminating ? "AutoScalingGroup" : "EC2",
        Destination: !terminating ? "AutoScalingGroup" : group.warmPool?.reuseOnScaleIn ? "WarmPool" : "EC2",
      },
    });
    this.#clock.background(() => this.#deliveries.toBus(event));
  }

  #startHookTimer(group: Group, member: Member): void {
    const { held } = member;
    if (!held) return;
    held.cancel();
    const heartbeatMs = held.hook.heartbeatSeconds * 1000;
    const longest = held.since + Math.min(LONGEST_HOLD_MS, 100 * heartbeatMs);
    const at = Math.min(this.#clock.now() + heartbeatMs, longest);
    held.cancel = this.#clock.at(at, () => this.#release(group, member, held.hook.defaultResult));
  }

  /** Lets a held instance go on its way. */
  #release(group: Group, member: Member, result: "CONTINUE" | "ABANDON"): void {
    member.held?.cancel();
    member.held = undefined;
    if (member.state === "Pending:Wait" && result === "CONTINUE") {
      this.#serve(group, member);
      return;
    }
    if (member.state === "Pending:Wait") {
      member.state = "Terminating";
      this.#machines.terminate(member.machine.id);
    } else this.#take(group, member, "Terminating:Proceed");
  }

  #held(
    name: string,
    hook: string,
    by: { token?: string | undefined; instanceId?: string | undefined },
  ): { group: Group; member: Member } {
    const group = this.get(name);
    for (const member of group.members.values()) {
      const { held, machine } = member;
      const isMeant = by.token === undefined ? machine.id === by.instanceId : held?.token === by.token;
      if (held?.hook.name === hook && isMeant) return { group, member };
    }
    const what = by.token === undefined ? `instance ${by.instanceId}` : `token ${by.token}`;
    throw validation(`No active Lifecycle Action found with ${what}`);
  }

  heartbeat(
    name: string,
    hook: string,
    by: { token?: string | undefined; instanceId?: string | undefined },
  ): void {
    const { group, member } = this.#held(name, hook, by);
    this.#startHookTimer(group, member);
  }

  complete(
    name: string,
    hook: string,
    by: { token?: string | undefined; instanceId?: string | undefined },
    result: "CONTINUE" | "ABANDON",
  ): void {
    const { group, member } = this.#held(name, hook, by);
    this.#release(group, member, result);
  }

  startRefresh(name: string): string {
    const group = this.get(name);
    if (group.refreshes.some(({ status }) => status === "InProgress")) {
      throw new AwsError(
        "InstanceRefreshInProgress",
        "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.",
      );
    }
    const id = randomUUID();
    group.refreshes.unshift({ id, startedAt: this.#clock.now(), status: "InProgress" });
    return id;
  }

  cancelRefresh(name: string): string {
    const running = this.get(name).refreshes.find(({ status }) => status === "InProgress");
    if (!running)
      throw new AwsError(
        "ActiveInstanceRefreshNotFound",
        "No in progress or pending Instance Refresh found for the Auto Scaling group.",
      );
    running.status = "Cancelled";
    return running.id;
  }

  #record(group: Group, description: string, cause: string): Activity {
    const activity: Activity = {
      id: randomUUID(),
      description,
      cause,
      startedAt: this.#clock.now(),
      status: "InProgress",
    };
    group.activities.unshift(activity);
    // AWS keeps six weeks of them; nobody reads this many here.
    group.activities.length = Math.min(group.activities.length, 500);
    return activity;
  }

  #finish(group: Group, description: string): void {
    const activity = group.activities.find(
      (each) => each.description === description && each.status === "InProgress",
    );
    if (!activity) return;
    activity.status = "Successful";
    activity.endedAt = this.#clock.now();
  }
}

const hookFor = (group: Group, transition: LifecycleHook["transition"]): LifecycleHook | undefined =>
  [...group.hooks.values()].find((hook) => hook.transition === transition);
