import type { Account } from "../account.ts";
import type { EksCluster } from "../eks/clusters.ts";
import type { SeedObject } from "../kubernetes/cluster.ts";
import { numberAt } from "../kubernetes/object.ts";
import { asNode, asPod } from "../kubernetes/parsed.ts";
import type { PodCluster } from "../page/actions/pods.ts";
import type { Surroundings } from "../page/page.ts";
import type { ClusterFacts } from "../page/state/node-pool-view.ts";

const CLUSTER = "main";
const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];
/** One group a zone, together one pool. */
const WORKER_GROUPS = ZONES.map((zone) => ({ zone, name: `workers-${zone.at(-1)}` }));
const MANAGED = "system";
const SYSTEM_TAINT = { key: "system", effect: "NoSchedule" } as const;

/** For the config's section `nodePools`. `workers` shrinks soon, so that it can be watched. */
export const NODE_POOLS = {
  workers: {
    cluster: CLUSTER,
    autoScalingGroups: WORKER_GROUPS.map(({ name }) => name),
    scaleInAfter: "3m",
    scaleInDelay: "3m",
    disruptionBudgets: [{ nodes: 2 }],
    drain: { softDeadline: "5m", hardDeadline: "10m" },
  },
  [MANAGED]: { managedNodeGroup: { cluster: CLUSTER, name: MANAGED }, taints: [SYSTEM_TAINT] },
};

/** A cluster with a pool of Spot instances in three zones, a managed node group, and pods that run on them. */
export async function furnishNodePools(
  account: Account,
): Promise<Pick<Surroundings, "clusters" | "nodePools" | "interrupt">> {
  const main = await account.eks.clusters.create(CLUSTER);
  for (const { zone, name } of WORKER_GROUPS) {
    account.autoScaling.groups.create({
      name,
      min: 1,
      max: 3,
      desired: 1,
      zones: [zone],
      launch: { instanceType: "m5.large", spot: true, cluster: CLUSTER },
    });
  }
  const system = account.eks.nodeGroups.create({
    cluster: CLUSTER,
    name: MANAGED,
    min: 2,
    max: 3,
    desired: 2,
    zones: ZONES,
    launch: { instanceType: "t3.medium", spot: false, taints: [SYSTEM_TAINT] },
  });
  main.cluster.create(...workload());
  const pools = [
    { name: "workers", groups: WORKER_GROUPS.map(({ name }) => name) },
    { name: MANAGED, groups: [system.group.name] },
  ];
  return {
    clusters: [podCluster(main)],
    interrupt: (id) => account.machines.interrupt(id),
    nodePools: () => ({
      groups: account.autoScaling.groups.all(),
      clusters: [clusterFacts(main)],
      pools,
    }),
  };
}

function clusterFacts({ name, cluster }: EksCluster): ClusterFacts {
  const { store } = cluster.state;
  return { name, nodes: store.list("nodes").map(asNode), pods: store.list("pods").map(asPod) };
}

/** An application most of whose pods have to be there, what runs on every node, and the cluster's own. */
function workload(): SeedObject[] {
  const everywhere = { tolerations: [{ operator: "Exists" }] };
  return [
    deployment("web", 6, "400m"),
    {
      kind: "PodDisruptionBudget",
      metadata: { name: "web" },
      spec: { minAvailable: 5, selector: { matchLabels: { app: "web" } } },
    },
    {
      kind: "DaemonSet",
      metadata: { name: "logs", namespace: "kube-system" },
      spec: { selector: { matchLabels: { app: "logs" } }, template: template("logs", "100m", everywhere) },
    },
    {
      ...deployment("dns", 2, "200m", {
        ...everywhere,
        nodeSelector: { "eks.amazonaws.com/nodegroup": MANAGED },
      }),
      metadata: { name: "dns", namespace: "kube-system" },
    },
  ];
}

const template = (app: string, cpu: string, spec: object) => ({
  metadata: { labels: { app } },
  spec: { ...spec, containers: [{ name: "main", resources: { requests: { cpu, memory: "512Mi" } } }] },
});

const deployment = (name: string, replicas: number, cpu: string, spec: object = {}): SeedObject => ({
  kind: "Deployment",
  metadata: { name },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name, cpu, spec) },
});

function podCluster({ name, cluster }: EksCluster): PodCluster {
  const { store } = cluster.state;
  const added: string[] = [];
  return {
    name,
    addPods: (deploymentName, pods) => {
      added.push(deploymentName);
      cluster.create(deployment(deploymentName, pods, "300m"));
    },
    removePods: () => {
      const objects = added.splice(0).flatMap((one) => store.find("deployments", "default", one) ?? []);
      for (const { metadata } of objects) store.remove("deployments", "default", metadata.name);
      cluster.settle();
      return objects.reduce((pods, object) => pods + numberAt(object, "spec.replicas"), 0);
    },
  };
}
