import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Account } from "../account.ts";
import type { EksCluster } from "../eks/clusters.ts";
import type { SeedObject } from "../kubernetes/cluster.ts";
import { asNode, asPod } from "../kubernetes/parsed.ts";
import { isReady } from "../kubernetes/table.ts";
import { StepMissing, type Story, until } from "./story.ts";

/** The demonstration of scale-node-pools and drain-nodes, and what the account needs for it before it starts. */
export interface NodePoolsStory extends Story {
  /** For `startAccount`: has both look after the story's pool instead of those of config/dev.yml. */
  readonly environment: Readonly<Record<string, Readonly<Record<string, string>>>>;
  stop(): Promise<void>;
}

const CLUSTER = "sample";
const POOL = "workers";
const SCALER = "reflex-dev-scale-node-pools";
const GROUPS: Readonly<Record<string, string>> = {
  "workers-a": "us-east-1a",
  "workers-b": "us-east-1b",
  "workers-c": "us-east-1c",
};
/** Of the application with a PodDisruptionBudget: how many pods it has, and how many must always be there. */
const REPLICAS = 6;
const AT_LEAST = 4;
const BURST = 16;
const SECOND = 1000;
/**
 * Minutes of the sandbox's clock for a step that nothing presses for: on a busy machine a function's start alone takes
 * some of them. `npm start` has a limit of its own.
 */
const PATIENCE = 40;

/** Waiting times are short, so that a pool's day fits into a minute. */
const POLICY = {
  cluster: CLUSTER,
  autoScalingGroups: Object.keys(GROUPS),
  min: 3,
  max: 12,
  scaleInAfter: "1m",
  scaleInDelay: "1m",
  disruptionBudgets: [{ nodes: 2 }],
};

