import { describe, expect, test } from "vitest";
import { decide } from "../../../../../functions/scale-node-pools/decide/decide.ts";
import type { ClusterNode, Group, Pod } from "../../../../../functions/scale-node-pools/model/cluster.ts";
import type { Decision } from "../../../../../functions/scale-node-pools/model/decision.ts";
import type { DisruptionBudget } from "../../../../../shared/kubernetes/budget.ts";
import {
  cluster,
  group,
  LOW_FOR_LONG,
  MINUTE,
  machine,
  manyPods,
  NOW,
  pod,
  pool,
  shape,
  zonal,
} from "../../given.ts";

const one = (...args: Parameters<typeof decide>): Decision => {
  const [decision] = decide(...args);
  if (!decision) throw new Error("no decision");
  return decision;
};

const drained = ({ drain }: Decision) => drain.map(({ node }) => node);

/** Allows so many nodes at once that the disruption budget decides nothing. */
const FREELY = { disruptionBudgets: [{ nodes: "100%" }] };

/** One pod of this many thousandths of a core on each node. */
const filled = (nodes: readonly ClusterNode[], cpu: number): Pod[] =>
  nodes.map(({ name }) => pod({ node: name, shape: shape({ cpu, mib: 10 }) }));

const changedNode = (
  nodes: readonly ClusterNode[],
  name: string,
  over: Partial<ClusterNode>,
): ClusterNode[] => nodes.map((node) => (node.name === name ? { ...node, ...over } : node));

/** An almost idle pool of three zones with two nodes each, low for an hour. */
function idle(
  raw: Record<string, unknown> = {},
  over: { groups?: Partial<Group>; node?: Partial<ClusterNode> } = {},
) {
  const { nodes, groups } = zonal([2, 2, 2], over);
  return { nodes, groups, pools: [pool(groups, { ...FREELY, ...raw }, LOW_FOR_LONG)] };
}

describe("how many nodes go", () => {
  test("no more than its group's min lets go, all of one plan counted", () => {
    const { nodes, groups } = zonal([4]);
    const smallest = groups.map((each) => ({ ...each, min: 2 }));
    const { drain } = one(cluster(nodes, []), [pool(smallest, FREELY, LOW_FOR_LONG)], NOW);
    expect(drain).toHaveLength(2);
  });

  test("as many as the target allows, below removeFastBelow", () => {
    const { nodes, pools } = idle();
    // 1.2 cores at 70 % of two cores need one node.
    expect(one(cluster(nodes, filled(nodes, 200)), pools, NOW)).toMatchObject({
      verdict: "scale-in",
      from: 6,
      to: 1,
      nodesNeeded: 1,
    });
  });

  test("no more of them once the rest is above removeFastBelow", () => {
    const { nodes, pools } = idle();
    // 1.8 cores: 30 % of three nodes, 45 % of two.
    expect(one(cluster(nodes, filled(nodes, 300)), pools, NOW)).toMatchObject({
      verdict: "scale-in",
      from: 6,
      to: 2,
    });
  });

  test("one at a time between removeFastBelow and removeSlowlyBelow", () => {
    const { nodes, pools } = idle();
    expect(one(cluster(nodes, filled(nodes, 1000)), pools, NOW)).toMatchObject({
      verdict: "scale-in",
      from: 6,
      to: 5,
    });
  });

  test("none above removeSlowlyBelow", () => {
    const { nodes, pools } = idle();
    expect(one(cluster(nodes, filled(nodes, 1200)), pools, NOW)).toMatchObject({
      verdict: "hold",
      drain: [],
    });
  });

  test("none when the rest would be above the target", () => {
    const { nodes, groups } = zonal([1, 1]);
    const low = pool(groups, FREELY, LOW_FOR_LONG);
    const decision = one(cluster(nodes, filled(nodes, 750)), [low], NOW);
    expect(decision).toMatchObject({ verdict: "hold", drain: [] });
    expect(decision.reasons.map(({ text }) => text).join()).toContain(
      "without it requests would be 75.0 %, above the target of 70 %",
    );
  });

  test("none below min", () => {
    const { nodes, pools } = idle({ min: 5 });
    expect(one(cluster(nodes, []), pools, NOW)).toMatchObject({ verdict: "scale-in", to: 5 });
    const { nodes: few, pools: atMin } = idle({ min: 6 });
    expect(one(cluster(few, []), atMin, NOW)).toMatchObject({
      verdict: "hold",
      reasons: [{ code: "at-min", text: "at its min of 6" }],
    });
  });

  test("none below a group's own min", () => {
    const { nodes, pools } = idle({}, { groups: { min: 2 } });
    const decision = one(cluster(nodes, []), pools, NOW);
    expect(decision).toMatchObject({ verdict: "hold", drain: [] });
    expect(decision.reasons.map(({ text }) => text).join()).toContain(
      "group workers-a would fall below its minimum of 2",
    );
  });

  test("all of them when nothing runs and min is 0", () => {
    const { nodes, pools } = idle();
    expect(one(cluster(nodes, []), pools, NOW)).toMatchObject({ verdict: "scale-in", to: 0 });
  });
});

