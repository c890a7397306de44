import { AutoScalingClient, SetDesiredCapacityCommand } from "@aws-sdk/client-auto-scaling";
import { describe, expect, it } from "vitest";
import type { Account } from "../../sandbox/account.ts";
import { clientFor } from "../../sandbox/demos/client.ts";
import type { Fleet } from "../../sandbox/ec2/fleets.ts";
import { budget, daemonSet, deployment } from "../../sandbox/fixtures/seeds.ts";
import type { SeedObject } from "../../sandbox/kubernetes/cluster.ts";
import type { Node } from "../../shared/kubernetes/node.ts";
import { DRAIN_TAINT } from "../../shared/kubernetes/scheduling/toleration.ts";
import { type NodePoolsAccount, startNodePools, ZONES } from "./setup/node-pools-account.ts";

const CONFIG = `
nodePools:
  workers:
    cluster: main
    autoScalingGroups: [workers-a, workers-b, workers-c]
    disruptionBudgets: [{ nodes: 2 }]
    drain: { softDeadline: 10m, hardDeadline: 20m }
`;

/** Six pods of which five have to be there. */
const WEB = [deployment("web", 6, { milliCpu: 400 }), budget("web", 5), daemonSet("logs")];
/** Six pods that all have to be there: none can be evicted, ever. */
const BUDGET_WITHOUT_SLACK = [deployment("web", 6, { milliCpu: 400 }), budget("web", 6)];

interface WorldOptions {
  /** Whether the groups hold terminations back. */
  readonly hook?: boolean;
  /** Of each group. */
  readonly min?: number;
  readonly seed?: readonly SeedObject[];
  readonly config?: (account: Account) => string;
}

/** Three zones with two nodes each, on which an application runs. Only drain-nodes manages them. */
async function world({ hook, min = 0, seed = WEB, config = () => CONFIG }: WorldOptions = {}) {
  const here = await startNodePools({ awake: ["drain-nodes"], config, min, desired: 2 });
  for (const group of hook ? here.groups() : []) {
    const transition = "autoscaling:EC2_INSTANCE_TERMINATING";
    group.hooks.set("drain", { name: "drain", transition, heartbeatSeconds: 300, defaultResult: "ABANDON" });
  }
  here.main.cluster.create(...seed);
  await here.account.clock.advance(10_000);
  return here;
}

type World = NodePoolsAccount;

function nodeIn({ nodes }: World, zone: string): Node {
  return nodes().find(({ machine }) => machine?.zone === zone) ?? expect.unreachable(`no node in ${zone}`);
}

/** The order that scale-node-pools gives. */
function order({ wake }: World, ...ordered: readonly Node[]): Promise<void> {
  return wake("drain-nodes", {
    nodePool: "workers",
    drain: ordered.map(({ name, machine }) => ({ node: name, instanceId: machine?.instanceId })),
    reason: "scale-in",
    plan: "plan-1",
  });
}

const results = (here: World) => here.results("drain-nodes");
const endings = ({ main }: World) => main.cluster.endings();
const hows = (here: World) => new Set(endings(here).map(({ how }) => how));
const marked = ({ nodes }: World) =>
  nodes().filter(({ taints }) => taints.some(({ key }) => key === DRAIN_TAINT));

describe("drain-nodes, by the scaler's order", () => {
  it("empties the nodes within the budget and ends them with their places in the groups", async () => {
    const here = await world();
    await order(here, nodeIn(here, "us-east-1a"), nodeIn(here, "us-east-1b"));
    await here.minutes(6);
    expect(here.sizes()).toEqual([1, 1, 2]);
    expect(here.nodes()).toHaveLength(4);
    expect(hows(here)).toEqual(new Set(["evicted"]));
    expect(here.pods().filter(({ labels }) => labels.app === "web")).toHaveLength(6);
  });

  it("begins nothing where the group would fall below its minimum", async () => {
    const here = await world({ min: 2 });
    await order(here, nodeIn(here, "us-east-1a"));
    await here.minutes(3);
    expect(marked(here)).toEqual([]);
    expect(here.nodes().some(({ unschedulable }) => unschedulable)).toBe(false);
    expect(here.sizes()).toEqual([2, 2, 2]);
  });

  it("gives the node back when a budget holds its pods for ever, and says which pod", async () => {
    const here = await world({ seed: BUDGET_WITHOUT_SLACK });
    await order(here, nodeIn(here, "us-east-1a"));
    expect(marked(here)).toHaveLength(1);
    await here.minutes(12);
    expect(marked(here)).toEqual([]);
    expect(here.nodes().some(({ unschedulable }) => unschedulable)).toBe(false);
    expect(endings(here)).toEqual([]);
    expect(here.sizes()).toEqual([2, 2, 2]);
    expect(JSON.stringify(results(here))).toContain("The disruption budget web needs 6 healthy pods");
  });

  it("stops where the scaler took the mark away", async () => {
    const here = await world({ seed: BUDGET_WITHOUT_SLACK });
    const node = nodeIn(here, "us-east-1a");
    await order(here, node);
    const { store } = here.main.cluster.state;
    const object = store.get("nodes", "", node.name);
    store.replace("nodes", { ...object, spec: { providerID: object.spec?.providerID } });
    store.remove("poddisruptionbudgets", "default", "web");
    await here.minutes(5);
    expect(endings(here)).toEqual([]);
    expect(here.sizes()).toEqual([2, 2, 2]);
  });

  it("shrinks a group by exactly one when the call that ends the instance dies before, after or without its answer", async () => {
    const here = await world();
    const kinds = ["crash-before", "crash-after", "lost-answer"] as const;
    for (const [index, kind] of kinds.entries()) {
      const fault = here.account.faults.inject({
        kind,
        service: "autoscaling",
        operation: "TerminateInstanceInAutoScalingGroup",
      });
      await order(here, nodeIn(here, ZONES[index] ?? ""));
      await here.minutes(12);
      expect(fault.hits(), kind).toBe(1);
      expect(here.sizes()[index], kind).toBe(1);
      expect(here.nodes(), kind).toHaveLength(5 - index);
    }
  });
});

