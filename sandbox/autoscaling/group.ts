import type { Machine, MachineTaint } from "../ec2/machines.ts";

/** What a group launches. In AWS this stands in its launch template and the user data. */
export interface LaunchPlan {
  readonly instanceType: string;
  readonly spot: boolean;
  readonly cluster?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly taints?: readonly MachineTaint[] | undefined;
  readonly allocatable?: Readonly<Record<string, string>> | undefined;
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
    | "Terminated";
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
  /** After a failed launch AWS waits a while before the next. */
  notBefore: number;
}

export const isLeaving = ({ state }: Member): boolean => state.startsWith("Terminat");
export const staying = (group: Group): Member[] =>
  [...group.members.values()].filter((each) => !isLeaving(each));