describe("which nodes go", () => {
  test("those of the largest zone first", () => {
    const { nodes, groups } = zonal([4, 1, 2]);
    const low = pool(groups, { disruptionBudgets: [{ nodes: 3 }] }, LOW_FOR_LONG);
    expect(
      drained(one(cluster(nodes, []), [low], NOW))
        .map((name) => name.charAt(0))
        .sort(),
    ).toEqual(["a", "a", "a"]);
  });

  test("the emptiest first", () => {
    const { nodes, groups } = zonal([3]);
    const low = pool(groups, { disruptionBudgets: [{ nodes: 1 }] }, LOW_FOR_LONG);
    const pods = [...manyPods(1, { node: "a1" }), ...manyPods(1, { node: "a3" })];
    expect(drained(one(cluster(nodes, pods), [low], NOW))).toEqual(["a2"]);
  });

  test("the oldest of equally empty ones", () => {
    const { nodes, groups } = zonal([3]);
    const low = pool(groups, { disruptionBudgets: [{ nodes: 1 }] }, LOW_FOR_LONG);
    const aged = changedNode(nodes, "a2", { createdAt: NOW - 1000 * MINUTE });
    expect(drained(one(cluster(aged, []), [low], NOW))).toEqual(["a2"]);
  });

  test("none that has a pod without another place", () => {
    const { nodes, groups } = zonal([1, 1]);
    const low = pool(groups, FREELY, LOW_FOR_LONG);
    const bound = pod({
      node: "b1",
      shape: shape({ cpu: 10, nodeSelector: { "topology.kubernetes.io/zone": "us-east-1b" } }),
    });
    const decision = one(cluster(nodes, [bound, pod({ node: "a1" })]), [low], NOW);
    expect(drained(decision)).toEqual(["a1"]);
    expect(decision.reasons.map(({ text }) => text).join()).toContain(
      `node b1 stays: pod ${bound.id} has no other place`,
    );
  });

  test("no more than have a place for their pods together", () => {
    const { nodes, groups } = zonal([3]);
    const low = pool(
      groups,
      { ...FREELY, targetUtilisation: 100, removeFastBelow: 70, removeSlowlyBelow: 70 },
      LOW_FOR_LONG,
    );
    // Each of the three fits beside one other, but not beside both.
    expect(drained(one(cluster(nodes, filled(nodes, 900)), [low], NOW))).toHaveLength(1);
  });

  test("none whose pods have a place only on a node that is on its way out", () => {
    const { nodes, groups } = zonal([2]);
    const other = machine("x1", {
      zone: "us-east-1x",
      node: { draining: { since: NOW, byScaler: false, isEnding: false }, cordoned: true },
    });
    const low = pool(groups, FREELY, LOW_FOR_LONG);
    const pods = [
      pod({ node: "a1", shape: shape({ cpu: 700 }) }),
      pod({ node: "a2", shape: shape({ cpu: 700, hostPorts: ["TCP/80"] }) }),
      pod({ node: "x1", shape: shape({ cpu: 200, hostPorts: ["TCP/80"] }) }),
    ];
    expect(one(cluster([...nodes, other.node], pods), [low], NOW)).toMatchObject({
      verdict: "hold",
      drain: [],
    });
  });

  test.each<[string, { node?: Partial<ClusterNode>; instance?: object; pod?: Partial<Pod> }, string]>([
    [
      "its owner keeps",
      { node: { annotations: { "cluster-autoscaler.kubernetes.io/scale-down-disabled": "true" } } },
      "it has the annotation",
    ],
    [
      "could not be emptied lately",
      { node: { drainCancelledAt: NOW - 5 * MINUTE } },
      "could not be drained at 11:55 UTC",
    ],
    [
      "the group protects",
      { instance: { protectedFromScaleIn: true } },
      "instance i-a1 is protected from scale-in in group workers",
    ],
    [
      "AWS is about to replace",
      { instance: { healthy: false } },
      "instance i-a1 is unhealthy in group workers",
    ],
    [
      "has a pod that must not be evicted",
      { pod: { role: "blocking", blocker: "has data in an emptyDir" } },
      "has data in an emptyDir",
    ],
    [
      "has a pod that does not end",
      { pod: { terminating: true, endsAt: NOW - 6 * MINUTE } },
      "should have ended by 11:54 UTC",
    ],
  ])("none that %s", (_, { node, instance, pod: over }, why) => {
    const a1 = machine("a1", { ...(node && { node }), ...(instance && { instance }) });
    const a2 = machine("a2");
    const low = pool(
      [group("workers", [a1.instance, a2.instance], { min: 0 })],
      { ...FREELY, min: 1 },
      LOW_FOR_LONG,
    );
    const pods = [
      pod({ node: "a2" }),
      ...(over ? [pod({ node: "a1", shape: shape({ cpu: 1 }), ...over })] : []),
    ];
    const decision = one(cluster([a1.node, a2.node], pods), [low], NOW);
    expect(drained(decision)).not.toContain("a1");
    expect(decision.reasons.map(({ text }) => text).join()).toContain(why);
  });
});

