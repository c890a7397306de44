import { describe, expect, test } from "vitest";
import { decide } from "../../../../../functions/scale-node-pools/decide/decide.ts";
import type { Instance, Labels, Pod } from "../../../../../functions/scale-node-pools/model/cluster.ts";
import type { Decision } from "../../../../../functions/scale-node-pools/model/decision.ts";
import type { PoolStatus } from "../../../../../functions/scale-node-pools/model/pool-status.ts";
import { cluster, group, MINUTE, machine, manyPods, NOW, pool, shape, zonal } from "../../given.ts";

const HOUR = 60 * MINUTE;

const one = (...args: Parameters<typeof decide>): Decision => {
  const [decision] = decide(...args);
  if (!decision) throw new Error("no decision");
  return decision;
};

/** Three zones with one node each; zone a has an instance that is no node. */
function withUnjoined(
  status: PoolStatus,
  {
    pods = [],
    instance = {},
    raw = {},
  }: { pods?: readonly Pod[]; instance?: Partial<Instance>; raw?: Record<string, unknown> } = {},
) {
  const { nodes, groups } = zonal([1, 1, 1]);
  const lost = machine("lost", { instance: { launchedAt: NOW - 16 * MINUTE, ...instance } }).instance;
  const changed = groups.map((each, index) =>
    index === 0 ? { ...each, desired: 2, instances: [...each.instances, lost] } : each,
  );
  const of = pool(changed, raw, { status });
  return (now = NOW) => one(cluster(nodes, pods), [of], now);
}

describe("an instance that never became a node", () => {
  test("puts its group into back-off, which ends", () => {
    const first = withUnjoined({})();
    expect(first.warnings).toMatchObject([{ code: "group-backed-off", about: "workers-a" }]);
    expect(first.status).toMatchObject({
      groups: { "workers-a": { failures: 1, lastFailureAt: NOW } },
      unjoined: { "i-lost": NOW },
    });
    const raw = { terminateUnjoinedAfter: 0 };
    expect(withUnjoined(first.status, { raw })(NOW + 14 * MINUTE).warnings).toHaveLength(1);
    expect(withUnjoined(first.status, { raw })(NOW + 15 * MINUTE).warnings).toEqual([]);
  });

  test("does not keep the other zones from growing", () => {
    const decision = withUnjoined({}, { pods: manyPods(24) })();
    expect(decision).toMatchObject({ verdict: "scale-out", evidence: { unplacedPods: 0 } });
    expect(decision.capacityChanges.map((each) => each.group)).toEqual(["workers-b", "workers-c"]);
  });

  test("is terminated after terminateUnjoinedAfter times joinWithin, and the group gets smaller by it", () => {
    const seen = { unjoined: { "i-lost": NOW } };
    expect(withUnjoined(seen)(NOW + 14 * MINUTE).terminate).toEqual([]);
    expect(withUnjoined(seen)(NOW + 15 * MINUTE)).toMatchObject({
      verdict: "repair",
      terminate: [{ instanceId: "i-lost", group: "workers-a", shrinks: true }],
    });
    const later = { raw: { terminateUnjoinedAfter: 3 } };
    expect(withUnjoined(seen, later)(NOW + 29 * MINUTE).terminate).toEqual([]);
    expect(withUnjoined(seen, later)(NOW + 30 * MINUTE).terminate).toHaveLength(1);
    expect(withUnjoined(seen, { raw: { terminateUnjoinedAfter: 0 } })(NOW + 9 * HOUR).terminate).toEqual([]);
  });

  test("is not terminated in a run that changes the group's size", () => {
    const decision = withUnjoined({ unjoined: { "i-lost": NOW } }, { pods: manyPods(24) })(NOW + 15 * MINUTE);
    expect(decision).toMatchObject({ verdict: "scale-out", terminate: [] });
  });

  test.each<[string, Partial<Instance>]>([
    ["protected from scale-in", { protectedFromScaleIn: true }],
    ["about to be replaced by its group", { healthy: false }],
    ["still starting", { state: "starting" }],
  ])("stays while it is %s", (_, instance) => {
    const decision = withUnjoined({ unjoined: { "i-lost": NOW } }, { instance })(NOW + 15 * MINUTE);
    expect(decision.terminate).toEqual([]);
  });
});

describe("instances whose nodes are gone", () => {
  /** A pool of ten, of which the cluster shows only some. */
  const missing = (lost: number, raw: Record<string, unknown> = {}) => {
    const machines = Array.from({ length: 10 }, (_, index) =>
      machine(`n${index}`, { instance: { launchedAt: NOW - 9 * HOUR } }),
    );
    const instances = machines.map(({ instance }) => instance);
    const unjoined = Object.fromEntries(instances.slice(0, lost).map(({ id }) => [id, NOW - 15 * MINUTE]));
    const of = pool([group("workers", instances)], raw, { status: { unjoined } });
    return one(
      cluster(
        machines.slice(lost).map(({ node }) => node),
        [],
      ),
      [of],
      NOW,
    );
  };

  test("are terminated while they are few", () => {
    expect(missing(1).terminate.map(({ instanceId }) => instanceId)).toEqual(["i-n0"]);
  });

  test("make the pool smaller down to its min, and are replaced beyond it", () => {
    const { terminate } = missing(2, { min: 9 });
    expect(terminate.map(({ shrinks }) => shrinks)).toEqual([true, false]);
  });

  test("stay while more than maxNotReady are missing: the cluster may show too few", () => {
    expect(missing(3).terminate).toEqual([]);
    expect(missing(10).terminate).toEqual([]);
  });
});

