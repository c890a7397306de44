/**
 * One look of scale-node-pools at a cluster in a process of its own: the cluster is read and decided on. Its CPU and
 * its memory are what the operating system counts for the process, Node.js and all.
 */
import { decide } from "../../functions/scale-node-pools/decide/decide.ts";
import type { Pool } from "../../functions/scale-node-pools/model/cluster.ts";
import { observeCluster } from "../../functions/scale-node-pools/observe/cluster.ts";
import { httpsApi } from "../../shared/kubernetes/api/api.ts";
import { nodePools } from "../../shared/node-pools/policy.ts";
import { instanceId, zoneOf } from "./large-cluster.ts";
import { zonalGroup } from "./zonal-group.ts";

/** What the parent sends. */
export interface LookOrder {
  readonly endpoint: string;
  readonly ca: string;
  readonly nodes: number;
}

/** What the child answers with. */
export interface LookMeasured {
  readonly seconds: number;
  readonly readCpuSeconds: number;
  readonly decideCpuSeconds: number;
  readonly rssMb: number;
  readonly decision: string;
  readonly pods: number;
}

const NOW = Date.UTC(2026, 5, 1, 13);

process.once("message", (order: LookOrder) => {
  look(order).then(
    (answer) => process.send?.(answer, () => process.disconnect()),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function look({ endpoint, ca, nodes }: LookOrder): Promise<LookMeasured> {
  const pools = [poolOf(nodes)];
  const api = httpsApi({ name: "main", endpoint, ca }, async () => "token");
  const started = performance.now();
  const before = process.cpuUsage();
  const cluster = await observeCluster(api, Promise.resolve(new Map()), new AbortController().signal);
  const reading = process.cpuUsage(before);
  const between = process.cpuUsage();
  const [decision] = decide(cluster, pools, NOW);
  const deciding = process.cpuUsage(between);
  const seconds = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1e6;
  return {
    seconds: (performance.now() - started) / 1000,
    readCpuSeconds: seconds(reading),
    decideCpuSeconds: seconds(deciding),
    rssMb: process.resourceUsage().maxRSS / 1024,
    decision: `${decision?.verdict} ${decision?.from} -> ${decision?.to}`,
    pods: cluster.pods.length,
  };
}

function poolOf(nodes: number): Pool {
  const zones = [...new Set(Array.from({ length: nodes }, (_, index) => zoneOf(index)))];
  const policy = nodePools.parse({
    workers: { autoScalingGroups: zones, cluster: "main" },
  }).workers;
  if (!policy) throw new Error("the policy has no pool");
  const groups = zones.map((zone) =>
    zonalGroup(
      zone,
      Array.from({ length: nodes }, (_, index) => index)
        .filter((index) => zoneOf(index) === zone)
        .map((index) => ({
          id: instanceId(index),
          zone,
          state: "running" as const,
          healthy: true,
          protectedFromScaleIn: false,
          launchedAt: Date.UTC(2026, 5, 1, 11),
          units: 1,
        })),
    ),
  );
  return { name: "workers", policy, groups, status: {}, lastScaleOutAt: undefined };
}