describe("a PodDisruptionBudget", () => {
  const web = { labels: { app: "web" }, cpu: 10 };
  const budget = (name: string, disruptionsAllowed: number): DisruptionBudget => ({
    namespace: "default",
    name,
    selector: { matchLabels: { app: "web" }, matchExpressions: [] },
    disruptionsAllowed,
    currentHealthy: 2,
    desiredHealthy: 2,
  });
  const decideWith = (...budgets: DisruptionBudget[]) => {
    const { nodes, groups } = zonal([2]);
    const low = pool(groups, { ...FREELY, min: 1 }, LOW_FOR_LONG);
    const pods = [
      pod({ node: "a1", shape: shape(web) }),
      pod({ node: "a2", shape: shape({ ...web, cpu: 20 }) }),
    ];
    return one(cluster(nodes, pods, { budgets }), [low], NOW);
  };

  test("that allows an eviction lets the node go", () => {
    expect(drained(decideWith(budget("web", 1)))).toEqual(["a1"]);
  });

  test("that allows none keeps its nodes", () => {
    const decision = decideWith(budget("web", 0));
    expect(decision.drain).toEqual([]);
    expect(decision.reasons.map(({ text }) => text).join()).toContain(
      "PodDisruptionBudget default/web allows no eviction",
    );
  });

  test("beside another one for the same pod keeps its nodes: such a pod can not be evicted", () => {
    expect(decideWith(budget("web", 1), budget("other", 1)).drain).toEqual([]);
  });
});

