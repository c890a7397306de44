import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AutoScalingClient, SetDesiredCapacityCommand } from "@aws-sdk/client-auto-scaling";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { type Account, startAccount } from "../../sandbox/account.ts";
import type { Group } from "../../sandbox/autoscaling/group.ts";
import type { Fleet } from "../../sandbox/ec2/fleets.ts";
import type { EksCluster } from "../../sandbox/eks/clusters.ts";
import type { SeedObject } from "../../sandbox/kubernetes/cluster.ts";
import { asNode, asPod } from "../../sandbox/kubernetes/parsed.ts";
import { clientFor } from "../../sandbox/stories/client.ts";
import { DRAIN_TAINT } from "../../shared/kubernetes/drain-mark.ts";
import type { Node } from "../../shared/kubernetes/node.ts";
import type { Pod } from "../../shared/kubernetes/pod.ts";

const MINUTE = 60_000;
const START = Date.parse("2030-01-01T00:00:30Z");
const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];
const FUNCTION = "reflex-dev-drain-nodes";

const CONFIG = `
nodePools:
  workers:
    cluster: main
    autoScalingGroups: [workers-a, workers-b, workers-c]
    drain: { softDeadline: 10m, hardDeadline: 20m }
`;

let folder: string;
let account: Account | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reflex-e2e-"));
});
afterEach(async () => {
  await account?.stop();
  account = undefined;
  rmSync(folder, { recursive: true, force: true });
});

interface World {
  readonly account: Account;
  readonly main: EksCluster;
  groups(): Group[];
  nodes(): Node[];
  pods(): Pod[];
  nodeIn(zone: string): Node;
  order(...nodes: Node[]): Promise<void>;
  minutes(count: number): Promise<void>;
  results(): unknown[];
}

/** Three zones with two nodes each, an application of six pods of which five have to be there. */
async function world({
  hook = false,
  min = 0,
  seed = [] as SeedObject[],
  configOf = (_account: Account): string => CONFIG,
} = {}): Promise<World> {
  const config = join(folder, "config.yml");
  const running = await startAccount({
    packageDir: inject("packageDir"),
    // Only drain-nodes looks after these groups: what they do here is done by it.
    environment: { [FUNCTION]: { REFLEX_CONFIG: config } },
    speed: 0,
    start: START,
    log: (line) => expect.unreachable(line),
  });
  account = running;
  // Read by the function's first run, which no minute has brought yet.
  writeFileSync(config, configOf(running));
  const main = await running.eks.clusters.create("main");
  for (const [index, zone] of ZONES.entries()) {
    const group = running.autoScaling.groups.create({
      name: `workers-${"abc"[index]}`,
      min,
      max: 5,
      desired: 2,
      zones: [zone],
      launch: { instanceType: "m5.large", spot: false, cluster: "main" },
    });
    if (!hook) continue;
    const transition = "autoscaling:EC2_INSTANCE_TERMINATING";
    group.hooks.set("drain", { name: "drain", transition, heartbeatSeconds: 300, defaultResult: "ABANDON" });
  }
  await running.clock.advance(MINUTE);
  main.cluster.create(
    ...(seed.length > 0 ? seed : [deployment("web", 6), budget("web", 5), daemonSet("logs")]),
  );
  await running.clock.advance(10_000);
  const { store } = main.cluster.state;
  const nodes = () => store.list("nodes").map(asNode);
  return {
    account: running,
    main,
    groups: () => running.autoScaling.groups.all(),
    nodes,
    pods: () => store.list("pods").map(asPod),
    nodeIn: (zone) =>
      nodes().find(({ machine }) => machine?.zone === zone) ?? expect.unreachable(`no node in ${zone}`),
    order: (...ordered) =>
      running.deliveries.toFunction(`arn:aws:lambda:us-east-1:000000000000:function:${FUNCTION}`, {
        nodePool: "workers",
        drain: ordered.map(({ name, machine }) => ({ node: name, instanceId: machine?.instanceId })),
        reason: "scale-in",
        plan: "plan-1",
      }),
    minutes: (count) => running.clock.advance(count * MINUTE),
    results: () =>
      running.lambda
        .invocations()
        .filter(({ functionName }) => functionName === FUNCTION)
        .map(({ result }) => (result.ok ? JSON.parse(result.payload) : result.error)),
  };
}

