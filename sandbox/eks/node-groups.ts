import { randomUUID } from "node:crypto";
import type { Group, LaunchPlan, LifecycleHook } from "../autoscaling/group.ts";
import type { Groups } from "../autoscaling/groups.ts";
import type { SandboxClock } from "../clock/clock.ts";
import { AwsError } from "../wire/error.ts";

/** The lifecycle hook by which EKS drains the nodes of a managed node group itself. */
export const TERMINATE_HOOK = "Terminate-LC-Hook";

const OWN_HOOKS: readonly LifecycleHook[] = [
  {
    name: TERMINATE_HOOK,
    transition: "autoscaling:EC2_INSTANCE_TERMINATING",
    heartbeatSeconds: 1800,
    defaultResult: "CONTINUE",
  },
];

/** How long an update runs, ms on the sandbox's clock. */
const UPDATE_MS = 20_000;

export interface NodeGroupSettings {
  readonly cluster: string;
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  readonly zones: readonly string[];
  readonly launch: Omit<LaunchPlan, "cluster">;
}

export interface NodeGroup {
  readonly cluster: string;
  readonly name: string;
  /** The Auto Scaling group behind it. */
  readonly group: Group;
  readonly launch: Omit<LaunchPlan, "cluster">;
  readonly createdAt: number;
  readonly updates: Map<string, Update>;
}

export interface Update {
  readonly id: string;
  readonly token: string | undefined;
  readonly createdAt: number;
  status: "InProgress" | "Successful";
}

export interface Sizes {
  readonly minSize?: number | undefined;
  readonly maxSize?: number | undefined;
  readonly desiredSize?: number | undefined;
}

const invalid = (message: string): AwsError => new AwsError("InvalidParameterException", message);

/** EKS managed node groups: each is an Auto Scaling group with updates of its own. */
export class NodeGroups {
  readonly #clock: SandboxClock;
  readonly #groups: Groups;
  readonly #nodeGroups = new Map<string, NodeGroup>();

  constructor(clock: SandboxClock, groups: Groups) {
    this.#clock = clock;
    this.#groups = groups;
  }

  create({ cluster, name, launch, ...sizes }: NodeGroupSettings): NodeGroup {
    const group = this.#groups.create({
      ...sizes,
      name: `eks-${name}-${randomUUID()}`,
      launch: {
        ...launch,
        cluster,
        labels: {
          ...launch.labels,
          "eks.amazonaws.com/nodegroup": name,
          "eks.amazonaws.com/capacityType": launch.spot ? "SPOT" : "ON_DEMAND",
        },
      },
      tags: {
        "eks:cluster-name": cluster,
        "eks:nodegroup-name": name,
        [`kubernetes.io/cluster/${cluster}`]: "owned",
      },
    });
    for (const hook of OWN_HOOKS) group.hooks.set(hook.name, hook);
    const nodeGroup = { cluster, name, group, launch, createdAt: this.#clock.now(), updates: new Map() };
    this.#nodeGroups.set(`${cluster}/${name}`, nodeGroup);
    return nodeGroup;
  }

  /** @throws {AwsError} ResourceNotFoundException */
  get(cluster: string, name: string): NodeGroup {
    const found = this.#nodeGroups.get(`${cluster}/${name}`);
    if (!found)
      throw new AwsError("ResourceNotFoundException", `No node group found for name: ${name}.`, {
        status: 404,
      });
    return found;
  }

  all(): NodeGroup[] {
    return [...this.#nodeGroups.values()];
  }

  of(cluster: string): NodeGroup[] {
    return [...this.#nodeGroups.values()].filter((each) => each.cluster === cluster);
  }

  isUpdating({ updates }: NodeGroup): boolean {
    return [...updates.values()].some(({ status }) => status === "InProgress");
  }

  update(nodeGroup: NodeGroup, sizes: Sizes, token: string | undefined): Update {
    const repeated = [...nodeGroup.updates.values()].find(
      (update) => token !== undefined && update.token === token,
    );
    if (repeated) return repeated;
    if (this.isUpdating(nodeGroup)) {
      throw new AwsError(
        "ResourceInUseException",
        `Nodegroup cannot be updated as it is currently not in Active State`,
        { status: 409 },
      );
    }
    const { group } = nodeGroup;
    const min = sizes.minSize ?? group.min;
    const max = sizes.maxSize ?? group.max;
    const desired = sizes.desiredSize ?? group.desired;
    if (min > desired) throw invalid(`Minimum capacity ${min} can't be greater than desired size ${desired}`);
    if (desired > max) throw invalid(`Desired capacity ${desired} can't be greater than max size ${max}`);
    this.#groups.resize(group.name, { min, max, desired });
    const update: Update = { id: randomUUID(), token, createdAt: this.#clock.now(), status: "InProgress" };
    nodeGroup.updates.set(update.id, update);
    this.#clock.at(this.#clock.now() + UPDATE_MS, () => {
      update.status = "Successful";
    });
    return update;
  }
}
