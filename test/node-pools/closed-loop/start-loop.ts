import type { LaunchPlan } from "../../../sandbox/autoscaling/group.ts";
import { allocatableOf } from "../../../sandbox/ec2/instance-types.ts";
import {
  apartFrom,
  budget,
  claim,
  daemonSet,
  deployment,
  EBS,
  job,
  spreadOverZones,
  storageClass,
  TOLERATES_ALL,
} from "../../../sandbox/fixtures/seeds.ts";
import type { SeedObject } from "../../../sandbox/kubernetes/cluster.ts";
import type { NodeStartup } from "../../../sandbox/kubernetes/nodes.ts";
import { type Pace, USUAL_PACE } from "../../../sandbox/kubernetes/state.ts";
import type { Ledger } from "../../../shared/ledger/ledger.ts";
import type { Outbox } from "../../../shared/ledger/outbox.ts";
import { Scaler } from "../scale.ts";
import { MINUTE, World, ZONES } from "../world.ts";
import type { AppCase, LoopCase, NodesCase, SecondCase } from "./loop-case.ts";

/** How many nodes of a pool may be going at once. */
export const AT_ONCE = 2;
export const JOIN_WITHIN_MINUTES = 5;
export const SOFT_DEADLINE_MINUTES = 8;
/** A node of the loop attaches so many volumes. */
const VOLUMES = 3;
const AGENT_PORT = 9100;
export const SECOND = "second";
const DEDICATED = { key: "dedicated", value: "second", effect: "NoSchedule" };
const DEVICE = "example.com/device";
const ZONE_LABEL = "topology.kubernetes.io/zone";

const COMMON = {
  mode: "act",
  cluster: "main",
  targetUtilisation: 100,
  scaleInAfter: "2m",
  scaleInDelay: "2m",
  joinWithin: `${JOIN_WITHIN_MINUTES}m`,
  launchBackoff: "5m",
  // All that is due one day is due before the world counts as at rest.
  repairNotReadyAfter: "6m",
  disruptionBudgets: [{ nodes: AT_ONCE }],
  drain: { softDeadline: `${SOFT_DEADLINE_MINUTES}m`, hardDeadline: "20m" },
};
const SECOND_MAX = 3;
const PACE: Pace = { ...USUAL_PACE, untaintMs: 5_000 };

let loops = 0;

/** A world as the case says, with its scaler. Each has pools of its own names, as the ledger's table outlives it. */
export async function startLoop(
  of: LoopCase,
  ledger: Ledger,
  outbox: Outbox,
): Promise<{ world: World; scaler: Scaler }> {
  loops += 1;
  const { workers, second, nodes, apps } = of;
  const config = {
    [`workers-${loops}`]: { ...COMMON, autoScalingGroups: ZONES, min: workers.min, max: workers.max },
    ...(second && { [`second-${loops}`]: secondConfig(second) }),
  };
  const world = new World(config, ledger, outbox, PACE);
  const startup = startupOf(nodes);
  const launch = { allocatable: { ...allocatableOf("m5.large"), "ephemeral-storage": "20Gi" }, startup };
  for (const zone of ZONES) {
    world.group(zone, zone, { min: 0, max: workers.groupMax, desired: 1 }, launch);
    if (!workers.warmPool) continue;
    world.autoScaling.groups.setWarmPool(zone, {
      minSize: 1,
      maxPrepared: 0,
      state: "Stopped",
      reuseOnScaleIn: false,
    });
  }
  if (second) addSecond(world, second, startup);
  await world.clock.advance(5 * MINUTE);
  world.cluster.create(storageClass(), {
    kind: "PriorityClass",
    metadata: { name: "important" },
    value: 100,
  } as SeedObject);
  world.cluster.create(daemonSet("agent", { ...(nodes.agentPort && { hostPort: AGENT_PORT }) }));
  for (const [index, app] of apps.entries()) world.cluster.create(...appObjects(`app-${index}`, app));
  return { world, scaler: new Scaler(world) };
}

const startupOf = ({ readyAfterSeconds, taintSeconds }: NodesCase): NodeStartup => ({
  readyAfterMs: readyAfterSeconds * 1000,
  volumes: { afterMs: readyAfterSeconds * 1000, driver: EBS, count: VOLUMES },
  ...(taintSeconds !== undefined && {
    taints: [
      {
        key: "node.cilium.io/agent-not-ready",
        value: "true",
        effect: "NoSchedule",
        forMs: taintSeconds * 1000,
      },
    ],
  }),
});

