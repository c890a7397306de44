import { createHash } from "node:crypto";
import type { Machine, MachineTaint } from "../ec2/machines.ts";
import type { NodeStartup } from "../kubernetes/nodes.ts";

/** What a group launches. In AWS this stands in its launch template and the user data. */
export interface LaunchPlan {
  readonly instanceType: string;
  readonly spot: boolean;
  readonly cluster?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly taints?: readonly MachineTaint[] | undefined;
  readonly allocatable?: Readonly<Record<string, string>> | undefined;
  /** What of a node is not there yet when it joins. */
  readonly startup?: NodeStartup | undefined;
}

/** Instances that are prepared and wait outside the group. */
export interface WarmPool {
  readonly minSize: number;
  /** With the group's desired capacity, at most this many instances are prepared; the group's max when absent. */
  readonly maxPrepared?: number | undefined;
  readonly state: "Stopped" | "Running";
  /** Instances go back to it on a scale-in. */
  readonly reuseOnScaleIn: boolean;
}

export interface LifecycleHook {
  readonly name: string;
  readonly transition: "autoscaling:EC2_INSTANCE_LAUNCHING" | "autoscaling:EC2_INSTANCE_TERMINATING";
  readonly heartbeatSeconds: number;
  readonly defaultResult: "CONTINUE" | "ABANDON";
  readonly metadata?: string | undefined;
}

export interface HeldAction {
  readonly hook: LifecycleHook;
  readonly token: string;
  /** When it was first held back, ms since the epoch. */
  readonly since: number;
  /** Ends the timer of its time-out. */
  cancel: () => void;
}

export interface Member {
  readonly machine: Machine;
  /** AWS's words. */
  state:
    | "Pending"
    | "Pending:Wait"
    | "InService"
    | "Terminating"
    | "Terminating:Wait"
    | "Terminating:Proceed"
    | "Terminated"
    | "Standby"
    | "Warmed:Pending"
    | "Warmed:Stopped"
    | "Warmed:Running";
  protectedFromScaleIn: boolean;
  held?: HeldAction | undefined;
}

export interface Activity {
  readonly id: string;
  readonly description: string;
  readonly cause: string;
  readonly startedAt: number;
  endedAt?: number | undefined;
  status: "InProgress" | "Successful" | "Failed";
  statusMessage?: string | undefined;
}

export interface Refresh {
  readonly id: string;
  readonly startedAt: number;
  status: "InProgress" | "Successful" | "Cancelled";
}

export interface Group {
  readonly name: string;
  min: number;
  max: number;
  desired: number;
  readonly zones: readonly string[];
  readonly launch: LaunchPlan;
  readonly tags: Map<string, string>;
  readonly createdAt: number;
  readonly suspended: Set<string>;
  readonly hooks: Map<string, LifecycleHook>;
  readonly members: Map<string, Member>;
  /** Newest first. */
  readonly activities: Activity[];
  /** Newest first. */
  readonly refreshes: Refresh[];
  warmPool?: WarmPool | undefined;
  /** After a failed launch AWS waits a while before the next. */
  notBefore: number;
}

/** The id of the launch template that each group here has of its own. */
export const launchTemplateOf = ({ name }: Pick<Group, "name">): string =>
  `lt-${createHash("sha256").update(name).digest("hex").slice(0, 17)}`;

export const isLeaving = ({ state }: Member): boolean => state.startsWith("Terminat");
export const isWarmed = ({ state }: Member): boolean => state.startsWith("Warmed");
/** The members that count for the desired capacity. */
export const staying = (group: Group): Member[] =>
  [...group.members.values()].filter(
    (each) => !isLeaving(each) && !isWarmed(each) && each.state !== "Standby",
  );

/** EnterStandby or DetachInstances by a person, each with a smaller desired capacity: the instance runs on. */
export function setAside(group: Group, instanceId: string, how: "standby" | "detach"): void {
  const member = group.members.get(instanceId);
  if (!member) throw new Error(`group ${group.name} has no instance ${instanceId}`);
  group.desired -= 1;
  if (how === "standby") member.state = "Standby";
  else group.members.delete(instanceId);
}
export const warmed = (group: Group): Member[] => [...group.members.values()].filter(isWarmed);

/** The group's own choice, as AWS makes it: the fullest zone's oldest instance. No drain, no budget. */
export function victimOf(group: Group): Member | undefined {
  const inZone = (zone: string) => staying(group).filter(({ machine }) => machine.zone === zone).length;
  return staying(group)
    .filter(({ protectedFromScaleIn }) => !protectedFromScaleIn)
    .toSorted(
      (a, b) =>
        inZone(b.machine.zone) - inZone(a.machine.zone) || a.machine.launchedAt - b.machine.launchedAt,
    )[0];
}
