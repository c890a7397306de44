import { randomUUID } from "node:crypto";
import type { SandboxClock } from "../clock/clock.ts";
import type { Deliveries } from "../deliveries.ts";
import { createEvent } from "../events/event.ts";
import { AwsError } from "../wire/error.ts";
import type { Group, LifecycleHook, Member } from "./group.ts";

/** No hook holds an instance back longer than this, heartbeats or not; nor than 100 of its time-outs. */
const LONGEST_HOLD_MS = 48 * 3_600_000;

/** Which held instance is meant: by the action's token, or by the instance. */
export interface HeldBy {
  readonly token?: string | undefined;
  readonly instanceId?: string | undefined;
}

/** Lets a held instance go on its way. */
export type Release = (group: Group, member: Member, result: "CONTINUE" | "ABANDON") => void;

/** Where events about held instances go. */
export interface HeldOptions {
  readonly region: string;
  readonly arnOf: (group: string) => string;
}

/** The group's hook for this transition. */
export const hookFor = (group: Group, transition: LifecycleHook["transition"]): LifecycleHook | undefined =>
  [...group.hooks.values()].find((hook) => hook.transition === transition);

/** Instances that lifecycle hooks hold back, each until its action is completed or times out. */
export class HeldInstances {
  readonly #clock: SandboxClock;
  readonly #deliveries: Deliveries;
  readonly #options: HeldOptions;
  readonly #release: Release;

  constructor(clock: SandboxClock, deliveries: Deliveries, options: HeldOptions, release: Release) {
    this.#clock = clock;
    this.#deliveries = deliveries;
    this.#options = options;
    this.#release = release;
  }

  /** Holds the instance back and says so by EventBridge. */
  hold(group: Group, member: Member, hook: LifecycleHook, state: "Pending:Wait" | "Terminating:Wait"): void {
    const token = randomUUID();
    member.state = state;
    member.held = { hook, token, since: this.#clock.now(), cancel: () => {} };
    this.#startTimer(group, member);
    const event = this.#eventOf(group, member, hook, token);
    this.#clock.background(() => this.#deliveries.toBus(event));
  }

  /** RecordLifecycleActionHeartbeat. */
  heartbeat(group: Group, hook: string, by: HeldBy): void {
    this.#startTimer(group, heldMember(group, hook, by));
  }

  /** CompleteLifecycleAction. */
  complete(group: Group, hook: string, by: HeldBy, result: "CONTINUE" | "ABANDON"): void {
    this.#end(group, heldMember(group, hook, by), result);
  }

  #end(group: Group, member: Member, result: "CONTINUE" | "ABANDON"): void {
    member.held?.cancel();
    member.held = undefined;
    this.#release(group, member, result);
  }

  #startTimer(group: Group, member: Member): void {
    const { held } = member;
    if (!held) return;
    held.cancel();
    const heartbeatMs = held.hook.heartbeatSeconds * 1000;
    const longest = held.since + Math.min(LONGEST_HOLD_MS, 100 * heartbeatMs);
    const at = Math.min(this.#clock.now() + heartbeatMs, longest);
    held.cancel = this.#clock.at(at, () => this.#end(group, member, held.hook.defaultResult));
  }

  #eventOf(group: Group, { state, machine }: Member, hook: LifecycleHook, token: string) {
    const terminating = state === "Terminating:Wait";
    const leaves = group.warmPool?.reuseOnScaleIn ? "WarmPool" : "EC2";
    return createEvent({
      source: "aws.autoscaling",
      detailType: `EC2 Instance-${terminating ? "terminate" : "launch"} Lifecycle Action`,
      region: this.#options.region,
      at: this.#clock.now(),
      resources: [this.#options.arnOf(group.name)],
      detail: {
        LifecycleActionToken: token,
        AutoScalingGroupName: group.name,
        LifecycleHookName: hook.name,
        EC2InstanceId: machine.id,
        LifecycleTransition: hook.transition,
        ...(hook.metadata !== undefined && { NotificationMetadata: hook.metadata }),
        Origin: terminating ? "AutoScalingGroup" : "EC2",
        Destination: terminating ? leaves : "AutoScalingGroup",
      },
    });
  }
}

function heldMember({ members }: Group, hook: string, { token, instanceId }: HeldBy): Member {
  for (const member of members.values()) {
    const { held, machine } = member;
    const isMeant = token === undefined ? machine.id === instanceId : held?.token === token;
    if (held?.hook.name === hook && isMeant) return member;
  }
  const what = token === undefined ? `instance ${instanceId}` : `token ${token}`;
  throw new AwsError("ValidationError", `No active Lifecycle Action found with ${what}`);
}