const secondConfig = ({ kind, instanceType, dedicated, devices }: SecondCase) => {
  const { cluster, ...common } = COMMON;
  const { cpu, memory, pods } = allocatableOf(instanceType);
  return {
    ...common,
    ...(kind === "managed"
      ? { managedNodeGroup: { cluster, name: SECOND }, min: 0 }
      : { cluster, autoScalingGroups: [SECOND] }),
    max: SECOND_MAX,
    nodeShape: { cpu, memory, pods: Number(pods), ...(devices && { extended: { [DEVICE]: 2 } }) },
    ...(dedicated && { taints: [DEDICATED], labels: { pool: SECOND } }),
  };
};

function addSecond(
  world: World,
  { kind, instanceType, dedicated, devices }: SecondCase,
  startup: NodeStartup,
): void {
  const launch: Partial<LaunchPlan> = {
    instanceType,
    startup: {
      ...startup,
      ...(devices && { devices: { afterMs: 60_000, allocatable: { [DEVICE]: "2" } } }),
    },
    ...(dedicated && { taints: [DEDICATED], labels: { pool: SECOND } }),
  };
  const sizes = { min: 0, max: SECOND_MAX, desired: 0 };
  if (kind === "managed") world.managedGroup(SECOND, sizes, launch);
  else world.group(SECOND, ZONES[0] ?? "", sizes, launch);
}

/** What an app consists of beside its budget, with no pods yet. */
function appObjects(name: string, app: AppCase): SeedObject[] {
  const { milliCpu, stopSeconds } = app;
  const nodeSelector = {
    ...(app.zone !== undefined && { [ZONE_LABEL]: ZONES[app.zone] ?? "" }),
    ...(app.kind === "dedicated" && { pool: SECOND }),
  };
  const usual = { milliCpu, stopSeconds };
  const plain = (podSpec: object = {}) =>
    deployment(name, 0, { ...usual, podSpec: { nodeSelector, ...podSpec } });
  switch (app.kind) {
    case "plain":
      return [plain()];
    case "host-port":
      return [deployment(name, 0, { ...usual, hostPort: 8080, podSpec: { nodeSelector } })];
    case "agent-port":
      return [deployment(name, 0, { ...usual, hostPort: AGENT_PORT, podSpec: { nodeSelector } })];
    case "apart":
      return [plain({ affinity: apartFrom(name) })];
    case "spread":
      return [plain({ nodeSelector: {}, topologySpreadConstraints: spreadOverZones(name) })];
    case "volume":
      return [claim(`${name}-data`), deployment(name, 0, { ...usual, claims: [`${name}-data`] })];
    case "storage":
      return [
        deployment(name, 0, {
          ...usual,
          requests: { "ephemeral-storage": "8Gi" },
          podSpec: { nodeSelector },
        }),
      ];
    case "device":
      return [
        deployment(name, 0, {
          ...usual,
          requests: { [DEVICE]: "1" },
          podSpec: { tolerations: TOLERATES_DEDICATED },
        }),
      ];
    case "dedicated":
      return [plain({ tolerations: TOLERATES_DEDICATED })];
    case "important":
      return [plain({ priorityClassName: "important" })];
    case "tolerates-all":
      return [plain({ tolerations: TOLERATES_ALL })];
    case "gated":
      return [plain({ schedulingGates: [{ name: "quota" }] })];
    case "huge":
      return [deployment(name, 0, { ...usual, milliCpu: 64_000 })];
    case "missing-claim":
      return [plain(), job(`${name}-job`, 30, { claims: ["gone"] })];
  }
}

const TOLERATES_DEDICATED = [{ key: DEDICATED.key, operator: "Exists" }];

/** Sets an app's number of pods, with a budget that lets `slack` of them be missing. */
export function resizeApp(world: World, index: number, { kind, slack }: AppCase, replicas: number): void {
  const { store } = world.cluster.state;
  const name = `app-${index}`;
  const object = store.get("deployments", "default", name);
  // A volume of access mode ReadWriteOnce is one pod's.
  const wanted = kind === "volume" ? Math.min(1, replicas) : replicas;
  store.replace("deployments", { ...object, spec: { ...object.spec, replicas: wanted } });
  if (store.find("poddisruptionbudgets", "default", name))
    store.remove("poddisruptionbudgets", "default", name);
  world.cluster.create(budget(name, Math.max(0, wanted - slack)));
}
