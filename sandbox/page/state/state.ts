/**
 * What `/_reflex/state` answers: the account as the page shows it. Times are ms since the epoch on the sandbox's
 * clock. A part the account does not have is absent, and the page does not show it.
 */
export interface State {
  readonly clock: {
    readonly now: number;
    /** Sandbox seconds a real second; 0 stands still. */
    readonly speed: number;
  };
  readonly minutes: Minutes;
  readonly streams?: readonly StreamView[];
  readonly sites?: readonly SiteView[];
  readonly clusters?: readonly ClusterView[];
  readonly tables?: readonly TableView[];
  readonly queues?: readonly QueueView[];
  /** Alarms that watch no stream. */
  readonly alarms?: readonly AlarmView[];
  /** Those that stand: by `all`, an automation or a resource. */
  readonly pauses: readonly PauseView[];
  /** Newest first. */
  readonly timeline: readonly TimelineEntry[];
  readonly serviceMap: ServiceMap;
  /** Newest first. */
  readonly traces: readonly TraceSummary[];
  /** The trace that was asked for by `?trace=`, where it is still known. */
  readonly trace?: TraceView;
  /** The names of the buttons that have something to act on here. */
  readonly actions: readonly string[];
}

export interface PauseView {
  readonly scope: string;
  readonly until: number;
  readonly why: string;
}

