import { describe, expect, test } from "vitest";
import {
  addPod,
  type Bin,
  createBin,
  type NodeSpec,
  UNTRIED_NODE_LABEL,
} from "../../../../../functions/scale-node-pools/decide/packing/bin.ts";
import { whyNotOn } from "../../../../../functions/scale-node-pools/decide/packing/explain.ts";
import { Packing } from "../../../../../functions/scale-node-pools/decide/packing/packing.ts";
import type { PodShape } from "../../../../../functions/scale-node-pools/model/cluster.ts";
import type { TopologyRule } from "../../../../../shared/kubernetes/scheduling/topology-rule.ts";
import { MIB, shape } from "../../given.ts";

const ZONE = "topology.kubernetes.io/zone";
const HOST = "kubernetes.io/hostname";
const ROOM = { milliCpu: 1000, memory: 1000 * MIB, pods: 10 };

const bare = (name: string, zone: string): NodeSpec => ({
  ...{ name, taints: [], group: undefined, allocatable: ROOM },
  labels: { [HOST]: name, ...(zone !== "" && { [ZONE]: zone }) },
});
const bin = (name: string, zone = "a", over: Partial<NodeSpec> = {}): Bin =>
  createBin({ ...bare(name, zone), ...over });
const running = (place: Bin, ...pods: readonly PodShape[]): Bin => {
  for (const pod of pods) addPod(place, pod);
  return place;
};
const place = (packing: Packing, pod: PodShape, times = 1) =>
  Array.from({ length: times }, () => packing.place(pod)?.name);
const rule = (kind: TopologyRule["kind"], key: string, app: string, over: Partial<TopologyRule> = {}) => ({
  ...{ kind, key, maxSkew: 1, namespaces: ["default"] },
  selector: { matchLabels: { app }, matchExpressions: [] },
  ...over,
});
const app = (name: string, ...topology: readonly TopologyRule[]) =>
  shape({ cpu: 1, mib: 1, labels: { app: name }, topology });
const only = (requests: Partial<PodShape["requirements"]["requests"]>): PodShape =>
  shape({ requests: { milliCpu: 0, memory: 0, pods: 1, ...requests } });

describe("a resource", () => {
  test.each([
    ["CPU", { milliCpu: 600 }, {}],
    ["memory", { memory: 600 * MIB }, {}],
    ["ephemeral storage", { ephemeralStorage: 600 }, { ephemeralStorage: 1000 }],
    ["a GPU", { extended: { gpu: 1 } }, { extended: { gpu: 1 } }],
  ])("%s is taken by a pod, and is there again when it goes", (_, requests, has) => {
    const one = bin("one", "a", { allocatable: { ...ROOM, ...has } });
    const packing = new Packing([one]);
    expect(place(packing, only(requests), 2)).toEqual(["one", undefined]);
    packing.remove(only(requests), one);
    expect(place(packing, only(requests), 2)).toEqual(["one", undefined]);
  });

  test("a place for one more pod is taken by a pod, and is there again when it goes", () => {
    const one = bin("one", "a", { allocatable: { ...ROOM, pods: 2 } });
    const packing = new Packing([one]);
    expect(place(packing, only({}), 3)).toEqual(["one", "one", undefined]);
    packing.remove(only({}), one);
    expect(place(packing, only({}), 2)).toEqual(["one", undefined]);
  });

  test("that a node has less than nothing of is no matter to pods that do not ask for it", () => {
    const devices = { extended: { gpu: 1 }, ephemeralStorage: 1000 };
    const full = running(
      bin("one", "a", { allocatable: { ...ROOM, ...devices } }),
      only({ milliCpu: 1200 }),
      only({ memory: 1200 * MIB }),
      only({ ephemeralStorage: 1200 }),
      only({ extended: { gpu: 2 } }),
    );
    expect(place(new Packing([full]), only({ extended: { gpu: 0 } }))).toEqual(["one"]);
    for (const asked of [{ milliCpu: 1 }, { memory: 1 }, { ephemeralStorage: 1 }, { extended: { gpu: 1 } }]) {
      expect(place(new Packing([full]), only(asked)), JSON.stringify(asked)).toEqual([undefined]);
    }
  });

  test("that a running pod has and its node does not name is counted all the same", () => {
    const odd = running(bin("one"), only({ extended: { gpu: 1 } }));
    expect(odd.free.extended.get("gpu")).toBe(-1);
  });

  test("volumes are limited by driver, and without a limit they are not", () => {
    const one = bin("one", "a", { volumeLimits: { ebs: 2 } });
    const packing = new Packing([one]);
    const ebs = shape({ cpu: 1, mib: 1, volumes: { ebs: 1 } });
    expect(place(packing, ebs, 3)).toEqual(["one", "one", undefined]);
    packing.remove(ebs, one);
    expect(place(packing, ebs, 2)).toEqual(["one", undefined]);
    expect(place(packing, shape({ cpu: 1, mib: 1, volumes: { efs: 40 } }))).toEqual(["one"]);
  });

  test("a port on all addresses is not there when any address has it", () => {
    const taker = shape({ cpu: 1, mib: 1, hostPorts: ["TCP/81@10.0.0.9", "TCP/80@10.0.0.1"] });
    const node = running(bin("one"), taker);
    const asking = (...hostPorts: string[]) => shape({ cpu: 1, mib: 1, hostPorts });
    expect(place(new Packing([node]), asking("TCP/80"))).toEqual([undefined]);
    expect(place(new Packing([node]), asking("TCP/82"))).toEqual(["one"]);
  });
});

