import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Account } from "./account.ts";
import type { EksCluster } from "./eks/clusters.ts";
import type { SeedObject } from "./kubernetes/cluster.ts";

export const SAMPLE_CLUSTER = "sample";
/** One group a zone, looked after as one pool. */
export const SAMPLE_GROUPS: readonly string[] = ["sample-a", "sample-b", "sample-c"];

/** The config under which the sample pool is looked after; the real one has no groups that exist here only. */
const CONFIG = `
nodePools:
  sample:
    cluster: ${SAMPLE_CLUSTER}
    autoScalingGroups: [${SAMPLE_GROUPS.join(", ")}]
    scaleInAfter: 3m
    scaleInDelay: 2m
    disruptionBudgets: [{ nodes: 1 }]
`;

export interface SamplePools {
  /** For `startAccount`: the two functions of the node pools read the sample's config. */
  readonly environment: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Creates the cluster, its groups, and what runs on them. The nodes come in their own time. */
  create(account: Account, port?: number): Promise<EksCluster>;
  remove(): void;
}

/** A cluster to try node pools on: three zones with a node each, an application with a budget, a DaemonSet. */
export function prepareSamplePools(config = CONFIG): SamplePools {
  const dir = mkdtempSync(join(tmpdir(), "reflex-sample-pools-"));
  const file = join(dir, "config.yml");
  writeFileSync(file, config);
  const remove = () => {
    process.off("exit", remove);
    rmSync(dir, { recursive: true, force: true });
  };
  process.once("exit", remove);
  const variables = { REFLEX_CONFIG: file };
  return {
    environment: { "reflex-dev-scale-node-pools": variables, "reflex-dev-drain-nodes": variables },
    remove,
    async create({ eks, autoScaling }, port) {
      const sample = await eks.clusters.create(SAMPLE_CLUSTER, port);
      for (const name of SAMPLE_GROUPS) {
        const group = autoScaling.groups.create({
          name,
          min: 0,
          max: 6,
          desired: 1,
          zones: [`us-east-1${name.at(-1)}`],
          launch: {
            instanceType: "m5.large",
            spot: false,
            cluster: SAMPLE_CLUSTER,
            labels: { pool: "sample" },
          },
          tags: { [`kubernetes.io/cluster/${SAMPLE_CLUSTER}`]: "owned" },
        });
        group.hooks.set("drain", {
          name: "drain",
          transition: "autoscaling:EC2_INSTANCE_TERMINATING",
          heartbeatSeconds: 300,
          defaultResult: "CONTINUE",
        });
      }
      sample.cluster.create(...OBJECTS);
      return sample;
    },
  };
}

const template = (app: string, cpu: string, memory: string) => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: "main", image: app, resources: { requests: { cpu, memory } } }] },
});

const OBJECTS: readonly SeedObject[] = [
  {
    kind: "DaemonSet",
    metadata: { name: "logs", namespace: "kube-system" },
    spec: { selector: { matchLabels: { app: "logs" } }, template: template("logs", "50m", "64Mi") },
  },
  {
    kind: "Deployment",
    metadata: { name: "web" },
    spec: {
      replicas: 6,
      selector: { matchLabels: { app: "web" } },
      template: template("web", "500m", "512Mi"),
    },
  },
  {
    kind: "PodDisruptionBudget",
    metadata: { name: "web" },
    spec: { minAvailable: 5, selector: { matchLabels: { app: "web" } } },
  },
];