describe("a node that is not ready for long", () => {
  const lasting = (
    notReady: number,
    raw: Record<string, unknown> = {},
    minutes = 31,
    onFirst: readonly Pod[] = [],
  ) => {
    const machines = Array.from({ length: 10 }, (_, index) =>
      machine(`n${index}`, {
        node: index < notReady ? { ready: false, notReadySince: NOW - minutes * MINUTE } : {},
      }),
    );
    const instances = machines.map(({ instance }) => instance);
    const pods = machines.slice(notReady).map(({ node }) => manyPods(2, { node: node.name })[0]);
    return one(
      cluster(
        machines.map(({ node }) => node),
        [...onFirst, ...pods.flatMap((each) => each ?? [])],
      ),
      [pool([group("workers", instances)], raw)],
      NOW,
    );
  };

  test("is drained and terminated", () => {
    expect(lasting(1)).toMatchObject({ verdict: "repair", drain: [{ node: "n0", instanceId: "i-n0" }] });
  });

  test("one at a time, whatever the disruption budgets allow", () => {
    expect(lasting(2, { disruptionBudgets: [{ nodes: 5 }] }).drain).toHaveLength(1);
  });

  test.each<[string, number, Record<string, unknown>, number]>([
    ["where the pool would fall below its min, and cannot have one more first", 1, { min: 10, max: 10 }, 31],
    ["before repairNotReadyAfter", 1, {}, 29],
    ["where repairNotReadyAfter is 0s", 1, { repairNotReadyAfter: "0s" }, 600],
    ["while more than maxNotReady are not ready", 3, {}, 31],
    ["where its disruption budget lets no node go", 1, { disruptionBudgets: [{ nodes: 0 }] }, 31],
  ])("is not, %s", (_, notReady, raw, minutes) => {
    expect(lasting(notReady, raw, minutes).drain).toEqual([]);
  });

  test("is not while a pod on it must not be evicted, and a person is notified", () => {
    const stays = manyPods(1, { node: "n0", role: "blocking", blocker: "has the annotation of its owner" });
    const { drain, warnings } = lasting(1, {}, 31, stays);
    expect(drain).toEqual([]);
    expect(warnings).toEqual([
      { code: "not-ready", about: "n0", text: expect.stringMatching(/n0 .*not repaired: .*its owner/) },
    ]);
  });
});

describe("back-off doubles with each failure in a row", () => {
  const failing = (status: PoolStatus, now: number, at = now - MINUTE) => {
    const { nodes, groups } = zonal([1, 1, 1]);
    const message = "no capacity";
    const changed = groups.map((each, index) =>
      index === 0 ? { ...each, desired: 5, failedLaunch: { at, message } } : each,
    );
    return one(cluster(nodes, []), [pool(changed, {}, { status })], now);
  };

  test("but not with those that AWS tries during it", () => {
    let { status } = failing({}, NOW);
    for (const minutes of [2, 5, 13]) status = failing(status, NOW + minutes * MINUTE).status;
    expect(status.groups).toMatchObject({ "workers-a": { failures: 1, lastFailureAt: NOW - MINUTE } });
  });

  test("up to four hours", () => {
    let { status } = failing({}, NOW);
    const lengths: number[] = [];
    for (let at = NOW; lengths.length < 8; at += MINUTE) {
      const before = status.groups?.["workers-a"];
      status = failing(status, at, at).status;
      const { failures = 0, lastFailureAt = 0 } = status.groups?.["workers-a"] ?? {};
      if (before && failures > before.failures) lengths.push((lastFailureAt - before.lastFailureAt) / MINUTE);
    }
    expect(lengths).toEqual([15, 30, 60, 120, 240, 240, 240, 240]);
  });

  test("and ends when a node of the group joins", () => {
    const { status } = failing({}, NOW);
    const { nodes, groups } = zonal([2, 1, 1]);
    const joined = nodes.map((node) => (node.name === "a2" ? { ...node, createdAt: NOW + MINUTE } : node));
    const decision = one(cluster(joined, []), [pool(groups, {}, { status })], NOW + 2 * MINUTE);
    expect(decision.status.groups).toBeUndefined();
  });
});