describe("rules about other pods", () => {
  test("keep a pod apart from those that have no rule, and from those that are ending", () => {
    const alone = app("db", rule("apart", HOST, "web"));
    expect(place(new Packing([running(bin("one"), app("web")), bin("two")]), alone)).toEqual(["two"]);
    const isEnding = { ...app("web"), isTerminating: true };
    expect(place(new Packing([running(bin("one"), isEnding), bin("two")]), alone)).toEqual(["two"]);
  });

  test("of one pod say nothing about those that they do not select", () => {
    const recluse = app("recluse", rule("apart", HOST, "web"));
    const api = app("api", rule("spread", ZONE, "api"));
    expect(place(new Packing([running(bin("one"), recluse), bin("two")]), api)).toEqual(["one"]);
  });

  test("without namespaces select pods of all", () => {
    const elsewhere = shape({ cpu: 1, mib: 1, namespace: "other", labels: { app: "web" } });
    const everywhere = rule("apart", HOST, "web", { namespaces: undefined });
    const packing = new Packing([running(bin("one"), elsewhere), bin("two")]);
    expect(place(packing, app("db", everywhere))).toEqual(["two"]);
  });

  test("need a node that is in a domain", () => {
    const together = app("flock", rule("together", ZONE, "flock"));
    expect(place(new Packing([bin("none", ""), bin("a1")]), together)).toEqual(["a1"]);
    // One that is in none does not count among the domains, nor its pods among the flock.
    const spread = app("web", rule("spread", ZONE, "web"));
    expect(place(new Packing([bin("none", ""), bin("a1")]), spread, 2)).toEqual(["a1", "a1"]);
    expect(place(new Packing([running(bin("none", ""), together), bin("a1")]), together)).toEqual(["a1"]);
  });

  test("of a spread that does not select the pod itself allow the whole skew", () => {
    const bins = [running(bin("a1", "a"), app("web")), bin("b1", "b")];
    expect(place(new Packing(bins), app("api", rule("spread", ZONE, "web")))).toEqual(["a1"]);
    expect(place(new Packing(bins), app("web", rule("spread", ZONE, "web")))).toEqual(["b1"]);
  });

  test("of two kinds hold both", () => {
    const both = app("web", rule("spread", ZONE, "web"), rule("apart", HOST, "web"));
    const bins = [bin("a1", "a"), bin("a2", "a"), bin("b1", "b")];
    expect(place(new Packing(bins), both, 4)).toEqual(["a1", "b1", "a2", undefined]);
  });

  test("of two spreads have domains of their own", () => {
    const both = app("web", rule("spread", ZONE, "web", { maxSkew: 9 }), rule("spread", HOST, "web"));
    expect(place(new Packing([bin("a1"), bin("a2"), bin("a3")]), both, 4)).toEqual(["a1", "a2", "a3", "a1"]);
    const taints = [{ key: "dedicated", effect: "NoSchedule" as const }];
    const bins = [bin("a1", "a"), bin("b1", "b", { taints })];
    const honors = rule("spread", ZONE, "web", { maxSkew: 3, honorsTaints: true });
    expect(
      place(new Packing(bins), app("web", honors, rule("spread", ZONE, "web", { maxSkew: 2 })), 3),
    ).toEqual([...["a1", "a1", undefined]]);
  });

  test("of a spread that ignores the pod's node selector count all nodes, and those of another do not", () => {
    const nodeSelector = { disk: "ssd" };
    const rules = [
      rule("spread", ZONE, "web", { maxSkew: 3, ignoresAffinity: true }),
      rule("spread", ZONE, "web", { maxSkew: 2 }),
    ];
    const web = shape({ cpu: 1, mib: 1, labels: { app: "web" }, topology: rules, nodeSelector });
    const a1 = createBin({ ...bare("a1", "a"), labels: { ...bare("a1", "a").labels, disk: "ssd" } });
    expect(place(new Packing([a1, bin("b1", "b")]), web, 4)).toEqual(["a1", "a1", "a1", undefined]);
  });

  test("count the nodes that have refused a pod, though only one to come can take it", () => {
    const nodeSelector = { [UNTRIED_NODE_LABEL]: "true" };
    const topology = [rule("spread", ZONE, "web")];
    const web = shape({ cpu: 1, mib: 1, labels: { app: "web" }, topology, nodeSelector });
    const coming = createBin({ ...bare("b1", "b"), labels: { ...bare("b1", "b").labels, ...nodeSelector } });
    expect(place(new Packing([bin("a1", "a"), coming]), web, 2)).toEqual(["b1", undefined]);
  });

  test("that are read anew and say the same are the same", () => {
    const anew = () => ({
      ...app("web"),
      topology: [rule("spread", ZONE, "web"), rule("apart", HOST, "web")],
    });
    const packing = new Packing([bin("a1", "a"), bin("a2", "a"), bin("b1", "b")]);
    const placed = Array.from({ length: 4 }, () => packing.place(anew())?.name);
    expect(placed).toEqual(["a1", "b1", "a2", undefined]);
  });

  test("are met by pods that came before anybody asked", () => {
    const packing = new Packing([bin("a1", "a"), bin("b1", "b")]);
    expect(place(packing, app("web", rule("spread", ZONE, "web")), 3)).toEqual(["a1", "b1", "a1"]);
    expect(place(packing, app("api", rule("spread", ZONE, "web", { maxSkew: 0 })))).toEqual(["b1"]);
    expect(place(packing, app("cache", rule("together", ZONE, "web")))).toEqual(["a1"]);
  });
});

