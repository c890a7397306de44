import type { Unreadable } from "../../../shared/kubernetes/api/unreadable.ts";
import type { DisruptionBudget } from "../../../shared/kubernetes/budget.ts";
import type { Taint } from "../../../shared/kubernetes/node.ts";
import type { Resources } from "../../../shared/kubernetes/resources.ts";
import type { NodeTerm } from "../../../shared/kubernetes/scheduling/node-term.ts";
import type { Toleration } from "../../../shared/kubernetes/scheduling/toleration.ts";
import type { TopologyRule } from "../../../shared/kubernetes/scheduling/topology-rule.ts";
import type { VolumeLimits } from "../../../shared/kubernetes/storage/csi-node.ts";
import type { NodePool } from "../../../shared/node-pools/policy.ts";
import type { PoolStatus } from "./pool-status.ts";

export type Labels = Readonly<Record<string, string>>;

/** What a pod requires of its node. Pods with equal requirements share one object, so that it is asked once for all. */
export interface PodRequirements {
  /** `pods` is 1. */
  readonly requests: Resources;
  readonly nodeSelector: Labels;
  /** Each is a required node selector (the pod's affinity, each volume's place): one term of each must hold. */
  readonly nodeSelectors: readonly (readonly NodeTerm[])[];
  readonly tolerations: readonly Toleration[];
  /** Ports of the node it takes, as `TCP/8080`. */
  readonly hostPorts: readonly string[];
  /** How many volumes it mounts, by CSI driver; absent when there are none. */
  readonly volumes?: Readonly<Record<string, number>>;
}

/** All that the scheduler asks about a pod. Equal pods share one object. */
export interface PodShape {
  readonly namespace: string;
  readonly labels: Labels;
  readonly requirements: PodRequirements;
  /** Where it may be beside other pods. */
  readonly topology: readonly TopologyRule[];
  /** It is ending: a topology spread counts it no more. */
  readonly isTerminating?: boolean;
}

/** What happens to a pod when its node is drained. */
export type PodRole =
  /** It is evicted and needs another place. */
  | "movable"
  /** It belongs to the node (DaemonSet, mirror pod) and stays. */
  | "daemon"
  /** Evicting it would lose something: `blocker` says what. */
  | "blocking";

/** A pod that is not finished. */
export interface Pod {
  /** `namespace/name`. */
  readonly id: string;
  readonly shape: PodShape;
  readonly role: PodRole;
  /** Why it must not be evicted; of `blocking` pods only. */
  readonly blocker?: string;
  /** The DaemonSet it belongs to, as `namespace/name`. */
  readonly daemonSet?: string;
  /** The node it is bound to; undefined while it waits. */
  readonly node: string | undefined;
  /** The scheduler found no node for it. */
  readonly unschedulable: boolean;
  /** It is ending. */
  readonly terminating: boolean;
  /** When its grace period ends, ms since the epoch; of a pod that is ending. */
  readonly endsAt?: number;
  /** ms since the epoch. */
  readonly createdAt: number;
  /**
   * The workload it belongs to, as `namespace/kind/name`: the same for all its pods and for those that follow them.
   * Its own name for a pod without a controller.
   */
  readonly owner?: string;
  /** The node on which the scheduler makes room for the pending pod by preemption. */
  readonly nominatedNode?: string | undefined;
  /** Of a pending pod. */
  readonly uid?: string;
  /** What the scheduler says about a pending pod. */
  readonly schedulerMessage?: string | undefined;
  /** Why no node, whatever it were, could take the pending pod: it waits for something else. */
  readonly unplaceable?: string | undefined;
}

/** A pod that every node with certain properties runs. */
export interface DaemonSet {
  /** `namespace/name`. */
  readonly id: string;
  readonly shape: PodShape;
}

/** A node of the cluster, in a pool or not. */
export interface ClusterNode {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** ms since the epoch. */
  readonly createdAt: number;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly taints: readonly Taint[];
  readonly allocatable: Resources;
  /** How many volumes of each CSI driver it can have; a driver that is not named has no limit. */
  readonly volumeLimits?: VolumeLimits | undefined;
  /** Undefined for what is no EC2 instance. */
  readonly instanceId: string | undefined;
  readonly zone: string | undefined;
  readonly ready: boolean;
  /** Since when it is not ready, ms since the epoch; undefined while it is, or when that is not known. */
  readonly notReadySince?: number | undefined;
  /** Cordoned, by us or by someone else. */
  readonly cordoned: boolean;
  /** Set while we are draining it. */
  readonly draining: Draining | undefined;
  /** When the last drain of it was cancelled, ms since the epoch. */
  readonly drainCancelledAt: number | undefined;
}

export interface Draining {
  /** When the drain began, ms since the epoch. */
  readonly since: number;
  /** It is the scaler's own plan; otherwise the instance goes away whatever we do. */
  readonly byScaler: boolean;
  /** The node is empty and its instance is being terminated: too late to cancel the drain. */
  readonly isEnding: boolean;
}

