import type { SandboxClock } from "../clock/clock.ts";
import type { Machines } from "../ec2/machines.ts";
import type { Network } from "../ec2/network.ts";
import type { Callers, Calls } from "../endpoint/calls.ts";
import type { Faults } from "../endpoint/faults.ts";
import {
  type AccessRule,
  type Caller,
  clusterRole,
  isFresh,
  readEksToken,
} from "../kubernetes/api-server/access.ts";
import { type Certificate, createCertificate } from "../kubernetes/api-server/certificate.ts";
import { type ApiServer, startApiServer } from "../kubernetes/api-server/server.ts";
import { type Cluster, createCluster } from "../kubernetes/cluster.ts";
import { at, textAt } from "../kubernetes/object.ts";
import type { Pace } from "../kubernetes/state.ts";
import { AwsError } from "../wire/error.ts";
import { applyManifests, REFLEX_ROLE_FILE } from "./manifests.ts";
import { followMachines } from "./nodes-of-machines.ts";

/** Clients that are no function of the account, kubectl among them, may do everything. */
const ADMIN: Caller = { name: "admin", rules: "all" };
/** For a kubectl that has no aws CLI beside it to make EKS tokens. */
export const ADMIN_TOKEN = "sandbox";

export interface EksCluster {
  readonly name: string;
  readonly cluster: Cluster;
  readonly server: ApiServer;
  readonly certificate: Certificate;
  /** ms since the epoch. */
  readonly createdAt: number;
  /** Kubernetes groups by function, as access entries give them; a function that is not here gets 401. */
  readonly accessEntries: Map<string, readonly string[]>;
  /** Whether its endpoint is on the internet too. */
  publicEndpoint: boolean;
  /** The security groups that its own admits: functions in these reach it from the VPC. */
  admits: readonly string[];
}

export interface ClustersOptions {
  readonly clock: SandboxClock;
  readonly machines: Machines;
  readonly callers: Callers;
  readonly network?: Network;
  readonly calls?: Calls;
  readonly faults?: Faults;
  readonly latencyMs?: number;
  readonly pace?: Pace;
}

/** The group docs/kubernetes puts the functions into. */
const REFLEX_GROUP = "reflex";

/** The account's EKS clusters, each with its Kubernetes API; instances with a cluster's name become its nodes. */
export class Clusters {
  readonly #options: ClustersOptions;
  readonly #clusters = new Map<string, EksCluster>();

  constructor(options: ClustersOptions) {
    this.#options = options;
  }

  /** Creates a cluster in which docs/kubernetes/cluster-role.yaml has been applied. */
  async create(name: string, port?: number): Promise<EksCluster> {
    const { clock, machines, calls, faults, callers, latencyMs, pace } = this.#options;
    const cluster = createCluster(name, clock, pace);
    followMachines(cluster, machines, clock);
    applyManifests(cluster, REFLEX_ROLE_FILE);
    const certificate = await createCertificate();
    const accessEntries = new Map<string, readonly string[]>([["*", [REFLEX_GROUP]]]);
    const server = await startApiServer({
      cluster,
      certificate,
      callers,
      authenticate: (token) => this.#authenticate(token, cluster, accessEntries),
      ...(port !== undefined && { port }),
      ...(calls && { calls }),
      ...(faults && { faults }),
      ...(latencyMs !== undefined && { latencyMs }),
    });
    const created: EksCluster = {
      ...{ name, cluster, server, certificate, accessEntries, createdAt: clock.now() },
      publicEndpoint: true,
      admits: [],
    };
    this.#options.network?.addPrivate(Number(new URL(server.url).port), () => ({
      securityGroups: created.admits,
      isPublic: created.publicEndpoint,
    }));
    this.#clusters.set(name, created);
    return created;
  }

  /** @throws {AwsError} ResourceNotFoundException */
  get(name: string): EksCluster {
    const found = this.#clusters.get(name);
    if (!found)
      throw new AwsError("ResourceNotFoundException", `No cluster found for name: ${name}.`, { status: 404 });
    return found;
  }

  all(): EksCluster[] {
    return [...this.#clusters.values()];
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#clusters.values()].map(({ server }) => server.stop()));
  }

  #authenticate(token: string, cluster: Cluster, entries: EksCluster["accessEntries"]): Caller | undefined {
    if (token === ADMIN_TOKEN) return ADMIN;
    const claims = readEksToken(token);
    if (!claims || !isFresh(token, this.#options.clock.now())) return undefined;
    const caller = this.#options.callers.get(claims.accessKeyId);
    if (!caller) return ADMIN;
    const groups = entries.get(caller.functionName) ?? entries.get("*");
    return groups && { name: caller.functionName, rules: rulesOf(cluster, groups) };
  }
}

/** What the ClusterRoles bound to these groups allow. */
function rulesOf({ state: { store } }: Cluster, groups: readonly string[]): readonly AccessRule[] {
  return store.list("clusterrolebindings").flatMap((binding) => {
    const subjects = at(binding, "subjects");
    const isBound =
      Array.isArray(subjects) &&
      subjects.some(
        (subject) => textAt(subject, "kind") === "Group" && groups.includes(textAt(subject, "name")),
      );
    const role = isBound ? store.find("clusterroles", "", textAt(binding, "roleRef.name")) : undefined;
    const parsed = clusterRole.safeParse(role);
    return parsed.success ? parsed.data.rules : [];
  });
}
