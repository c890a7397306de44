import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { setAside } from "../../../sandbox/autoscaling/group.ts";
import { isDraining, markPatch } from "../../../shared/kubernetes/drain-mark.ts";
import type { Node } from "../../../shared/kubernetes/node.ts";
import { Blocked, Misconfigured, RetryLater } from "../../../shared/lambda/errors.ts";
import { nodePools } from "../../../shared/node-pools/policy.ts";
import { Gate } from "../../node-pools/gate.ts";
import { MINUTE, TICK, type World } from "../../node-pools/world.ts";
import { type LedgerTable, startLedgerTable } from "../../shared/ledger/table.ts";
import {
  evictions,
  instanceOf,
  newMemory,
  nodesOf,
  orderFor,
  patchAs,
  resultsOf,
  twoPools,
} from "./a-pool.ts";

let db: LedgerTable;
let world: World;
beforeAll(async () => {
  db = await startLedgerTable();
});
afterEach(() => world.stop());
afterAll(() => db.stop());

const only = (nodes: readonly Node[]): Node => nodes[0] ?? expect.unreachable("no node");
const desired = () => world.autoScaling.groups.all().map((group) => group.desired);

/** A mark as Reflex writes it, by somebody who may patch nodes. */
const forge = (node: Node, nodePool: string, instanceId: string) =>
  patchAs(
    world,
    node,
    markPatch(node, {
      startedAt: world.clock.now(),
      cordonedAt: world.clock.now(),
      nodePool,
      cause: "scale-in",
      instanceId,
    }),
  );

async function settle(minutes = 5): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    await world.drain(TICK);
    await world.clock.advance(MINUTE);
  }
}

describe("a mark that somebody else wrote", () => {
  it.each([
    ["an instance of the same pool", "workers", "workers", "workers"],
    ["an instance of another pool", "workers", "workers", "others"],
    ["another pool, with the node's own instance", "workers", "others", "workers"],
  ])("that names %s ends nothing, evicts nothing, and is removed", async (_, on, nodePool, target) => {
    world = await twoPools(await newMemory(db));
    const node = only(nodesOf(world, on));
    const other = nodePool === on ? (nodesOf(world, target).at(-1) ?? node) : node;
    await forge(node, nodePool, instanceOf(other));
    await settle();
    expect(desired()).toEqual([3, 3]);
    expect(evictions(world)).toBe(0);
    expect(world.nodes().filter((each) => each.unschedulable || isDraining(each))).toEqual([]);
    expect(world.notifications).toHaveLength(1);
  });

  it("that names a lifecycle hook completes no other instance's", async () => {
    world = await twoPools(await newMemory(db), { minAvailable: 6 });
    const groups = world.autoScaling.groups;
    groups.get("others").hooks.set("drain", {
      name: "drain",
      transition: "autoscaling:EC2_INSTANCE_TERMINATING",
      heartbeatSeconds: 3600,
      defaultResult: "ABANDON",
    });
    groups.setDesired("others", 2);
    await world.clock.advance(0);
    world.takeEvents();
    const node = only(nodesOf(world, "workers"));
    const now = world.clock.now();
    const hook = { name: "drain", heartbeatTimeoutMs: 1_000, lastHeartbeatAt: now };
    const mark = { startedAt: now, cordonedAt: now, nodePool: "workers", instanceId: instanceOf(node) };
    await patchAs(world, node, markPatch(node, { ...mark, cause: "lifecycle-hook", hook }));
    await settle();
    const states = [...groups.get("others").members.values()].map(({ state }) => state);
    expect(states).toContain("Terminating:Wait");
  });
});

describe("an order", () => {
  it("for an instance of another pool is refused", async () => {
    world = await twoPools(await newMemory(db));
    const node = only(nodesOf(world, "others"));
    expect(await resultsOf(world, orderFor("workers", [node]))).toMatchObject([
      { outcome: "refused", reason: { code: "foreign-pool" } },
    ]);
    expect(world.nodes().filter(isDraining)).toEqual([]);
  });

  it("is void when a newer plan of the scaler stands", async () => {
    const memory = await newMemory(db);
    const { ledger } = memory;
    world = await twoPools(memory);
    const [first, second] = nodesOf(world, "workers");
    if (!first || !second) return expect.unreachable("no nodes");
    for (const id of ["plan-1", "plan-2"]) {
      const seen = await ledger.history("node-pool/workers", 0);
      const intent = {
        id,
        at: world.clock.now(),
        automation: "scale-node-pools",
        action: "drain",
        direction: "in" as const,
        from: 3,
        to: 2,
        reasons: [],
        evidence: {},
        trigger: "schedule",
      };
      const lease = await ledger.begin(seen, intent, id);
      await ledger.finish(lease, { result: "applied", at: world.clock.now() });
      await world.clock.advance(MINUTE);
    }
    expect(await resultsOf(world, orderFor("workers", [first], "plan-1"))).toMatchObject([
      { outcome: "refused", reason: { code: "superseded-plan" } },
    ]);
    expect(await resultsOf(world, orderFor("workers", [second], "plan-2"))).toMatchObject([
      { outcome: "draining" },
    ]);
  });
});