describe("a node that comes later", () => {
  const web = app("web", rule("spread", ZONE, "web"));
  const full = { allocatable: { milliCpu: 2, memory: 2 * MIB, pods: 2 } };

  test("counts with the pods that are on it", () => {
    const packing = new Packing([bin("a1", "a")]);
    packing.add(running(bin("b1", "b", full), web, web));
    expect(place(packing, web, 4)).toEqual(["a1", "a1", "a1", undefined]);
  });

  test("is one more domain for rules that were asked before", () => {
    const packing = new Packing([bin("a1", "a")]);
    expect(place(packing, web, 2)).toEqual(["a1", "a1"]);
    packing.add(bin("b1", "b"));
    expect(place(packing, web, 3)).toEqual(["b1", "b1", "a1"]);
  });

  test("is no domain, and its pods count no more, when the attempt fails", () => {
    const packing = new Packing([bin("a1", "a")]);
    packing.attempt(() => {
      packing.add(running(bin("b1", "b", full), app("cache")));
      packing.place(web);
      return false;
    });
    expect(place(packing, web, 2)).toEqual(["a1", "a1"]);
    expect(place(packing, app("api", rule("together", ZONE, "cache")))).toEqual([undefined]);
  });

  test("counts once where its pods bring the first rule", () => {
    const packing = new Packing([bin("a1", "a")]);
    packing.add(running(bin("b1", "b", full), app("web", rule("apart", HOST, "none")), app("web")));
    expect(place(packing, web, 4)).toEqual(["a1", "a1", "a1", undefined]);
  });

  test("is asked about without being there", () => {
    const packing = new Packing([running(bin("a1", "a"), web, web)]);
    const cache = app("cache");
    const alone = app("db", rule("apart", HOST, "cache"));
    expect(packing.wouldFit(running(bin("b1", "b"), cache, cache), alone)).toBe(false);
    expect(packing.wouldFit(bin("b1", "b"), alone)).toBe(true);
    // Nothing of that question is left behind.
    expect(place(packing, app("api", rule("together", ZONE, "cache")))).toEqual([undefined]);
    const asked = running(bin("b1", "b"), web, web);
    expect([packing.wouldFit(asked, web), packing.wouldFit(asked, web)]).toEqual([true, true]);
  });

  test("that is there already is not counted twice when it is asked about", () => {
    const one = running(bin("a1", "a"), app("web"));
    const packing = new Packing([one, running(bin("b1", "b", full), app("web"))]);
    expect(packing.wouldFit(one, web)).toBe(true);
    expect(place(packing, web, 2)).toEqual(["a1", "b1"]);
  });
});