export interface Cluster {
  readonly name: string;
  readonly nodes: readonly ClusterNode[];
  readonly pods: readonly Pod[];
  readonly budgets: readonly DisruptionBudget[];
  readonly daemonSets: readonly DaemonSet[];
  /** Pods that are left out; those that run on a node keep it. */
  readonly unreadable: readonly Unreadable[];
  /** A cluster-autoscaler runs in this cluster: its pod, as `namespace/name`. */
  readonly clusterAutoscaler: string | undefined;
}

/** The pods of each node, by the node's name. */
export type PodsByNode = ReadonlyMap<string, readonly Pod[]>;

/** One instance of a group. */
export interface Instance {
  readonly id: string;
  /** Undefined where AWS does not say (Spot Fleet). */
  readonly zone: string | undefined;
  /**
   * `starting`: launched, not in service; `running`: in service; `terminating`; `standbyOrWarm`: in standby or in
   * a warm pool, without a node.
   */
  readonly state: "starting" | "running" | "terminating" | "standbyOrWarm";
  readonly healthy: boolean;
  readonly protectedFromScaleIn: boolean;
  /** When AWS began to launch it, ms since the epoch; undefined when that is no longer known. */
  readonly launchedAt: number | undefined;
  /** What it counts for in the group's capacity; 1 where no weights are used. */
  readonly units: number;
}

/** A launch that AWS tried and did not get. */
export interface FailedLaunch {
  /** ms since the epoch. */
  readonly at: number;
  /** AWS's words. */
  readonly message: string;
  /** The instance type that AWS does not have, where it names one. */
  readonly missingType?: string;
}

/** A launch template, in one of its versions: a number, `$Latest` or `$Default`. */
export interface LaunchTemplate {
  readonly id: string;
  readonly version: string;
}

/** What a group launches. */
export interface Launches {
  /** The types it may choose from; none where only its template says. */
  readonly instanceTypes: readonly string[];
  readonly template?: LaunchTemplate;
  /** The fewest capacity units of one instance. */
  readonly units: number;
  /** How its next instances are launched; undefined where only its template says. */
  readonly market?: "spot" | "on-demand";
}

/** An EC2 instance type. */
export interface InstanceType {
  /** For example `m5.large`. */
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMib: number;
  /** The pods that its network interfaces have addresses for. */
  readonly maxPods: number;
  readonly arch: "amd64" | "arm64";
  /** Extended resources: its GPUs. */
  readonly extended: Readonly<Record<string, number>>;
}

/** What AWS scales: an Auto Scaling group (an EKS managed node group has one) or a Spot Fleet. */
export interface Group {
  readonly kind: "autoScalingGroup" | "managedNodeGroup" | "spotFleet";
  /** The name of the Auto Scaling group, or the ID of the Spot Fleet request. */
  readonly name: string;
  /** In capacity units: instances, unless weights are used. */
  readonly min: number;
  /** In capacity units. */
  readonly max: number;
  /** In capacity units. */
  readonly desired: number;
  readonly zones: readonly string[];
  readonly instances: readonly Instance[];
  /** Suspended processes, for example `Terminate`. */
  readonly suspended: readonly string[];
  /** An instance refresh is under way. */
  readonly refreshing: boolean;
  readonly tags: Labels;
  /** The newest failed launch since the last one that succeeded. */
  readonly failedLaunch: FailedLaunch | undefined;
  /** Why its size cannot be changed at the moment: "its last update still runs". */
  readonly busy: string | undefined;
  /** Labels and taints that AWS gives every node of it (managed node groups). */
  readonly nodeLabels: Labels;
  readonly nodeTaints: readonly Taint[];
  /** Undefined where AWS chooses by requirements. */
  readonly launches?: Launches | undefined;
  /** The types of these; read while no node of the pool is known, and always where there are several. */
  readonly launchTypes?: readonly InstanceType[];
}

/** One pool, as observed. */
export interface Pool {
  readonly name: string;
  readonly policy: NodePool;
  readonly groups: readonly Group[];
  readonly status: PoolStatus;
  /** When the pool last scaled out, ms since the epoch. */
  readonly lastScaleOutAt: number | undefined;
  /** When it was last scaled in, ms since the epoch. */
  readonly lastScaleInAt?: number | undefined;
  /** What a new Spot instance costs; undefined for a pool of another kind, or where nobody asks. */
  readonly spotPrice?: SpotPrice | undefined;
}

/** US dollars an hour, or why the price is not known. */
export type SpotPrice = { readonly perHour: number } | { readonly unknown: string };

/** Reserved capacity as Container Insights measures it, for a pool whose Kubernetes API is not asked. */
export interface ReservedCapacity {
  /** Hundredths of a percent of the nodes' capacity, so that comparisons stay exact. */
  readonly cpu: number;
  /** Hundredths of a percent. */
  readonly memory: number;
  /** Of the datapoint, ms since the epoch. */
  readonly at: number;
}
