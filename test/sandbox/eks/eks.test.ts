import {
  DescribeClusterCommand,
  DescribeNodegroupCommand,
  DescribeUpdateCommand,
  EKSClient,
  ListClustersCommand,
  ListNodegroupsCommand,
  UpdateNodegroupConfigCommand,
} from "@aws-sdk/client-eks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AutoScaling, createAutoScaling } from "../../../sandbox/autoscaling/autoscaling.ts";
import { createClock, type SandboxClock } from "../../../sandbox/clock/clock.ts";
import { Machines } from "../../../sandbox/ec2/machines.ts";
import { Clusters, type EksCluster } from "../../../sandbox/eks/clusters.ts";
import { createEks, type Eks } from "../../../sandbox/eks/eks.ts";
import { NodeGroups } from "../../../sandbox/eks/node-groups.ts";
import type { Callers } from "../../../sandbox/endpoint/calls.ts";
import { clusterAccess } from "../../../shared/kubernetes/api/connect.ts";
import { deletePod } from "../../../shared/kubernetes/api/eviction.ts";
import { listNodes } from "../../../shared/kubernetes/node.ts";
import { Gate } from "../../node-pools/gate.ts";
import { inProcess, throughGate } from "../../node-pools/in-process.ts";
import { recordDeliveries } from "../recorded-deliveries.ts";

const MINUTE = 60_000;

let clock: SandboxClock;
let machines: Machines;
let autoScaling: AutoScaling;
let service: Eks;
let main: EksCluster;
let client: EKSClient;
/** The functions of the account, by the key they sign with. */
const callers: Callers = new Map();

beforeEach(async () => {
  clock = createClock({ speed: 0 });
  callers.clear();
  const deliveries = recordDeliveries();
  machines = new Machines(clock, deliveries);
  autoScaling = createAutoScaling({ clock, machines, deliveries });
  const clusters = new Clusters({ clock, machines, callers });
  service = createEks(clock, clusters, new NodeGroups(clock, autoScaling.groups));
  client = throughGate(new EKSClient(inProcess(service)), new Gate());
  main = await clusters.create("main");
  const launch = {
    instanceType: "m5.large",
    spot: false,
    labels: { pool: "workers" },
    taints: [{ key: "t", effect: "NoSchedule" }],
  };
  service.nodeGroups.create({
    cluster: "main",
    name: "workers",
    min: 1,
    max: 4,
    desired: 2,
    zones: ["us-east-1a"],
    launch,
  });
  await clock.advance(MINUTE);
});
afterEach(async () => {
  clock.stop();
  await autoScaling.stop?.();
  await service.stop?.();
});

const names = { clusterName: "main", nodegroupName: "workers" };
const nodeGroup = async () =>
  (await client.send(new DescribeNodegroupCommand(names))).nodegroup ?? expect.unreachable();
const resize = (scalingConfig: object, clientRequestToken?: string) =>
  client.send(
    new UpdateNodegroupConfigCommand({
      ...names,
      scalingConfig,
      ...(clientRequestToken && { clientRequestToken }),
    }),
  );