const template = (app: string, annotations = {}) => ({
  metadata: { labels: { app }, annotations },
  spec: { containers: [{ name: "main", resources: { requests: { cpu: "400m", memory: "256Mi" } } }] },
});
const deployment = (name: string, replicas: number, annotations = {}): SeedObject => ({
  kind: "Deployment",
  metadata: { name },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name, annotations) },
});
const daemonSet = (name: string): SeedObject => ({
  kind: "DaemonSet",
  metadata: { name, namespace: "kube-system" },
  spec: { selector: { matchLabels: { app: name } }, template: template(name) },
});
const budget = (name: string, minAvailable: number): SeedObject => ({
  kind: "PodDisruptionBudget",
  metadata: { name },
  spec: { minAvailable, selector: { matchLabels: { app: name } } },
});

const sizes = ({ groups }: World) => groups().map(({ desired }) => desired);
const marked = ({ nodes }: World) =>
  nodes().filter(({ taints }) => taints.some(({ key }) => key === DRAIN_TAINT));

describe("drain-nodes, by the scaler's order", () => {
  it("empties the nodes within the budget and ends them with their places in the groups", async () => {
    const here = await world();
    await here.order(here.nodeIn("us-east-1a"), here.nodeIn("us-east-1b"));
    await here.minutes(6);
    expect(sizes(here)).toEqual([1, 1, 2]);
    expect(here.nodes()).toHaveLength(4);
    expect(here.main.cluster.endings().map(({ how }) => how)).toEqual(
      here.main.cluster.endings().map(() => "evicted"),
    );
    expect(here.pods().filter(({ labels }) => labels.app === "web")).toHaveLength(6);
  });

  it("begins nothing where the group would fall below its minimum", async () => {
    const here = await world({ min: 2 });
    await here.order(here.nodeIn("us-east-1a"));
    await here.minutes(3);
    expect(marked(here)).toEqual([]);
    expect(here.nodes().some(({ unschedulable }) => unschedulable)).toBe(false);
    expect(sizes(here)).toEqual([2, 2, 2]);
  });

  it("gives the node back when a budget holds its pods for ever, and says which pod", async () => {
    const here = await world({ seed: [deployment("web", 6), budget("web", 6)] });
    const node = here.nodeIn("us-east-1a");
    await here.order(node);
    expect(marked(here)).toHaveLength(1);
    await here.minutes(12);
    expect(marked(here)).toEqual([]);
    expect(here.nodes().some(({ unschedulable }) => unschedulable)).toBe(false);
    expect(here.main.cluster.endings()).toEqual([]);
    expect(sizes(here)).toEqual([2, 2, 2]);
    expect(JSON.stringify(here.results())).toContain("The disruption budget web needs 6 healthy pods");
  });

  it("stops where the scaler took the mark away", async () => {
    const here = await world({ seed: [deployment("web", 6), budget("web", 6)] });
    const node = here.nodeIn("us-east-1a");
    await here.order(node);
    const { store } = here.main.cluster.state;
    const object = store.get("nodes", "", node.name);
    store.replace("nodes", { ...object, spec: { providerID: object.spec?.providerID } });
    store.remove("poddisruptionbudgets", "default", "web");
    await here.minutes(5);
    expect(here.main.cluster.endings()).toEqual([]);
    expect(sizes(here)).toEqual([2, 2, 2]);
  });

  it.each(["crash-before", "crash-after", "lost-answer"] as const)(
    "shrinks the group by exactly one when the call that ends the instance meets a %s",
    async (kind) => {
      const here = await world();
      const fault = here.account.faults.inject({
        kind,
        service: "autoscaling",
        operation: "TerminateInstanceInAutoScalingGroup",
      });
      await here.order(here.nodeIn("us-east-1a"));
      await here.minutes(12);
      expect(fault.hits()).toBe(1);
      expect(sizes(here)).toEqual([1, 2, 2]);
      expect(here.nodes()).toHaveLength(5);
    },
  );
});