/** AWS takes one instance of the first zone by itself. */
async function shrinkFromOutside({ account }: World): Promise<void> {
  const client = new AutoScalingClient(clientFor(account));
  await client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: "workers-a", DesiredCapacity: 1 }));
  client.destroy();
}

describe("drain-nodes, by a lifecycle hook", () => {
  it("empties the node that AWS chose before it lets it go", async () => {
    const here = await world({ hook: true });
    await shrinkFromOutside(here);
    await here.minutes(6);
    expect(here.nodes()).toHaveLength(5);
    expect(hows(here)).toEqual(new Set(["evicted"]));
  });

  it("holds the termination back with heartbeats until the hard deadline, and says who was left", async () => {
    const here = await world({ hook: true, seed: BUDGET_WITHOUT_SLACK });
    await shrinkFromOutside(here);
    await here.minutes(18);
    // The hook alone would have let go after 5 minutes.
    expect(here.nodes()).toHaveLength(6);
    await here.minutes(5);
    expect(here.nodes()).toHaveLength(5);
    expect(JSON.stringify(results(here))).toContain("hard deadline passed with");
  });
});

describe("drain-nodes, by a Spot warning", () => {
  it("empties the node before AWS takes the instance", async () => {
    const here = await world();
    const node = nodeIn(here, "us-east-1b");
    here.account.machines.interrupt(node.machine?.instanceId ?? "");
    await here.minutes(4);
    expect(new Set(endings(here).map((ending) => ending.node))).toContain(node.name);
    expect(hows(here)).toEqual(new Set(["evicted"]));
  });
});

describe("drain-nodes, by a rebalance recommendation", () => {
  it("empties the node and has its group replace the instance", async () => {
    const here = await world();
    const node = nodeIn(here, "us-east-1c");
    here.account.machines.recommendRebalance(node.machine?.instanceId ?? "");
    // Nobody scales here, so that no replacement joins: the node is drained after `joinWithin`.
    await here.minutes(15);
    expect(hows(here)).toEqual(new Set());
    await here.minutes(5);
    expect(here.sizes()).toEqual([2, 2, 2]);
    expect(here.nodes()).toHaveLength(6);
    expect(here.nodes().map(({ name }) => name)).not.toContain(node.name);
    expect(hows(here)).toEqual(new Set(["evicted"]));
  });
});

describe("drain-nodes on a Spot Fleet", () => {
  it("lowers the target by what the emptied instances count for, and ends them", async () => {
    let fleet: Fleet | undefined;
    const here = await world({
      config: ({ ec2 }) => {
        const pools = [{ instanceType: "m5.xlarge", zone: "us-east-1a", weight: 2 }];
        const launch = { cluster: "main", labels: { pool: "spot" } };
        fleet = ec2.fleets.create({ target: 6, pools, launch });
        return `nodePools: { workers: { cluster: main, spotFleet: ${fleet.id}, max: 4, disruptionBudgets: [{ nodes: 2 }] } }`;
      },
    });
    if (!fleet) return expect.unreachable("no fleet");
    const busy = new Set(
      here.main.cluster.state.store
        .list("pods")
        .flatMap((pod) => (pod.metadata.labels?.app === "web" ? String(pod.spec?.nodeName) : [])),
    );
    // One with pods, so that there is something to evict; where the scheduler put them is its own affair.
    const going = here
      .nodes()
      .filter(({ labels }) => labels.pool === "spot")
      .toSorted((a, b) => Number(busy.has(b.name)) - Number(busy.has(a.name)))
      .slice(0, 2);
    await order(here, ...going);
    await here.minutes(6);
    expect(fleet.target).toBe(2);
    expect(here.account.ec2.fleets.members(fleet)).toHaveLength(1);
    const left = new Set(here.nodes().map(({ name }) => name));
    expect(going.filter(({ name }) => left.has(name))).toEqual([]);
    // Where the scheduler put no pod on them, there was none to evict.
    const hadPods = going.some(({ name }) => busy.has(name));
    expect(hows(here)).toEqual(new Set(hadPods ? ["evicted"] : []));
  });
});

it("drain-nodes without access says what is missing: the verb in its ClusterRole, or its access entry", async () => {
  const here = await world();
  const node = nodeIn(here, "us-east-1a");
  here.main.cluster.state.store.remove("clusterroles", "", "reflex");
  await order(here, node);
  expect(JSON.stringify(results(here))).toMatch(
    /needs a ClusterRole with the verb \\"(get|list)\\" on \\"nodes\\"/,
  );
  expect(JSON.stringify(results(here))).not.toContain("access-entry");
  here.main.accessEntries.clear();
  await order(here, node);
  expect(JSON.stringify(results(here))).toContain("access-entry");
});
