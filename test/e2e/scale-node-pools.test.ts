import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { type Account, startAccount } from "../../sandbox/account.ts";
import type { EksCluster } from "../../sandbox/eks/clusters.ts";
import { asNode, asPod } from "../../sandbox/kubernetes/parsed.ts";
import { budget, daemonSet, deployment } from "../node-pools/world.ts";
import { createWorkers } from "./workers.ts";

const MINUTE = 60_000;
const START = Date.parse("2030-01-01T00:00:30Z");
const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];
const FUNCTION = "reflex-dev-scale-node-pools";

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

/** The packaged functions beside a cluster of three zones with one node in each. */
async function world() {
  const REFLEX_CONFIG = join(folder, "config.yml");
  writeFileSync(REFLEX_CONFIG, CONFIG);
  const running = await startAccount({
    packageDir: inject("packageDir"),
    environment: { [FUNCTION]: { REFLEX_CONFIG }, "reflex-dev-drain-nodes": { REFLEX_CONFIG } },
    speed: 0,
    start: START,
    log: (line) => expect.unreachable(line),
  });
  account = running;
  const main = await running.eks.clusters.create("main");
  createWorkers(running, ZONES, { max: 6, desired: 1 });
  await running.clock.advance(MINUTE);
  main.cluster.create(daemonSet("logs"));
  const results = () =>
    running.lambda
      .invocations()
      .filter(({ functionName }) => functionName === FUNCTION)
      .map(({ result }) => (result.ok ? JSON.parse(result.payload) : result.error));
  return { running, main, results };
}

const desired = ({ autoScaling }: Account) => autoScaling.groups.all().map((group) => group.desired);
const waiting = ({ cluster }: EksCluster) =>
  cluster.state.store
    .list("pods")
    .map(asPod)
    .filter(({ nodeName }) => nodeName === undefined);

function resize({ cluster }: EksCluster, replicas: number): void {
  const { store } = cluster.state;
  const web = store.get("deployments", "default", "web");
  store.replace("deployments", { ...web, spec: { ...web.spec, replicas } });
  cluster.settle();
}

describe("scale-node-pools, packaged, by its schedule", () => {
  it("grows at once, balanced over the zones, and shrinks node by node within the budget when the load is gone", async () => {
    const { running, main, results } = await world();
    main.cluster.create(deployment("web", 24, { milliCpu: 500 }), budget("web", 3));
    await running.clock.advance(MINUTE);
    // 12 cores of 1.91 at 70 %: 9 nodes.
    expect(desired(running)).toEqual([3, 3, 3]);
    await running.clock.advance(2 * MINUTE);
    expect(waiting(main)).toEqual([]);

    resize(main, 4);
    await running.clock.advance(25 * MINUTE);
    expect(desired(running)).toEqual([1, 1, 1]);
    expect(
      main.cluster.state.store
        .list("nodes")
        .map(asNode)
        .some(({ unschedulable }) => unschedulable),
    ).toBe(false);
    const endings = main.cluster.endings();
    expect(endings.filter(({ how }) => how !== "evicted")).toEqual([]);
    expect(results().filter((result) => !("pools" in result))).toEqual([]);
    expect(results().at(-1)).toMatchObject({ pools: [{ verdict: "hold", did: "nothing" }] });
  });

  it("says which entry is missing when the cluster does not know it, and changes nothing", async () => {
    const { running, main, results } = await world();
    main.accessEntries.clear();
    main.cluster.create(deployment("web", 24, { milliCpu: 500 }));
    await running.clock.advance(MINUTE);
    expect(results().at(-1)).toMatchObject({
      errorType: "Blocked",
      errorMessage: expect.stringContaining("access-entry"),
    });
    expect(desired(running)).toEqual([1, 1, 1]);
  });

  it("names the verb its ClusterRole lacks", async () => {
    const { running, main, results } = await world();
    main.cluster.state.store.remove("clusterroles", "", "reflex");
    await running.clock.advance(MINUTE);
    expect(JSON.stringify(results().at(-1))).toMatch(/needs a ClusterRole with the verb \\"list\\" on/);
  });

  it("orders once when its event is delivered twice at the same time", async () => {
    const { running, main } = await world();
    main.cluster.create(deployment("web", 24, { milliCpu: 500 }));
    const arn = `arn:aws:lambda:us-east-1:000000000000:function:${FUNCTION}`;
    await Promise.all([
      running.deliveries.toFunction(arn, { nodePool: "workers" }),
      running.deliveries.toFunction(arn, { nodePool: "workers" }),
    ]);
    await running.clock.advance(0);
    expect(desired(running)).toEqual([3, 3, 3]);
    expect(running.sns.published()).toHaveLength(1);
  });

  it.each(["crash-before", "crash-after", "lost-answer"] as const)(
    "comes to the same size when a call that orders nodes meets a %s",
    async (kind) => {
      const { running, main } = await world();
      running.faults.inject({ kind, service: "autoscaling", operation: "SetDesiredCapacity" });
      main.cluster.create(deployment("web", 24, { milliCpu: 500 }));
      await running.clock.advance(6 * MINUTE);
      expect(desired(running)).toEqual([3, 3, 3]);
      expect(waiting(main)).toEqual([]);
    },
  );
});