describe("capacity that AWS did not launch", () => {
  const failing = (max: number, desired: number, sizes: readonly number[] = [1, 1]) => {
    const { nodes, groups } = zonal(sizes);
    const failedLaunch = { at: NOW - MINUTE, message: "no capacity" };
    const changed = groups.map((each, index) => (index === 0 ? { ...each, desired, failedLaunch } : each));
    return { nodes, of: pool(changed, { max }) };
  };

  test("is given up, so that it does not use up the pool's max", () => {
    const { nodes, of } = failing(6, 5);
    const decision = one(cluster(nodes, manyPods(20)), [of], NOW);
    expect(decision).toMatchObject({ verdict: "release", from: 6 });
    expect(decision.capacityChanges).toEqual([{ group: "workers-a", from: 5, to: 1, nodes: 0, unfilled: 4 }]);
    const released = of.groups.map((each) => ({ ...each, desired: each.instances.length }));
    const next = one(
      cluster(nodes, manyPods(20)),
      [{ ...of, groups: released, status: decision.status }],
      NOW + MINUTE,
    );
    expect(next.capacityChanges).toMatchObject([{ group: "workers-b", from: 1, to: 5 }]);
  });

  test("is kept where no other group could launch instead", () => {
    const { nodes, of } = failing(6, 5, [1]);
    expect(one(cluster(nodes, manyPods(20)), [of], NOW).capacityChanges).toEqual([]);
  });

  test("is kept while AWS is launching an instance of the group", () => {
    const { nodes, of } = failing(6, 5);
    const starting = machine("s", { instance: { state: "starting", launchedAt: NOW } }).instance;
    const groups = of.groups.map((each, index) =>
      index === 0 ? { ...each, instances: [...each.instances, starting] } : each,
    );
    const { capacityChanges } = one(cluster(nodes, []), [{ ...of, groups }], NOW);
    expect(capacityChanges).toEqual([]);
  });

  test("is given up down to the group's min only", () => {
    const { nodes, of } = failing(6, 5);
    const groups = of.groups.map((each) => ({ ...each, min: 3 }));
    expect(one(cluster(nodes, []), [{ ...of, groups }], NOW).capacityChanges[0]).toMatchObject({ to: 3 });
  });
});

test("a pod pinned to the zone in back-off waits, and it is said", () => {
  const { nodes, groups } = zonal([1, 1]);
  const failedLaunch = { at: NOW - MINUTE, message: "no capacity" };
  const changed = groups.map((each, index) => (index === 0 ? { ...each, desired: 2, failedLaunch } : each));
  const pinned = shape({ cpu: 1900, nodeSelector: { "topology.kubernetes.io/zone": "us-east-1a" } });
  const busy = manyPods(1, { node: "a1", shape: shape({ cpu: 1900 }) });
  const decision = one(cluster(nodes, [...busy, ...manyPods(1, { shape: pinned })]), [pool(changed)], NOW);
  expect(decision.evidence).toMatchObject({ unplacedPods: 1 });
  expect(decision.reasons[0]).toMatchObject({ code: "no-capacity-for-pods" });
});

describe("a node whose device plugin does not run", () => {
  const GPU = "nvidia.com/gpu";
  const PROMISE: Labels = { [`k8s.io/cluster-autoscaler/node-template/resources/${GPU}`]: "1" };
  /** One node, launched so long ago, in a group whose tags promise a GPU. */
  const withNode = (
    minutesAgo: number,
    status: PoolStatus,
    { extended = {}, tags = PROMISE }: { extended?: Record<string, number>; tags?: Labels } = {},
  ) => {
    const at = NOW - minutesAgo * MINUTE;
    const { node, instance } = machine("broken", {
      node: { createdAt: at, allocatable: { milliCpu: 2000, memory: 2 ** 33, pods: 29, extended } },
      instance: { launchedAt: at },
    });
    const of = pool([group("workers-a", [instance], { max: 5, tags })], {}, { status });
    return one(cluster([node], []), [of], NOW);
  };

  test("puts its group into back-off when it is no longer young", () => {
    expect(withNode(14, {}).warnings).toEqual([]);
    const { warnings, status } = withNode(15, {});
    expect(warnings).toMatchObject([
      {
        code: "group-backed-off",
        text: expect.stringContaining(
          "broken did not get nvidia.com/gpu within 15 minutes: its device plugin does not run, or is broken",
        ),
      },
    ]);
    expect(status.groups).toMatchObject({ "workers-a": { failures: 1, code: "devices-never-came" } });
  });

  test("is one failure for as long as it stays, and the next node without the device doubles the back-off", () => {
    const failedAt = (minutesAgo: number, failures: number): PoolStatus => ({
      groups: {
        "workers-a": {
          ...{ failures, lastFailureAt: NOW - minutesAgo * MINUTE },
          ...{ code: "devices-never-came", text: "" },
        },
      },
    });
    expect(withNode(29, failedAt(14, 1)).status.groups).toMatchObject({ "workers-a": { failures: 1 } });
    expect(withNode(31, failedAt(16, 1)).warnings).toEqual([]);
    // Launched a minute after the back-off ended: it is known to lack the device half an hour and a minute after the first.
    const second = withNode(15, failedAt(31, 1));
    expect(second.status.groups).toMatchObject({ "workers-a": { failures: 2, lastFailureAt: NOW } });
  });

  test("is none where it has the device, or nothing but its type says that it should", () => {
    expect(withNode(16, {}, { extended: { [GPU]: 1 } }).warnings).toEqual([]);
    expect(withNode(16, {}, { tags: {} }).warnings).toEqual([]);
  });
});
