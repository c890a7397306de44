import type { Account } from "../account.ts";
import type { EksCluster } from "../eks/clusters.ts";
import { budget, daemonSet, deployment } from "../fixtures/seeds.ts";
import { isReady } from "../kubernetes/api-server/table.ts";
import { asNode, asPod } from "../kubernetes/parsed.ts";
import { type Demo, DemoFailed, until } from "./demo.ts";
import { writeTemporaryConfig } from "./temporary-config.ts";

/** The demonstration of scale-node-pools and drain-nodes, and what the account needs for it before it starts. */
export interface NodePoolsDemo extends Demo {
  /** For `startAccount`: both functions manage the demo's pool instead of those of config/dev.yml. */
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

/** The delays are short, so that the demo takes less than a minute. */
const POLICY = {
  cluster: CLUSTER,
  autoScalingGroups: Object.keys(GROUPS),
  min: 3,
  max: 12,
  scaleInAfter: "1m",
  scaleInDelay: "1m",
  disruptionBudgets: [{ nodes: 2 }],
};

/** Writes the config that names the pool. */
export async function prepareNodePools(): Promise<NodePoolsDemo> {
  const config = writeTemporaryConfig({ mode: "act", nodePools: { [POOL]: POLICY } });
  const REFLEX_CONFIG = config.file;
  return {
    name: "scale-node-pools",
    environment: { [SCALER]: { REFLEX_CONFIG }, "reflex-dev-drain-nodes": { REFLEX_CONFIG } },
    play,
    stop: async () => config.remove(),
  };
}

/** A burst of pods comes and goes, and AWS interrupts a Spot instance: the pool follows, and no budget is violated. */
async function play(account: Account, log: (line: string) => void): Promise<readonly string[]> {
  const say = (line: string) => log(`node pool ${POOL}: ${line}`);
  const cluster = await startCluster(account);
  say(
    `it has one node in each of three zones; web runs there with ${REPLICAS} pods, and its budget keeps ${AT_LEAST} of them available`,
  );
  const extremes = watchExtremes(account, cluster);
  try {
    await scaleOut(account, cluster, say);
    await interruptBusiestNode(account, cluster, say);
    await scaleIn(account, cluster, say);
  } finally {
    extremes.end();
  }
  const evicted = checkedEvictions(cluster);
  const { fewestPods, mostNodes } = extremes.seen();
  if (fewestPods < AT_LEAST)
    throw new DemoFailed(`web must keep ${AT_LEAST} pods available; it had ${fewestPods}`);
  return [
    `node pool ${POOL}: ${POLICY.min} -> ${mostNodes} -> ${POLICY.min} nodes; ${evicted} pods evicted within the budget (web kept at least ${fewestPods} of ${REPLICAS} pods)`,
  ];
}

async function startCluster(account: Account): Promise<EksCluster> {
  const main = await account.eks.clusters.create(CLUSTER);
  for (const [name, zone] of Object.entries(GROUPS)) {
    const launch = { instanceType: "m5.large", spot: true, cluster: CLUSTER };
    account.autoScaling.groups.create({ name, min: 0, max: 6, desired: 1, zones: [zone], launch });
  }
  // Kubernetes spreads pods over the nodes that are there, and moves none later.
  await until(account, "three nodes are ready", 15, async () =>
    nodes(main).filter(({ ready }) => ready).length === 3 ? true : undefined,
  );
  main.cluster.create(
    deployment("web", REPLICAS, { milliCpu: 200, memoryMi: 256 }),
    budget("web", AT_LEAST),
    daemonSet("logs", { milliCpu: 50, memoryMi: 256 }),
  );
  await until(account, `the ${REPLICAS} pods of web run on three nodes`, 15, async () =>
    run(main, "web", REPLICAS),
  );
  return main;
}

async function scaleOut(account: Account, main: EksCluster, say: (line: string) => void): Promise<void> {
  say(`${BURST} more pods of half a core each are created, and no node has room for them`);
  main.cluster.create(deployment("burst", BURST, { milliCpu: 500, memoryMi: 256 }));
  await until(account, "a run of scale-node-pools launches nodes", 15, async () =>
    launchesIn(account) > 0 ? true : undefined,
  );
  const sizes = desired(account);
  const before = launchesIn(account);
  say(`one run sets the three groups to ${sizes.join(", ")} nodes`);
  if (Math.max(...sizes) - Math.min(...sizes) > 1)
    throw new DemoFailed("the zones differ by one node at most");
  await until(account, `the ${BURST} pods of the burst run`, 15, async () => run(main, "burst", BURST));
  if (launchesIn(account) !== before) throw new DemoFailed("one run launches all that the burst needs");
  say("all pods of the burst run");
}

async function interruptBusiestNode(
  account: Account,
  main: EksCluster,
  say: (line: string) => void,
): Promise<void> {
  const warned = busiest(main);
  account.machines.interrupt(warned.instanceId);
  say(`AWS interrupts the Spot instance of ${warned.name} in two minutes`);
  await until(account, "the node is drained before its instance terminates", 2, async () =>
    podsOn(main, warned.name) === 0 ? true : undefined,
  );
  say(`${warned.name} is drained in time`);
}

async function scaleIn(account: Account, main: EksCluster, say: (line: string) => void): Promise<void> {
  main.cluster.state.store.remove("deployments", "default", "burst");
  main.cluster.settle();
  say("the pods of the burst are deleted");
  await until(account, `the pool is back at ${POLICY.min} nodes`, 40, async () =>
    total(account) === POLICY.min &&
    nodes(main).length === POLICY.min &&
    nodes(main).every(({ unschedulable }) => !unschedulable)
      ? true
      : undefined,
  );
  await until(account, `the ${REPLICAS} pods of web run`, 10, async () => run(main, "web", REPLICAS));
  say(`it is back at ${POLICY.min} nodes`);
}

/** How many pods were evicted. @throws {DemoFailed} naming a pod that ended in another way */
function checkedEvictions(main: EksCluster): number {
  const endings = main.cluster.endings();
  const other = endings.find(({ how }) => how !== "evicted");
  if (other) throw new DemoFailed(`every pod must be evicted; ${other.pod} was ${other.how}`);
  return endings.length;
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
  if (!node?.machine) throw new DemoFailed("there is a node to warn");
  return { name: node.name, instanceId: node.machine.instanceId };
}

/** How many runs of the scaler launched nodes. */
const launchesIn = ({ lambda }: Account): number =>
  lambda
    .invocations()
    .filter(
      ({ functionName, result }) =>
        functionName === SCALER && result.ok && result.payload.includes('"verdict":"scale-out"'),
    ).length;

/** Samples every second how many pods of web are ready, and how many nodes the groups have. */
function watchExtremes(account: Account, main: EksCluster) {
  let fewestPods = REPLICAS;
  let mostNodes = total(account);
  const end = account.clock.every(SECOND, () => {
    fewestPods = Math.min(fewestPods, readyOf(main, "web"));
    mostNodes = Math.max(mostNodes, total(account));
  });
  return { end, seen: () => ({ fewestPods, mostNodes }) };
}