describe("a person's kubectl uncordon", () => {
  it("ends the drain: the mark goes, the node stays, and is left alone for a while", async () => {
    world = await twoPools(await newMemory(db), { minAvailable: 6 });
    const node = only(nodesOf(world, "workers"));
    await world.drain(orderFor("workers", [node]));
    const draining = world.nodes().find(({ name }) => name === node.name) ?? node;
    await patchAs(world, draining, { spec: { unschedulable: false } });
    expect(await resultsOf(world, TICK)).toMatchObject([
      { outcome: "stopped", reason: { code: "uncordoned" } },
    ]);
    expect(world.nodes().filter((each) => each.unschedulable || isDraining(each))).toEqual([]);
    expect(await resultsOf(world, orderFor("workers", [node]))).toMatchObject([
      { outcome: "refused", reason: { code: "recently-cancelled" } },
    ]);
  });

  it("of a node with the taint removed leaves nothing of the mark", async () => {
    world = await twoPools(await newMemory(db), { minAvailable: 6 });
    const node = only(nodesOf(world, "workers"));
    await world.drain(orderFor("workers", [node]));
    const draining = world.nodes().find(({ name }) => name === node.name) ?? node;
    await patchAs(world, draining, { spec: { taints: [] } });
    await world.drain(TICK);
    const left = world.nodes().find(({ name }) => name === node.name);
    expect(left).toMatchObject({ unschedulable: true });
    expect(Object.keys({ ...left?.labels, ...left?.annotations }).join()).not.toMatch(/reflex/);
  });
});

describe("mode observe in the middle of a drain", () => {
  it("notifies once that the node stays cordoned, and its age goes on", async () => {
    world = await twoPools(await newMemory(db), { minAvailable: 6 });
    const node = only(nodesOf(world, "workers"));
    await world.drain(orderFor("workers", [node]));
    const { workers, others } = world.pools;
    if (!workers || !others) return expect.unreachable("no pools");
    world.pools = { ...nodePools.parse({}), workers: { ...workers, mode: "observe" }, others };
    for (const _ of [1, 2]) {
      await world.clock.advance(MINUTE);
      expect(await resultsOf(world, TICK)).toMatchObject([
        {
          outcome: "stopped",
          reason: { code: "mode-observe", text: expect.stringContaining("kubectl uncordon") },
        },
      ]);
    }
    expect(world.notifications.map(({ headline }) => headline)).toEqual([
      `workers: node ${node.name} is no longer being drained`,
    ]);
    expect(await resultsOf(world, { nodePool: "workers", mode: "observe" })).toEqual([]);
  });

  it("of a trigger by hand drains nothing of a pool that acts", async () => {
    world = await twoPools(await newMemory(db));
    const node = only(nodesOf(world, "workers"));
    await world.drain(orderFor("workers", [node]));
    expect(await resultsOf(world, { nodePool: "workers", mode: "observe" })).toEqual([]);
  });
});

