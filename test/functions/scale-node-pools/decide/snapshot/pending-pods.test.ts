import { describe, expect, test } from "vitest";
import { decide } from "../../../../../functions/scale-node-pools/decide/decide.ts";
import type {
  Cluster,
  ClusterNode,
  Group,
  Pod,
} from "../../../../../functions/scale-node-pools/model/cluster.ts";
import type { Decision } from "../../../../../functions/scale-node-pools/model/decision.ts";
import type { PoolStatus } from "../../../../../functions/scale-node-pools/model/pool-status.ts";
import { cluster, group, LOW_FOR_LONG, MINUTE, machine, NOW, pod, pool, shape, zonal } from "../../given.ts";

const HOUR = 60 * MINUTE;

const one = (...args: Parameters<typeof decide>): Decision => {
  const [decision] = decide(...args);
  if (!decision) throw new Error("no decision");
  return decision;
};

describe("a workload whose pods stay pending although there is room", () => {
  /** A Job every 30 minutes, whose pod the scheduler refuses for a reason nobody knows; its nodes arrive in two minutes. */
  function live(hours: number) {
    let nodes: ClusterNode[] = [];
    let instances: Group["instances"] = [];
    let status: PoolStatus = {};
    let launched = 0;
    const desired = () => instances.length;
    const add = (now: number, number: number) => {
      for (let index = 0; index < number; index++) {
        const { node, instance } = machine(`n${launched++}`, {
          node: { createdAt: now + 2 * MINUTE },
          instance: { launchedAt: now },
        });
        nodes = [...nodes, node];
        instances = [...instances, instance];
      }
    };
    add(NOW - 10 * HOUR, 2);
    const before = launched;
    for (let now = NOW; now < NOW + hours * HOUR; now += MINUTE) {
      const age = (now - NOW) % (30 * MINUTE);
      const job = pod({
        id: `default/job-${now - age}`,
        owner: "default/CronJob/job",
        shape: shape({ cpu: 100 }),
        createdAt: now - age,
      });
      const of = pool(
        [group("workers", instances, { desired: desired(), max: 100 })],
        { scaleInAfter: "100h" },
        { status },
      );
      const present = nodes.filter(({ createdAt }) => createdAt <= now);
      const decision = one(cluster(present, [job]), [of], now);
      const [change] = decision.capacityChanges;
      if (change) add(now, change.to - change.from);
      status = JSON.parse(JSON.stringify(decision.status));
    }
    return { launched: launched - before, status };
  }

  test("gets one node, then less and less often one more", () => {
    expect(live(1).launched).toBe(1);
    const { launched, status } = live(24);
    expect(launched).toBeLessThanOrEqual(5);
    expect(status.owners?.["default/CronJob/job"]?.failures).toBe(launched);
  });

  const stuck = {
    owners: { "default/CronJob/job": { stuckSince: NOW - HOUR, failures: 1, until: NOW + HOUR } },
  };

  test("does not hold the scale-in, and is explained with the scheduler's own words", () => {
    const { nodes, groups } = zonal([3]);
    const job = pod({ owner: "default/CronJob/job", schedulerMessage: "0/3 nodes are available: strange" });
    const low = pool(groups, {}, { status: { ...LOW_FOR_LONG.status, ...stuck } });
    const decision = one(cluster(nodes, [job]), [low], NOW);
    expect(decision.verdict).toBe("scale-in");
    expect(decision.warnings).toMatchObject([
      {
        code: "pods-stuck-pending",
        about: "default/CronJob/job",
        text: expect.stringContaining("0/3 nodes are available: strange"),
      },
    ]);
  });

  test("does not keep another workload from getting its nodes", () => {
    const { nodes, groups } = zonal([1]);
    const job = pod({ owner: "default/CronJob/job", shape: shape({ cpu: 1900 }) });
    const other = pod({ owner: "default/Deployment/web", shape: shape({ cpu: 1900 }) });
    const full = pod({ node: "a1", shape: shape({ cpu: 1900 }) });
    const of = pool(groups, { targetUtilisation: 100 }, { status: stuck });
    expect(one(cluster(nodes, [full, job, other]), [of], NOW)).toMatchObject({ from: 1, to: 2 });
  });

  test("gets its node again after the back-off", () => {
    const { nodes, groups } = zonal([1]);
    const job = pod({ owner: "default/CronJob/job", shape: shape({ cpu: 1900 }) });
    const full = pod({ node: "a1", shape: shape({ cpu: 1900 }) });
    const of = pool(groups, { targetUtilisation: 100 }, { status: stuck });
    expect(one(cluster(nodes, [full, job]), [of], NOW + HOUR).to).toBe(2);
  });
});