/** Writes the config that has the pool looked after. */
export async function prepareNodePools(): Promise<NodePoolsStory> {
  const folder = mkdtempSync(join(tmpdir(), "reflex-node-pools-"));
  const REFLEX_CONFIG = join(folder, "node-pools.yml");
  // JSON is YAML too.
  writeFileSync(REFLEX_CONFIG, JSON.stringify({ nodePools: { [POOL]: POLICY } }));
  return {
    name: "scale-node-pools",
    environment: { [SCALER]: { REFLEX_CONFIG }, "reflex-dev-drain-nodes": { REFLEX_CONFIG } },
    play,
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A burst of pods comes and goes, and AWS takes an instance back: the pool follows, and no budget is broken. */
async function play(account: Account, say: (line: string) => void): Promise<readonly string[]> {
  const main = await account.eks.clusters.create(CLUSTER);
  for (const [name, zone] of Object.entries(GROUPS)) {
    const launch = { instanceType: "m5.large", spot: true, cluster: CLUSTER };
    account.autoScaling.groups.create({ name, min: 0, max: 6, desired: 1, zones: [zone], launch });
  }
  // Kubernetes spreads pods over the nodes that are there, and moves none later.
  await until(account, "three nodes are ready", 15, async () =>
    nodes(main).filter(({ ready }) => ready).length === 3 ? true : undefined,
  );
  main.cluster.create(deployment("web", REPLICAS, "200m"), budget("web", AT_LEAST), daemonSet("logs"));
  await until(account, `the ${REPLICAS} pods of web run on three nodes`, PATIENCE, async () =>
    run(main, "web", REPLICAS),
  );
  say(
    `node pool ${POOL}: one node in each of three zones; web runs there with ${REPLICAS} pods, of which ${AT_LEAST} must always be there`,
  );
  const watch = watchBudget(account, main);
  try {
    return await grow(account, main, say, watch);
  } finally {
    watch.end();
  }
}

async function grow(
  account: Account,
  main: EksCluster,
  say: (line: string) => void,
  watch: ReturnType<typeof watchBudget>,
): Promise<readonly string[]> {
  say(`a burst: ${BURST} more pods of half a core each, and no node has room for them`);
  main.cluster.create(deployment("burst", BURST, "500m"));
  await until(account, "a run of scale-node-pools orders nodes", PATIENCE, async () =>
    ordersIn(account) > 0 ? true : undefined,
  );
  const sizes = desired(account);
  const before = ordersIn(account);
  say(`ordered in one run: ${sizes.join(", ")} nodes in the three zones`);
  if (Math.max(...sizes) - Math.min(...sizes) > 1)
    throw new StepMissing("the zones differ by one node at most");
  await until(account, `the ${BURST} pods of the burst run`, PATIENCE, async () => run(main, "burst", BURST));
  if (ordersIn(account) !== before) throw new StepMissing("one run orders all that the burst needs");
  say("all pods of the burst run");

  const warned = busiest(main);
  account.machines.interrupt(warned.instanceId);
  say(`AWS warns ${warned.name}: in two minutes it takes this Spot instance back`);
  await until(account, "the node is empty before its instance goes", 2, async () =>
    podsOn(main, warned.name) === 0 ? true : undefined,
  );
  say("it is empty in time");

  main.cluster.state.store.remove("deployments", "default", "burst");
  main.cluster.settle();
  say("the burst is over: its pods are gone");
  await until(account, `the pool is back at ${POLICY.min} nodes`, PATIENCE, async () =>
    total(account) === POLICY.min &&
    nodes(main).length === POLICY.min &&
    nodes(main).every(({ unschedulable }) => !unschedulable)
      ? true
      : undefined,
  );
  await until(account, `the ${REPLICAS} pods of web run`, PATIENCE, async () => run(main, "web", REPLICAS));
  const endings = main.cluster.endings();
  const undrained = endings.filter(({ how }) => how !== "evicted");
  if (undrained.length > 0)
    throw new StepMissing(`every pod is evicted; ${undrained[0]?.pod} was ${undrained[0]?.how}`);
  if (watch.fewest() < AT_LEAST)
    throw new StepMissing(`web has ${AT_LEAST} pods at any time; it had ${watch.fewest()}`);
  const largest = sizes.reduce((sum, size) => sum + size, 0);
  say(`it is back at ${POLICY.min} nodes`);
  return [
    `${POOL}: 3 -> ${largest} -> ${POLICY.min} nodes; ${endings.length} pods evicted, none against its budget (web: never fewer than ${watch.fewest()} of ${REPLICAS})`,
  ];
}

const groups = ({ autoScaling }: Account) => autoScaling.groups.all().filter(({ name }) => name in GROUPS);
const desired = (account: Account) => groups(account).map((group) => group.desired);
const total = (account: Account) => desired(account).reduce((sum, size) => sum + size, 0);
const nodes = ({ cluster }: EksCluster) => cluster.state.store.list("nodes").map(asNode);
const pods = ({ cluster }: EksCluster) => cluster.state.store.list("pods");

/** True when so many pods of an application are ready. */
const run = (main: EksCluster, app: string, count: number): true | undefined =>
  readyOf(main, app) === count ? true : undefined;

const readyOf = (main: EksCluster, app: string): number =>
  pods(main).filter((object) => asPod(object).labels.app === app && isReady(object)).length;

/** Pods on a node that do not belong to it. */
const podsOn = (main: EksCluster, node: string): number =>
  pods(main)
    .map(asPod)
    .filter(({ nodeName, controller }) => nodeName === node && controller?.kind !== "DaemonSet").length;

function busiest(main: EksCluster): { name: string; instanceId: string } {
  const [node] = nodes(main).sort((a, b) => podsOn(main, b.name) - podsOn(main, a.name));
  if (!node?.machine) throw new StepMissing("there is a node to warn");
  return { name: node.name, instanceId: node.machine.instanceId };
}

/** How many runs of the scaler have ordered nodes. */
const ordersIn = ({ lambda }: Account): number =>
  lambda
    .invocations()
    .filter(
      ({ functionName, result }) =>
        functionName === SCALER && result.ok && result.payload.includes('"verdict":"out"'),
    ).length;

/** Looks every second how many pods of web are ready. */
function watchBudget({ clock }: Account, main: EksCluster) {
  let fewest = REPLICAS;
  const end = clock.every(SECOND, () => {
    fewest = Math.min(fewest, readyOf(main, "web"));
  });
  return { end, fewest: () => fewest };
}

const template = (app: string, cpu: string) => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: "main", resources: { requests: { cpu, memory: "256Mi" } } }] },
});

const deployment = (name: string, replicas: number, cpu: string): SeedObject => ({
  kind: "Deployment",
  metadata: { name },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name, cpu) },
});

const daemonSet = (name: string): SeedObject => ({
  kind: "DaemonSet",
  metadata: { name, namespace: "kube-system" },
  spec: { selector: { matchLabels: { app: name } }, template: template(name, "50m") },
});

const budget = (name: string, minAvailable: number): SeedObject => ({
  kind: "PodDisruptionBudget",
  metadata: { name },
  spec: { minAvailable, selector: { matchLabels: { app: name } } },
});