describe("a cluster whose last pool leaves the config in the middle of a drain", () => {
  /** The config without its pools; what the cluster answers is `answer`'s. */
  async function given(answer?: Error): Promise<Node> {
    world = await twoPools(await newMemory(db), { minAvailable: 6 });
    const node = only(nodesOf(world, "workers"));
    await world.drain(orderFor("workers", [node]));
    await world.drain(TICK);
    world.pools = {};
    const clients = world.clients.bind(world);
    world.clients = (gate) => ({
      ...clients(gate),
      ...(answer && { clusters: () => Promise.reject(answer) }),
    });
    await world.clock.advance(MINUTE);
    return node;
  }

  it("has its nodes uncordoned", async () => {
    const { name } = await given();
    expect(await resultsOf(world, TICK)).toMatchObject([
      { node: name, outcome: "cancelled", reason: { code: "pool-removed" } },
    ]);
    expect(world.nodes().filter((each) => each.unschedulable || isDraining(each))).toEqual([]);
    await world.drain(TICK);
    expect(await world.openDrains(new Gate()).read(new AbortController().signal)).toEqual({});
  });

  it("and that cannot be asked any more: you are notified once of each node, with what undoes it", async () => {
    const { name } = await given(new Blocked("AccessDeniedException: not authorized to eks:DescribeCluster"));
    const reason = { code: "cluster-removed", text: expect.stringContaining(`kubectl uncordon ${name}`) };
    for (const _ of [1, 2]) {
      expect(await resultsOf(world, TICK)).toMatchObject([{ node: name, outcome: "stopped", reason }]);
      await world.clock.advance(MINUTE);
    }
    expect(world.notifications.map(({ headline }) => headline)).toEqual([
      `workers: node ${name} is no longer being drained`,
    ]);
    await world.clock.advance(7 * 24 * 60 * MINUTE);
    expect(await resultsOf(world, TICK)).toEqual([]);
  });

  it("and that exists no longer is forgotten", async () => {
    await given(new Misconfigured('there is no EKS cluster "main"'));
    expect(await resultsOf(world, TICK)).toEqual([]);
    expect(await world.openDrains(new Gate()).read(new AbortController().signal)).toEqual({});
  });
});

describe("a node that is being drained, and whose instance a person has", () => {
  async function given(): Promise<Node> {
    world = await twoPools(await newMemory(db), { minAvailable: 6 });
    const node = only(nodesOf(world, "workers"));
    await world.drain(orderFor("workers", [node]));
    await world.clock.advance(MINUTE);
    return node;
  }
  const now = (name: string) => world.nodes().find((each) => each.name === name);
  const told = () => world.notifications.map(({ headline }) => headline);

  it.each([
    ["detached from its group", "detach", "left-group"],
    ["put into standby", "standby", "not-in-service"],
  ] as const)("%s: is given back at once, and you are notified", async (_, how, code) => {
    const node = await given();
    setAside(world.autoScaling.groups.get("workers"), instanceOf(node), how);
    expect(await resultsOf(world, TICK)).toMatchObject([{ outcome: "cancelled", reason: { code } }]);
    expect(now(node.name)).toMatchObject({ unschedulable: false });
    expect(isDraining(now(node.name) ?? node)).toBe(false);
    await settle(20);
    expect(evictions(world)).toBe(0);
    expect(told()).toEqual([`workers: node ${node.name} could not be drained and stays`]);
  });

  it("terminated by hand: its mark goes with the node, and nobody is asked for anything", async () => {
    const node = await given();
    world.machines.terminate(instanceOf(node));
    await settle(20);
    expect(now(node.name)).toBeUndefined();
    expect(told()).toEqual([]);
  });

  it("terminated through its group, which holds it by a hook of somebody else: the drain ends, the cordon stays", async () => {
    const node = await given();
    const { groups } = world.autoScaling;
    const hook = { name: "upload-logs", transition: "autoscaling:EC2_INSTANCE_TERMINATING" } as const;
    groups
      .get("workers")
      .hooks.set(hook.name, { ...hook, heartbeatSeconds: 3600, defaultResult: "CONTINUE" });
    groups.terminate(instanceOf(node), false);
    await world.clock.advance(0);
    // Its event is on its way.
    world.takeEvents();
    expect(await resultsOf(world, TICK)).toMatchObject([
      { outcome: "gone", reason: { code: "terminating" } },
    ]);
    await settle(20);
    expect(now(node.name)).toMatchObject({ unschedulable: true });
    expect(isDraining(now(node.name) ?? node)).toBe(false);
    expect(groups.memberOf(instanceOf(node))?.member.state).toBe("Terminating:Wait");
    expect(told()).toEqual([]);
  });
});