/** The time the charts show: whole minutes, the last of them not over yet. Lists of minutes go by it. */
export interface Minutes {
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

export interface StreamView {
  readonly name: string;
  /** `ACTIVE`, `UPDATING`, … */
  readonly status: string;
  /** `PROVISIONED` or `ON_DEMAND`. */
  readonly mode: string;
  readonly openShards: number;
  /** By minute; null where it is not known. */
  readonly openShardsByMinute: readonly (number | null)[];
  /** Records taken, by minute. */
  readonly records: readonly number[];
  /** Records refused, by minute. */
  readonly refused: readonly number[];
  /** Bytes taken, by minute. */
  readonly bytes: readonly number[];
  readonly alarms: readonly AlarmView[];
  readonly decision?: DecisionView;
}

export type AlarmStateName = "OK" | "ALARM" | "INSUFFICIENT_DATA";

export interface AlarmView {
  readonly name: string;
  readonly description: string;
  readonly state: AlarmStateName;
  readonly since: number;
  /** CloudWatch's own words for the state. */
  readonly reason: string;
  readonly threshold: number;
  /** `>`, `>=`, `<` or `<=`: the value that breaches is on this side of the threshold. */
  readonly comparison: string;
  /** What it compares, by minute; null where there is no datapoint. */
  readonly values: readonly (number | null)[];
  /** The states in the time shown, oldest first; each holds until the next. */
  readonly states: readonly { readonly at: number; readonly state: AlarmStateName }[];
  /** Whether it invokes a function. */
  readonly invokesFunction: boolean;
}

/** The latest decision about a resource. */
export interface DecisionView {
  readonly at: number;
  readonly verdict: string;
  readonly did: string;
  readonly reasons: readonly string[];
  readonly traceId?: string;
}

export type SiteStateName = "UP" | "DEGRADED" | "DOWN" | "UNKNOWN" | "NOT CHECKED";

export interface SiteView {
  readonly name: string;
  readonly state: SiteStateName;
  readonly since?: number;
  /** The last checks, oldest first: `U`(p), `G` (degraded), `D`(own). */
  readonly recent: string;
  /** What the latest check found, the deciding one first. */
  readonly findings: readonly string[];
  /** Milliseconds, of the latest check that got its answer. */
  readonly durationMs?: number;
  /** By minute; null where no check got its answer. */
  readonly durations: readonly (number | null)[];
  readonly certificateValidTo?: number;
  /** How the site can be made to behave, where it is one of the sandbox's own. */
  readonly behaviours?: readonly { readonly id: string; readonly label: string }[];
  /** The id of the behaviour it has now. */
  readonly behaves?: string;
}

export interface ClusterView {
  readonly name: string;
  /** Pods that no node has room for. */
  readonly pendingPods: number;
  readonly runningPods: number;
  readonly pools: readonly PoolView[];
}

export interface PoolView {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  readonly zones: readonly ZoneView[];
  /** Why the last launch failed, while the pool is short of nodes. */
  readonly trouble?: string;
  readonly decision?: DecisionView;
}

export interface ZoneView {
  readonly zone: string;
  readonly nodes: readonly NodeView[];
}

export type NodeStateName = "starting" | "ready" | "not ready" | "cordoned" | "draining" | "leaving";

export interface NodeView {
  readonly instanceId: string;
  readonly instanceType: string;
  readonly spot: boolean;
  readonly state: NodeStateName;
  /** Why it is drained, where it is. */
  readonly why?: string;
  /** Pods on it that its drain would evict: DaemonSets' are not among them. */
  readonly pods: number;
  /** Requested of what it offers, 0 to 1, DaemonSets included. */
  readonly cpu: number;
  readonly memory: number;
}

export interface TableView {
  readonly name: string;
  readonly items: number;
}

export interface QueueView {
  readonly name: string;
  /** Hidden ones included: everything that was not deleted. */
  readonly messages: number;
}

/** - `change`: what a function did, from the ledger; `decision`: looked and changed nothing. */
export type TimelineKind = "change" | "decision" | "alarm" | "notification" | "failure";

export interface TimelineEntry {
  /** The same as long as it is the same entry. */
  readonly id: string;
  readonly kind: TimelineKind;
  readonly at: number;
  /** For example `stream/sample`. */
  readonly resource?: string;
  readonly title: string;
  /** `applied`, `refused`, `lost`, `under way`; of a change. */
  readonly outcome?: string;
  /** Of a change that `reflex undo` may take back: its id. */
  readonly undo?: string;
  readonly reasons: readonly string[];
  readonly evidence?: Readonly<Record<string, string | number | boolean | null>>;
  /** What woke the run. */
  readonly trigger?: string;
  readonly traceId?: string;
  /** How many decisions of the same content in a row it stands for, the last of them at `at`. */
  readonly times?: number;
}

export interface ServiceMap {
  readonly nodes: readonly ServiceNode[];
  readonly edges: readonly ServiceEdge[];
  /** From how many traces it was read. */
  readonly traces: number;
}

export type ServiceKind = "trigger" | "function" | "aws" | "remote";

export interface ServiceNode {
  readonly id: string;
  readonly name: string;
  readonly kind: ServiceKind;
  /** Invocations of a function, calls of a service. */
  readonly calls: number;
  readonly faults: number;
  readonly meanMs: number;
}

export interface ServiceEdge {
  readonly from: string;
  readonly to: string;
  readonly calls: number;
  readonly faults: number;
}

export interface TraceSummary {
  readonly id: string;
  readonly at: number;
  readonly durationMs: number;
  /** The functions that ran in it. */
  readonly functions: readonly string[];
  readonly faults: number;
  readonly throttles: number;
  readonly segments: number;
  /** `key=value`, each once. */
  readonly annotations: readonly string[];
}

export interface TraceView {
  readonly id: string;
  readonly start: number;
  readonly durationMs: number;
  /** Each before those inside it. */
  readonly rows: readonly TraceRow[];
}

export interface TraceRow {
  readonly id: string;
  readonly depth: number;
  readonly name: string;
  /** `service` is Lambda's own segment; a `stage` is a part of a run. */
  readonly kind: "service" | "function" | "stage" | "aws" | "remote";
  /** The AWS operation, or method and URL. */
  readonly operation?: string;
  /** Milliseconds after the trace's start. */
  readonly startMs: number;
  /** Absent while it runs. */
  readonly durationMs?: number;
  readonly fault: boolean;
  readonly throttle: boolean;
  /** The error's message. */
  readonly cause?: string;
  readonly status?: number;
  readonly annotations: Readonly<Record<string, string | number | boolean>>;
  /** As JSON; absent where there is none. */
  readonly metadata?: string;
}
