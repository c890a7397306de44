import { createClock, type SandboxClock } from "../../../sandbox/clock/clock.ts";
import type { Authenticate } from "../../../sandbox/kubernetes/api-server/access.ts";
import { type Certificate, createCertificate } from "../../../sandbox/kubernetes/api-server/certificate.ts";
import { type ApiServer, startApiServer } from "../../../sandbox/kubernetes/api-server/server.ts";
import { type Cluster, createCluster } from "../../../sandbox/kubernetes/cluster.ts";

export const ADMIN_TOKEN = "admin";

export const admin: Authenticate = (token) =>
  token === ADMIN_TOKEN ? { name: "admin", rules: "all" } : undefined;

export interface RunningCluster {
  readonly clock: SandboxClock;
  readonly cluster: Cluster;
  readonly server: ApiServer;
  readonly certificate: Certificate;
  stop(): Promise<void>;
}

/** A cluster with a node in each of three zones and its API on a free port. */
export async function startCluster({ speed = 0, authenticate = admin } = {}): Promise<RunningCluster> {
  const clock = createClock({ speed, onError: (error) => console.error(error) });
  const cluster = createCluster("main", clock);
  for (const zone of ["a", "b", "c"]) joinNode(cluster, zone);
  const certificate = await createCertificate();
  const server = await startApiServer({ cluster, certificate, authenticate });
  return {
    clock,
    cluster,
    server,
    certificate,
    stop: async () => {
      clock.stop();
      await server.stop();
    },
  };
}

export const joinNode = (cluster: Cluster, zone: string, name = `node-${zone}`): void =>
  cluster.join({
    name,
    zone: `us-east-1${zone}`,
    instanceId: `i-0${zone.charCodeAt(0)}${name.length}`,
    instanceType: "m5.large",
    allocatable: { cpu: "2", memory: "8Gi", pods: "10" },
  });