describe("of several clusters, one that refuses", () => {
  /** `workers` is in cluster `main`; `others` in one that answers with `refusal`, as long as there is one. */
  async function given(): Promise<{ refusal: Error | undefined }> {
    world = await twoPools(await newMemory(db), { minAvailable: 6 });
    const { workers, others } = world.pools;
    if (!workers || !others) return expect.unreachable("no pools");
    world.pools = { workers, others: { ...others, cluster: "second" } };
    const answer = { refusal: new Blocked("the API server knows nobody") as Error | undefined };
    const clients = world.clients.bind(world);
    world.clients = (gate) => {
      const usual = clients(gate);
      const clusters = (name = "main") =>
        answer.refusal && name === "second" ? Promise.reject(answer.refusal) : usual.clusters();
      return { ...usual, clusters };
    };
    return answer;
  }
  const told = () => world.notifications.map(({ resource, state }) => `${resource} ${state}`);

  it("stops no drain of another, and the run has not failed: it is reported, until it answers again", async () => {
    const answer = await given();
    const node = only(nodesOf(world, "workers"));
    await world.drain(orderFor("workers", [node]));
    for (let minute = 0; minute < 3; minute += 1) {
      expect(await world.drain(TICK)).toMatchObject({
        nodes: [{ node: node.name, outcome: "draining" }],
        failed: ["the API server knows nobody"],
      });
      await world.clock.advance(MINUTE);
    }
    expect(told()).toEqual(["cluster/second begin"]);
    world.cluster.state.store.remove("poddisruptionbudgets", "default", "web");
    await world.drain(TICK);
    expect(evictions(world)).toBeGreaterThan(0);
    answer.refusal = undefined;
    await settle(7);
    expect(told()).toEqual(["cluster/second begin", "cluster/second end"]);
  });

  it("for a moment is nobody's business", async () => {
    const answer = await given();
    answer.refusal = new RetryLater("the API server gave no answer");
    expect(await world.drain(TICK)).toMatchObject({ later: ["the API server gave no answer"] });
    await world.clock.advance(2 * MINUTE);
    await world.drain(TICK);
    expect(told()).toEqual([]);
  });

  it("with all the others fails the run", async () => {
    await given();
    const { others } = world.pools;
    world.pools = others ? { others } : {};
    expect(await world.drain(TICK)).toEqual(new Blocked("the API server knows nobody"));
  });
});

describe("what this version cannot read", () => {
  /** As a newer Kubernetes might have it. */
  const withTaint = (node: Node): void => {
    const { store } = world.cluster.state;
    const object = store.get("nodes", "", node.name);
    const taints = [...node.taints, { key: "age", effect: "NoBinding" }];
    store.replace("nodes", { ...object, spec: { ...object.spec, taints } });
  };
  const inPods = (node: Node, change: (spec: object) => object, ownedBy: string): void => {
    const { store } = world.cluster.state;
    for (const object of store.list("pods"))
      if (object.spec?.nodeName === node.name && object.metadata.ownerReferences?.[0]?.kind === ownedBy)
        store.replace("pods", { ...object, spec: { ...object.spec, ...change(object.spec ?? {}) } });
  };
  const newer = () => ({ tolerations: [{ key: "age", operator: "Lt", value: "5" }] });

  it("on a marked node stops its own drain, says so, and no other node's", async () => {
    world = await twoPools(await newMemory(db), { minAvailable: 6 });
    const [first, second] = nodesOf(world, "workers");
    if (!first || !second) throw new Error("no node");
    await forge(first, "workers", instanceOf(first));
    await forge(second, "others", instanceOf(second));
    for (const node of world.nodes()) if (node.name === first.name) withTaint(node);
    const results = await resultsOf(world, TICK);
    expect(results.map(({ node, reason }) => [node, reason.code])).toEqual(
      expect.arrayContaining([
        [first.name, "node-unreadable"],
        [second.name, "foreign-pool"],
      ]),
    );
    expect(world.notifications.some(({ headline }) => headline.includes(first.name))).toBe(true);
  });

  it("in a pod keeps its node from being drained", async () => {
    world = await twoPools(await newMemory(db));
    const node = only(nodesOf(world, "workers"));
    inPods(node, newer, "ReplicaSet");
    const results = await resultsOf(world, orderFor("workers", [node]));
    expect(results).toMatchObject([{ outcome: "refused", reason: { code: "pod-not-movable" } }]);
    expect(evictions(world)).toBe(0);
  });

  it("in the pod of a DaemonSet is no matter: it goes with its node", async () => {
    world = await twoPools(await newMemory(db));
    const node = only(nodesOf(world, "workers"));
    inPods(node, newer, "DaemonSet");
    await resultsOf(world, orderFor("workers", [node]));
    await settle(3);
    expect(world.autoScaling.groups.get("workers").desired).toBe(2);
  });
});
