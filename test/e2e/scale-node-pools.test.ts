import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { automation as scaleNodePools } from "../../functions/scale-node-pools/automation.ts";
import { budget, daemonSet, deployment } from "../../sandbox/fixtures/seeds.ts";
import type { SeedObject } from "../../sandbox/kubernetes/cluster.ts";
import { endpointsOf } from "../../scripts/docs/endpoints-table.ts";
import { DRAIN_ANNOTATION, DRAIN_LABEL, readDrainMark } from "../../shared/kubernetes/drain-mark.ts";
import { DRAIN_TAINT } from "../../shared/kubernetes/scheduling/toleration.ts";
import { reflex } from "./incidents/reflex-command.ts";
import { type NodePoolsAccount, startNodePools, ZONES } from "./setup/node-pools-account.ts";

const CONFIG = `
nodePools:
  workers:
    cluster: main
    autoScalingGroups: [workers-a, workers-b, workers-c]
    min: 3
    max: 12
    scaleInAfter: 2m
    scaleInDelay: 2m
    disruptionBudgets: [{ nodes: 2 }]
`;

/** A pool for each zone. */
const CONFIG_BY_ZONE = `
nodePools:
  a: { cluster: main, autoScalingGroups: [workers-a], min: 1 }
  b: { cluster: main, autoScalingGroups: [workers-b], min: 1 }
  c: { cluster: main, autoScalingGroups: [workers-c], min: 1 }
`;

/** Both automations beside a cluster of three zones with one node in each. */
async function world(config = CONFIG) {
  const here = await startNodePools({
    awake: ["scale-node-pools", "drain-nodes"],
    config,
    desired: 1,
  });
  here.main.cluster.create(daemonSet("logs"));
  return here;
}

/** The application with all its pods in one zone. */
function inZone(app: SeedObject, zone = ""): SeedObject {
  const { template, ...spec } = z
    .looseObject({ template: z.looseObject({ spec: z.looseObject({}) }) })
    .parse(app.spec);
  const nodeSelector = { "topology.kubernetes.io/zone": zone };
  return { ...app, spec: { ...spec, template: { ...template, spec: { ...template.spec, nodeSelector } } } };
}

const results = (here: NodePoolsAccount) => here.results("scale-node-pools");

const hasPools = (result: unknown): boolean =>
  typeof result === "object" && result !== null && "pools" in result;

function resize({ main: { cluster } }: NodePoolsAccount, replicas: number): void {
  const { store } = cluster.state;
  const web = store.get("deployments", "default", "web");
  store.replace("deployments", { ...web, spec: { ...web.spec, replicas } });
  cluster.settle();
}

/** Nine nodes: 12 cores of 1.91 at 70 %. */
const WEB = deployment("web", 24, { milliCpu: 500 });

describe("scale-node-pools, packaged, by its schedule", () => {
  it("grows at once, balanced over the zones, and shrinks node by node within the budget when the load is gone", async () => {
    const here = await world();
    here.main.cluster.create(WEB, budget("web", 3));
    await here.minutes(1);
    expect(here.sizes()).toEqual([3, 3, 3]);
    await here.minutes(2);
    expect(here.waiting()).toEqual([]);

    resize(here, 4);
    await here.minutes(25);
    expect(here.sizes()).toEqual([1, 1, 1]);
    expect(here.nodes().some(({ unschedulable }) => unschedulable)).toBe(false);
    expect(here.main.cluster.endings().filter(({ how }) => how !== "evicted")).toEqual([]);
    expect(results(here).filter((result) => !hasPools(result))).toEqual([]);
    expect(results(here).at(-1)).toMatchObject({ pools: [{ verdict: "hold", action: "none" }] });
  });

  it("says what access it lacks, the verb in its ClusterRole or its access entry, and changes nothing", async () => {
    const here = await world();
    here.main.cluster.create(WEB);
    here.main.cluster.state.store.remove("clusterroles", "", "reflex");
    await here.minutes(1);
    expect(results(here).at(-1)).toMatchObject({
      errorType: "Blocked",
      errorMessage: expect.stringMatching(/needs a ClusterRole with the verb "list" on/),
    });
    here.main.accessEntries.clear();
    await here.minutes(1);
    expect(results(here).at(-1)).toMatchObject({
      errorType: "Blocked",
      errorMessage: expect.stringContaining("access-entry"),
    });
    expect(here.sizes()).toEqual([1, 1, 1]);
  });

  it("orders once when its event is delivered twice at the same time", async () => {
    const here = await world();
    here.main.cluster.create(WEB);
    const delivery = () => here.wake("scale-node-pools", { nodePool: "workers" });
    await Promise.all([delivery(), delivery()]);
    expect(here.sizes()).toEqual([3, 3, 3]);
    expect(here.account.calls.where({ operation: "SetDesiredCapacity" })).toHaveLength(3);
    expect(here.notifications()).toHaveLength(1);
  });

  it("comes to the same size when the call that orders nodes dies before, after or without its answer", async () => {
    const kinds = ["crash-before", "crash-after", "lost-answer"] as const;
    const here = await world(CONFIG_BY_ZONE);
    for (const [index, kind] of kinds.entries()) {
      const fault = here.account.faults.inject({
        kind,
        service: "autoscaling",
        operation: "SetDesiredCapacity",
      });
      here.main.cluster.create(inZone(deployment(kind, 8, { milliCpu: 500 }), ZONES[index]));
      await here.minutes(6);
      expect(fault.hits(), kind).toBe(1);
      expect(here.sizes()[index], kind).toBe(3);
      expect(here.waiting(), kind).toEqual([]);
    }
  });
});