describe("no node goes", () => {
  const reasonOf = (decision: Decision) => {
    expect(decision).toMatchObject({ verdict: "hold", drain: [] });
    return decision.reasons.map(({ text }) => text).join();
  };

  test("before the utilisation was low for scaleInAfter, counted from the first low look", () => {
    const { nodes, groups } = zonal([2, 2, 2]);
    const at = (lowSince?: number) =>
      one(
        cluster(nodes, []),
        [pool(groups, FREELY, { status: { ...(lowSince !== undefined && { lowSince }) } })],
        NOW,
      );
    expect(at().status.lowSince).toBe(NOW);
    expect(reasonOf(at())).toContain("below 60 % since 12:00 UTC");
    expect(reasonOf(at(NOW - 10 * MINUTE + 1))).toContain("nodes go after 10 minutes");
    expect(at(NOW - 10 * MINUTE).verdict).toBe("scale-in");
  });

  test("when it was low and is no longer: the count begins anew", () => {
    const { nodes, pools } = idle();
    expect(one(cluster(nodes, filled(nodes, 1200)), pools, NOW).status.lowSince).toBeUndefined();
  });

  test("within scaleInDelay of a scale-out", () => {
    const { nodes, groups } = zonal([2, 2, 2]);
    const grown = (ms: number) => pool(groups, FREELY, { ...LOW_FOR_LONG, lastScaleOutAt: NOW - ms });
    const early = one(cluster(nodes, []), [grown(10 * MINUTE - 1)], NOW);
    expect(reasonOf(early)).toContain("the pool scaled out recently");
    expect(one(cluster(nodes, []), [grown(10 * MINUTE)], NOW).verdict).toBe("scale-in");
  });

  test("while nodes are on their way", () => {
    const { nodes, groups } = zonal([2, 2, 2]);
    const ordered = groups.map((each) => ({ ...each, desired: each.desired + 1 }));
    expect(reasonOf(one(cluster(nodes, []), [pool(ordered, FREELY, LOW_FOR_LONG)], NOW))).toContain(
      "3 nodes on the way",
    );
  });

  test("while the last plan's nodes are being emptied", () => {
    const { nodes, pools } = idle();
    const draining = changedNode(nodes, "a1", {
      cordoned: true,
      draining: { since: NOW - MINUTE, byScaler: true, isEnding: false },
    });
    expect(reasonOf(one(cluster(draining, []), pools, NOW))).toContain(
      "1 node of the last plan still draining",
    );
  });

  test("while more than maxNotReady are not ready", () => {
    const { nodes, pools } = idle({ maxNotReady: 1 });
    const sick = (...names: string[]) =>
      names.reduce((all, name) => changedNode(all, name, { ready: false }), nodes);
    expect(reasonOf(one(cluster(sick("a1", "b1"), []), pools, NOW))).toContain(
      "2 nodes not ready (a1, b1), more than 1",
    );
    expect(one(cluster(sick("a1"), []), pools, NOW).verdict).toBe("scale-in");
  });

  test("while pods wait for this pool", () => {
    const { nodes, pools } = idle();
    expect(reasonOf(one(cluster(nodes, [pod()]), pools, NOW))).toContain(
      "1 pod wait for a place in this pool",
    );
  });

  test.each([
    [
      "the process Terminate is suspended",
      { suspended: ["Terminate"] },
      "group workers-a has its Terminate process suspended",
    ],
    ["an instance refresh is under way", { refreshing: true }, "group workers-a is in an instance refresh"],
  ])("of a group when %s", (_, groups, why) => {
    const { nodes, pools } = idle({}, { groups });
    expect(reasonOf(one(cluster(nodes, []), pools, NOW))).toContain(why);
  });
});

describe("the disruption budget", () => {
  const going = (disruptionBudgets: unknown, change = (nodes: ClusterNode[]) => nodes) => {
    const { nodes, groups } = zonal([8, 8, 8]);
    return one(
      cluster(change(nodes), []),
      [pool(groups, { disruptionBudgets, maxNotReady: 5 }, LOW_FOR_LONG)],
      NOW,
    );
  };

  test("of 10 % is the default", () => {
    const { nodes, groups } = zonal([8, 8, 8]);
    expect(drained(one(cluster(nodes, []), [pool(groups, {}, LOW_FOR_LONG)], NOW))).toHaveLength(2);
  });

  test("counts the nodes that are going for another reason, and those not ready", () => {
    const minus = (nodes: ClusterNode[]) =>
      changedNode(changedNode(nodes, "a1", { ready: false }), "b1", {
        cordoned: true,
        draining: { since: NOW, byScaler: false, isEnding: false },
      });
    expect(drained(going([{ nodes: 5 }], minus))).toHaveLength(3);
  });

  test("of a share is rounded down, but is one node at least", () => {
    expect(drained(going([{ nodes: "12%" }]))).toHaveLength(2);
    expect(drained(going([{ nodes: "1%" }]))).toHaveLength(1);
  });

  test("of nothing in a time window lets none go in it", () => {
    const closed = going([{ nodes: 5 }, { nodes: "0%", during: "Mon-Fri 09:00-17:00 UTC" }]);
    expect(closed).toMatchObject({
      verdict: "hold",
      reasons: [
        {
          code: "disruption-budget",
          text: "the disruption budget (Mon-Fri 09:00-17:00 UTC) allows no node to go now",
        },
      ],
    });
    expect(drained(going([{ nodes: 5 }, { nodes: 0, during: "Mon-Fri 17:00-18:00 UTC" }]))).toHaveLength(5);
  });
});