describe("a pod that waits for something else than a node", () => {
  test.each<[string, Partial<Pod>]>([
    ["its claim does not exist", { unplaceable: "its PersistentVolumeClaim data does not exist" }],
    [
      "the scheduler says so",
      { schedulerMessage: '0/3 nodes are available: persistentvolumeclaim "data" not found.' },
    ],
  ])("gets no node: %s", (_, over) => {
    const { nodes, groups } = zonal([1]);
    const full = pod({ node: "a1", shape: shape({ cpu: 1900 }) });
    const waiting = pod({ shape: shape({ cpu: 1900 }), ...over });
    const decision = one(cluster(nodes, [full, waiting]), [pool(groups, { targetUtilisation: 100 })], NOW);
    expect(decision).toMatchObject({
      verdict: "hold",
      capacityChanges: [],
      evidence: { unschedulablePods: 1 },
    });
    expect(decision.warnings).toMatchObject([
      { code: "pods-stuck-pending", text: expect.stringContaining("data") },
    ]);
  });
});

describe("a pod that fits no pool", () => {
  const why = (over: Partial<Pod>, more: Partial<Cluster> = {}) => {
    const { nodes, groups } = zonal([1, 1, 1]);
    const pools = [
      pool(groups),
      pool([group("other", [])], { nodeShape: { cpu: "4", memory: "16Gi", pods: 58 } }, { name: "other" }),
    ];
    const [first, second] = decide(cluster(nodes, [pod(over)], more), pools, NOW);
    expect(second?.warnings).toEqual([]);
    return first;
  };

  test.each<[string, Parameters<typeof shape>[0], RegExp]>([
    [
      "64 cores",
      { cpu: 64_000 },
      /workers: the pod requests 64000m CPU, a new node has 2000m.*other: .* 4000m/,
    ],
    ["much memory", { mib: 100_000 }, /workers: the pod requests 100000Mi memory, a new node has 8192Mi/],
    ["a typo in its selector", { nodeSelector: { disk: "sdd" } }, /no label disk, expected "sdd".*other: /],
    [
      "a GPU",
      { requests: { milliCpu: 1, memory: 0, pods: 1, extended: { "nvidia.com/gpu": 1 } } },
      /1 nvidia.com\/gpu/,
    ],
  ])("is warned of with the reason pool by pool: %s", (_, over, text) => {
    const decision = why({ shape: shape(over) });
    expect(decision?.warnings).toMatchObject([
      { code: "pods-unschedulable", text: expect.stringMatching(text) },
    ]);
    expect(decision?.evidence).toMatchObject({ unschedulablePods: 1 });
  });

  test("is not, where another provisioner may have nodes for it", () => {
    const clusterAutoscaler = "kube-system/cluster-autoscaler-1";
    expect(why({ shape: shape({ cpu: 64_000 }) }, { clusterAutoscaler })?.warnings).toEqual([]);
  });

  test("is not, while it only waits for its pool's max", () => {
    const { nodes, groups } = zonal([1]);
    const waiting = Array.from({ length: 50 }, () => pod({ shape: shape({ cpu: 1900 }) }));
    const decision = one(cluster(nodes, waiting), [pool(groups, { max: 2 })], NOW);
    expect(decision.evidence).toMatchObject({ unschedulablePods: 0 });
    expect(decision.warnings.map(({ code }) => code)).not.toContain("pods-unschedulable");
  });
});

test("a pod that cannot be read is warned of, and stops nothing", () => {
  const { nodes, groups } = zonal([1]);
  const unreadable = [{ kind: "pods", id: "default/new", why: "tolerations.0.operator: Invalid option" }];
  const waiting = Array.from({ length: 20 }, () => pod());
  const decision = one(cluster(nodes, waiting, { unreadable }), [pool(groups)], NOW);
  expect(decision.verdict).toBe("scale-out");
  expect(decision.warnings).toMatchObject([{ code: "objects-unreadable", about: "default/new" }]);
});

test.each([
  'persistentvolumeclaim "data" is being deleted',
  '0/3 nodes are available: persistentvolumeclaim bound to non-existent persistentvolume "pv-1".',
  "0/3 nodes are available: 3 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode.",
])("no node is launched for a pod of which the scheduler says: %s", (schedulerMessage) => {
  const { nodes, groups } = zonal([1]);
  const waiting = pod({ shape: shape({ cpu: 1900 }), schedulerMessage, owner: "default/Deployment/web" });
  const full = pod({ node: nodes[0]?.name, shape: shape({ cpu: 1900 }) });
  expect(one(cluster(nodes, [full, waiting]), [pool(groups, { targetUtilisation: 100 })], NOW)).toMatchObject(
    {
      capacityChanges: [],
      warnings: [{ code: "pods-stuck-pending" }],
    },
  );
});

describe("a pod for which the scheduler makes room by preemption", () => {
  const preempting = (nominatedNode: string, victims = 1) => {
    const { nodes, groups } = zonal([1]);
    const important = pod({ shape: shape({ cpu: 1900 }), nominatedNode });
    const others = Array.from({ length: victims }, () => pod({ shape: shape({ cpu: 1000 }) }));
    return one(cluster(nodes, [important, ...others]), [pool(groups, { targetUtilisation: 100 })], NOW);
  };

  test("has that place: no other pod counts on it", () => {
    expect(preempting("a1", 0)).toMatchObject({ capacityChanges: [], evidence: { pendingPods: 1 } });
    expect(preempting("a1").to).toBe(2);
  });

  test("on a node that is gone, gets another", () => {
    expect(preempting("gone").to).toBe(2);
  });
});