/** The command that the newest notification of a change names, as a person runs it. */
function undoLast(here: NodePoolsAccount) {
  const command =
    here.notifications().findLast(({ undo = "" }) => undo.startsWith("reflex undo "))?.undo ?? "";
  return reflex(here.account, ...command.split(" ").slice(1));
}

type Node = ReturnType<NodePoolsAccount["nodes"]>[number];

/** Being drained, with pods that are not evicted yet. */
const isBeingEmptied = (node: Node): boolean => {
  const mark = readDrainMark(node);
  return mark !== undefined && !mark.ending && mark.endedAt === undefined;
};

const marksOf = ({ unschedulable, taints, labels, annotations }: Node) => ({
  unschedulable,
  tainted: taints.some(({ key }) => key === DRAIN_TAINT),
  labelled: DRAIN_LABEL in labels,
  annotated: DRAIN_ANNOTATION in annotations,
});

it("reflex undo takes back a size that AWS has not filled, and a drain that is under way; else it says why not", async () => {
  const here = await world();
  const { account, main } = here;
  for (const zone of ZONES) account.machines.limit(zone, 0);
  // One to a node.
  main.cluster.create(deployment("web", 6, { milliCpu: 1000 }));
  await here.wake("scale-node-pools", { nodePool: "workers" });
  expect(here.sizes()).toEqual([2, 2, 2]);
  expect(await undoLast(here)).toEqual({
    code: 0,
    stdout: expect.stringMatching(
      /^Undone: workers-a 2 -> 1; workers-b 2 -> 1; workers-c 2 -> 1\n.*\nnode-pool\/workers is paused/,
    ),
    stderr: "",
  });
  await here.minutes(1);
  expect(here.sizes()).toEqual([1, 1, 1]);
  expect((await undoLast(here)).stderr).toMatch(/^Not undone: it is undone already, by reflex undo by /);

  for (const zone of ZONES) account.machines.limit(zone);
  expect(await reflex(account, "resume", "node-pool/workers")).toMatchObject({ code: 0 });
  await here.minutes(1);
  expect(await undoLast(here)).toEqual({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(
      /^Not undone: workers-a has 2 instances already; .* AWS would choose which/,
    ),
  });
  expect(here.sizes()).toEqual([2, 2, 2]);

  // A drain: uncordoned, untainted, unmarked.
  await here.minutes(1);
  // One to a node, beside the other.
  main.cluster.create(deployment("side", 6, { milliCpu: 600 }));
  account.faults.inject({
    ...{ kind: "server-error", service: "kubernetes", operation: "create pods/eviction", times: 1e6 },
  });
  resize(here, 0);
  for (let minute = 0; minute < 5 && !here.nodes().some(isBeingEmptied); minute += 1) await here.minutes(1);
  const [kept = "", gone = "", ...others] = here
    .nodes()
    .flatMap((node) => (isBeingEmptied(node) ? [node.name] : []));
  expect([gone === "", others]).toEqual([false, []]);
  main.cluster.state.store.remove("nodes", "", gone);
  expect(await undoLast(here)).toEqual({
    code: 0,
    stdout: expect.stringContaining(
      `Undone: uncordon ${kept} and remove the taint\n  ${gone} is gone, and does not come back\n`,
    ),
    stderr: "",
  });
  account.faults.clear();
  // The pool is paused, and nothing of the drain goes on.
  await here.minutes(1);
  expect(
    here
      .nodes()
      .filter(({ name }) => name === kept)
      .map(marksOf),
  ).toEqual([{ unschedulable: false, tainted: false, labelled: false, annotated: false }]);
  expect(main.cluster.endings().filter(({ node }) => node === kept)).toEqual([]);
});

describe("scale-node-pools whose cluster has a private endpoint alone", () => {
  const inVpc = (...subnets: readonly string[]) => `
account:
  vpc: { us-east-1: { subnets: [${subnets}], securityGroups: [sg-f] } }
${CONFIG}`;
  const endpoints = endpointsOf(scaleNodePools);

  it("grows by what docs/accounts.md names; what is missing is named with what it means, and nothing is changed", async () => {
    const here = await startNodePools({
      ...{ awake: ["scale-node-pools"], config: CONFIG, desired: 1, privateCluster: true },
      environment: { AWS_MAX_ATTEMPTS: "1" },
    });
    const { network } = here.account;
    const vpc = {
      subnets: { "subnet-a": "nowhere", "subnet-b": "nat-gateway" },
      securityGroups: ["sg-f"],
      endpoints,
    } as const;
    network.vpc = vpc;
    here.main.cluster.create(WEB);
    const next = async () => {
      await here.minutes(1);
      return results(here).at(-1);
    };
    const noAnswer =
      "cluster \"main\" gave no answer to list nodes (no connection within 3 s): the next run asks again. Its endpoint is private: the function must be in its VPC (`account.vpc`), and the cluster's security group must let the function's in (docs/accounts.md)";
    expect(await next()).toMatchObject({ pools: [], later: [noAnswer] });

    network.vpc = { ...vpc, endpoints: endpoints.filter((name) => name !== "eks") };
    await here.configure(inVpc("subnet-a"));
    expect(await next()).toMatchObject({
      pools: [],
      later: [
        expect.stringMatching(
          /^eks:DescribeCluster .*\. The next run tries again\. In a VPC the function needs a NAT gateway or an endpoint of eks \(docs\/accounts\.md\)$/,
        ),
      ],
    });

    network.vpc = vpc;
    await here.configure(inVpc("subnet-a", "subnet-b"));
    expect(await next()).toMatchObject({ pools: [], later: [noAnswer] });
    expect(here.sizes()).toEqual([1, 1, 1]);

    here.main.admits = ["sg-f"];
    await next();
    expect(here.sizes()).toEqual([3, 3, 3]);
  });
});