describe("a pool above its max", () => {
  const windows = [{ during: "Mon 11:00-13:00 UTC", max: 4 }];

  test("shrinks to it, whatever its utilisation and however lately it grew low", () => {
    const { nodes, groups } = zonal([2, 2, 2]);
    const decision = one(cluster(nodes, filled(nodes, 650)), [pool(groups, { ...FREELY, windows })], NOW);
    expect(decision).toMatchObject({ verdict: "scale-in", from: 6, to: 4 });
    expect(decision.reasons[0]).toEqual({
      code: "above-max",
      text: "2 nodes more than the max of 4 (Mon 11:00-13:00 UTC)",
    });
  });

  test("shrinks only as far as every pod has another place", () => {
    const { nodes, groups } = zonal([2, 2, 2]);
    const decision = one(cluster(nodes, filled(nodes, 1100)), [pool(groups, { ...FREELY, windows })], NOW);
    expect(decision).toMatchObject({ verdict: "hold", drain: [] });
    expect(decision.reasons.map(({ text }) => text).join()).toContain("has no other place");
  });

  test("shrinks within the disruption budget", () => {
    const { nodes, groups } = zonal([2, 2, 2]);
    expect(one(cluster(nodes, []), [pool(groups, { windows })], NOW)).toMatchObject({
      verdict: "scale-in",
      to: 5,
    });
  });

  test("of a desired size goes down to it and not below", () => {
    const { nodes, groups } = zonal([2, 2, 2]);
    const desired = [{ during: "Mon 11:00-13:00 UTC", desired: 3 }];
    expect(
      one(cluster(nodes, []), [pool(groups, { ...FREELY, windows: desired }, LOW_FOR_LONG)], NOW),
    ).toMatchObject({ to: 3 });
  });
});

test("more nodes at once than maxChange are refused and notified", () => {
  const { nodes, groups } = zonal([2, 2, 2]);
  const decision = one(cluster(nodes, []), [pool(groups, { ...FREELY, maxChange: 10 }, LOW_FOR_LONG)], NOW);
  expect(decision).toMatchObject({
    verdict: "refused",
    drain: [],
    warnings: [{ code: "max-change" }],
  });
});

test("two pools of one cluster do not promise the same place twice", () => {
  const first = zonal([1]);
  const second = machine("z1", { zone: "us-east-1z" });
  const spare = machine("free", { zone: "us-east-1z" });
  const others = pool([group("others", [second.instance], { zones: ["us-east-1z"] })], FREELY, {
    ...LOW_FOR_LONG,
    name: "others",
  });
  const eager = { ...FREELY, targetUtilisation: 100, removeFastBelow: 90, removeSlowlyBelow: 90 };
  const pods = [
    pod({ node: "a1", shape: shape({ cpu: 10, mib: 5 * 1024 }) }),
    pod({ node: "z1", shape: shape({ cpu: 20, mib: 5 * 1024 }) }),
  ];
  const pools = [
    pool(first.groups, { ...eager, min: 0 }, LOW_FOR_LONG),
    { ...others, policy: { ...others.policy, ...pool([], eager).policy } },
  ];
  const decisions = decide(cluster([...first.nodes, second.node, spare.node], pods), pools, NOW);
  expect(decisions.flatMap(drained).length).toBeLessThanOrEqual(1);
});