describe("drain-nodes, by a lifecycle hook", () => {
  it("empties the node that AWS chose before it lets it go", async () => {
    const here = await world({ hook: true });
    const client = new AutoScalingClient(clientFor(here.account));
    await client.send(
      new SetDesiredCapacityCommand({ AutoScalingGroupName: "workers-a", DesiredCapacity: 1 }),
    );
    client.destroy();
    await here.minutes(6);
    expect(here.nodes()).toHaveLength(5);
    const endings = here.main.cluster.endings();
    expect(endings.length).toBeGreaterThan(0);
    expect(endings.map(({ how }) => how)).toEqual(endings.map(() => "evicted"));
  });

  it("holds the termination back with heartbeats until the hard deadline, and says who was left", async () => {
    const here = await world({ hook: true, seed: [deployment("web", 6), budget("web", 6)] });
    const client = new AutoScalingClient(clientFor(here.account));
    await client.send(
      new SetDesiredCapacityCommand({ AutoScalingGroupName: "workers-a", DesiredCapacity: 1 }),
    );
    client.destroy();
    await here.minutes(18);
    // The hook alone would have let go after 5 minutes.
    expect(here.nodes()).toHaveLength(6);
    await here.minutes(5);
    expect(here.nodes()).toHaveLength(5);
    expect(JSON.stringify(here.results())).toContain("hard deadline passed with");
  });
});

describe("drain-nodes, by a Spot warning", () => {
  it("empties the node before AWS takes the instance", async () => {
    const here = await world();
    const node = here.nodeIn("us-east-1b");
    here.account.machines.interrupt(node.machine?.instanceId ?? "");
    await here.minutes(4);
    const endings = here.main.cluster.endings().filter((ending) => ending.node === node.name);
    expect(endings.length).toBeGreaterThan(0);
    expect(endings.map(({ how }) => how)).toEqual(endings.map(() => "evicted"));
  });
});

describe("drain-nodes, by a rebalance recommendation", () => {
  it("empties the node and has its group replace the instance", async () => {
    const here = await world();
    const node = here.nodeIn("us-east-1c");
    here.account.machines.recommendRebalance(node.machine?.instanceId ?? "");
    await here.minutes(5);
    expect(sizes(here)).toEqual([2, 2, 2]);
    expect(here.nodes()).toHaveLength(6);
    expect(here.nodes().map(({ name }) => name)).not.toContain(node.name);
    expect(here.main.cluster.endings().filter(({ how }) => how !== "evicted")).toEqual([]);
  });
});

describe("drain-nodes on a Spot Fleet", () => {
  it("lowers the target by what the emptied instance counts for, and ends it", async () => {
    let fleet: Fleet | undefined;
    const here = await world({
      configOf: ({ ec2 }) => {
        const pools = [{ instanceType: "m5.xlarge", zone: "us-east-1a", weight: 2 }];
        fleet = ec2.fleets.create({
          target: 4,
          pools,
          launch: { cluster: "main", labels: { pool: "spot" } },
        });
        return `nodePools: { workers: { cluster: main, spotFleet: ${fleet.id}, max: 4 } }`;
      },
    });
    if (!fleet) return expect.unreachable("no fleet");
    const [node] = here.nodes().filter(({ labels }) => labels.pool === "spot");
    if (!node) return expect.unreachable("no node of the fleet");
    await here.order(node);
    await here.minutes(4);
    expect(fleet.target).toBe(2);
    expect(here.account.ec2.fleets.members(fleet)).toHaveLength(1);
    expect(here.nodes().map(({ name }) => name)).not.toContain(node.name);
    expect(here.main.cluster.endings().filter(({ how }) => how !== "evicted")).toEqual([]);
  });
});

describe("drain-nodes without access", () => {
  it("names the verb its ClusterRole lacks", async () => {
    const here = await world();
    here.main.cluster.state.store.remove("clusterroles", "", "reflex");
    await here.order(here.nodeIn("us-east-1a"));
    expect(JSON.stringify(here.results())).toMatch(
      /needs a ClusterRole with the verb \\"(get|list)\\" on \\"nodes\\"/,
    );
  });

  it("says that its access entry is missing", async () => {
    const here = await world();
    here.main.accessEntries.clear();
    await here.order(here.nodeIn("us-east-1a"));
    expect(JSON.stringify(here.results())).toContain("access-entry");
  });
});
