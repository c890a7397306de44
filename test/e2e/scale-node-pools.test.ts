import { describe, expect, it } from "vitest";
import { budget, daemonSet, deployment } from "../node-pools/seeds.ts";
import { type NodePoolsAccount, startNodePools } from "./node-pools-account.ts";

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

/** Both automations beside a cluster of three zones with one node in each. */
async function world() {
  const here = await startNodePools({
    awake: ["scale-node-pools", "drain-nodes"],
    config: CONFIG,
    desired: 1,
  });
  here.main.cluster.create(daemonSet("logs"));
  return here;
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
    expect(results(here).at(-1)).toMatchObject({ pools: [{ verdict: "hold", did: "nothing" }] });
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
    expect(here.told()).toHaveLength(1);
  });

  it.each(["crash-before", "crash-after", "lost-answer"] as const)(
    "comes to the same size when a call that orders nodes meets a %s",
    async (kind) => {
      const here = await world();
      const fault = here.account.faults.inject({
        kind,
        service: "autoscaling",
        operation: "SetDesiredCapacity",
      });
      here.main.cluster.create(WEB);
      await here.minutes(6);
      expect(fault.hits()).toBe(1);
      expect(here.sizes()).toEqual([3, 3, 3]);
      expect(here.waiting()).toEqual([]);
    },
  );
});