describe("a node that is taken out", () => {
  const web = app("web", rule("spread", ZONE, "web"));

  test("takes no pods, and is open again to those of a later try", () => {
    const one = bin("a1");
    const packing = new Packing([one, bin("a2")]);
    packing.removeBin(one);
    expect(place(packing, web)).toEqual(["a2"]);
    packing.open(one);
    expect(place(packing, web)).toEqual(["a1"]);
  });

  test("and had been added by a try that failed is no domain", () => {
    const packing = new Packing([bin("a1", "a")]);
    packing.attempt(() => {
      const added = bin("b1", "b");
      packing.add(added);
      packing.removeBin(added);
      return false;
    });
    expect(place(packing, web, 2)).toEqual(["a1", "a1"]);
  });

  test("makes room, as a pod does that goes at the same time", () => {
    const big = shape({ cpu: 900 });
    const [one, two] = [bin("a1"), running(bin("a2"), big)];
    const packing = new Packing([one, two]);
    packing.removeBin(one);
    expect(place(packing, big)).toEqual([undefined]);
    packing.open(one);
    packing.remove(big, two);
    expect(place(packing, big, 3)).toEqual(["a1", "a2", undefined]);
  });

  test("is as it was when the attempt fails, in whichever steps it changed", () => {
    const one = bin("a1");
    one.state = "closed";
    new Packing([one]).attempt(() => {
      const packing = new Packing([one]);
      return packing.attempt(() => {
        packing.open(one);
        packing.removeBin(one);
        return false;
      });
    });
    expect(one.state).toBe("closed");
  });

  test("is found full no more when the try that filled it fails", () => {
    const big = shape({ cpu: 900 });
    const packing = new Packing([bin("a1"), bin("a2")]);
    packing.attempt(() => {
      place(packing, big, 3);
      return false;
    });
    expect(place(packing, big, 2)).toEqual(["a1", "a2"]);
  });
});

describe("why a pod is not on an otherwise empty node", () => {
  const devices = { ephemeralStorage: 10 * MIB, extended: { fpga: 1, gpu: 1 } };
  const node = () => bin("one", "a", { allocatable: { ...ROOM, ...devices } });
  const all = { milliCpu: 1000, memory: 1000 * MIB, pods: 1, ephemeralStorage: 10 * MIB };

  test.each([
    [only({ ...all, extended: { fpga: 1, gpu: 1 } }), undefined],
    [
      only({ ...all, milliCpu: 1001, memory: 1001 * MIB }),
      "the pod requests 1001m CPU, a new node has 1000m beside its DaemonSets",
    ],
    [
      only({ ...all, memory: 1001 * MIB, ephemeralStorage: 11 * MIB }),
      "the pod requests 1001Mi memory, a new node has 1000Mi beside its DaemonSets",
    ],
    [
      only({ ...all, ephemeralStorage: 11 * MIB, extended: { gpu: 2 } }),
      "the pod requests 11Mi ephemeral storage, a new node has 10Mi",
    ],
    [only({ ...all, extended: { fpga: 1, gpu: 2 } }), "the pod requests 2 gpu, a new node has 1"],
    [only({ ...all, extended: { tpu: 1 } }), "the pod requests 1 tpu, a new node has 0"],
    [shape({ cpu: 1001, nodeSelector: { disk: "ssd" } }), 'its nodes have no label disk, expected "ssd"'],
  ])("the first filter that it does not pass says so", (pod, why) => {
    expect(whyNotOn(pod, node())).toBe(why);
  });

  test("DaemonSets take the last place, or the port", () => {
    const crowded = running(bin("one", "a", { allocatable: { ...ROOM, pods: 1 } }), only({ milliCpu: 1 }));
    expect(whyNotOn(only(all), crowded)).toContain("1000m CPU, a new node has 999m");
    expect(whyNotOn(only({}), crowded)).toBe(
      "a new node has no place for one more pod beside its DaemonSets",
    );
    const proxy = running(bin("one"), shape({ cpu: 1, mib: 1, hostPorts: ["TCP/80"] }));
    expect(whyNotOn(shape({ cpu: 1, mib: 1, hostPorts: ["TCP/79", "TCP/80"] }), proxy)).toBe(
      "a DaemonSet takes the host port TCP/80 on every node",
    );
  });

  test("a node with less than nothing is said to have nothing", () => {
    const full = running(bin("one"), only({ memory: 1200 * MIB }));
    expect(whyNotOn(only({ memory: MIB }), full)).toContain("1Mi memory, a new node has 0Mi");
  });
});