describe("an EKS cluster", () => {
  it("is found by its name, with its endpoint and authority", async () => {
    expect((await client.send(new ListClustersCommand({}))).clusters).toEqual(["main"]);
    const { cluster } = await client.send(new DescribeClusterCommand({ name: "main" }));
    expect(cluster).toMatchObject({ status: "ACTIVE", endpoint: main.server.url });
    expect(Buffer.from(cluster?.certificateAuthority?.data ?? "", "base64").toString()).toContain(
      "BEGIN CERTIFICATE",
    );
  });

  it("is not found by another", async () => {
    const unknown = client.send(new DescribeClusterCommand({ name: "other" }));
    await expect(unknown).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  it("lets a function do what docs/kubernetes/cluster-role.yaml says, and no more", async () => {
    callers.set("test", { functionName: "drain", requestId: () => undefined, crash: async () => {} });
    const api = await clusterAccess(client, clock)("main");
    expect(await listNodes(api)).toHaveLength(2);
    const pod = { namespace: "default", name: "a", uid: "u" };
    await expect(deletePod(api, pod, 1)).rejects.toThrow(/ClusterRole with the verb "delete" on "pods"/);
  });

  it("does not know a function without an access entry", async () => {
    callers.set("test", { functionName: "drain", requestId: () => undefined, crash: async () => {} });
    main.accessEntries.clear();
    const api = await clusterAccess(client, clock)("main");
    await expect(listNodes(api)).rejects.toThrow(/401/);
  });

  it("says that its endpoint is private", async () => {
    main.publicEndpoint = false;
    const { cluster } = await client.send(new DescribeClusterCommand({ name: "main" }));
    expect(cluster?.resourcesVpcConfig).toMatchObject({ endpointPublicAccess: false });
  });

  it("takes no token older than a quarter of an hour", async () => {
    const access = clusterAccess(client, { now: () => clock.now() - 16 * MINUTE });
    await expect(listNodes(await access("main"))).rejects.toThrow(/401/);
  });
});

describe("a managed node group", () => {
  it("shows its sizes and the Auto Scaling group behind it", async () => {
    const { scalingConfig, resources, labels, taints, status } = await nodeGroup();
    expect(scalingConfig).toEqual({ minSize: 1, maxSize: 4, desiredSize: 2 });
    expect(resources?.autoScalingGroups).toEqual([{ name: expect.stringMatching(/^eks-workers-/) }]);
    expect([labels, taints, status]).toEqual([
      { pool: "workers" },
      [{ key: "t", effect: "NO_SCHEDULE" }],
      "ACTIVE",
    ]);
    expect((await client.send(new ListNodegroupsCommand({ clusterName: "main" }))).nodegroups).toEqual([
      "workers",
    ]);
  });

  it("gives its nodes their labels and taints", () => {
    const [node] = main.cluster.state.store.list("nodes");
    expect(node?.metadata.labels).toMatchObject({
      pool: "workers",
      "eks.amazonaws.com/nodegroup": "workers",
    });
    expect(node?.spec?.taints).toEqual([{ key: "t", effect: "NoSchedule" }]);
  });

  it("grows by an update, and takes no other while that runs", async () => {
    const { update } = await resize({ desiredSize: 3 });
    expect((await nodeGroup()).status).toBe("UPDATING");
    await expect(resize({ desiredSize: 4 })).rejects.toMatchObject({ name: "ResourceInUseException" });
    await clock.advance(MINUTE);
    const after = await client.send(
      new DescribeUpdateCommand({ name: "main", nodegroupName: "workers", updateId: update?.id ?? "" }),
    );
    expect(after.update?.status).toBe("Successful");
    expect(main.cluster.state.store.list("nodes")).toHaveLength(3);
  });

  it("takes a request that comes twice for one", async () => {
    const first = await resize({ desiredSize: 3 }, "token");
    const again = await resize({ desiredSize: 3 }, "token");
    expect(again.update?.id).toBe(first.update?.id);
  });

  it.each([
    [{ minSize: 8 }, "Minimum capacity 8 can't be greater than desired size 2"],
    [{ desiredSize: 9 }, "Desired capacity 9 can't be greater than max size 4"],
  ])("refuses %o", async (sizes, message) => {
    await expect(resize(sizes)).rejects.toMatchObject({ name: "InvalidParameterException", message });
  });

  it("is DEGRADED while AWS has no instances for it", async () => {
    machines.limit("us-east-1a", 0);
    await resize({ desiredSize: 4 });
    await clock.advance(30_000);
    const { status, health } = await nodeGroup();
    expect(status).toBe("DEGRADED");
    expect(health?.issues).toMatchObject([{ code: "AsgInstanceLaunchFailures" }]);
  });
});
