import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addPod,
  type Bin,
  createBin,
  type NodeSpec,
} from "../../../functions/scale-node-pools/decide/packing/bin.ts";
import { Packing } from "../../../functions/scale-node-pools/decide/packing/packing.ts";
import type { PodShape } from "../../../functions/scale-node-pools/model/cluster.ts";
import type { TopologyRule } from "../../../shared/kubernetes/scheduling/topology-rule.ts";
import { GIB, shape } from "./given.ts";

const ZONE = "topology.kubernetes.io/zone";
const HOST = "kubernetes.io/hostname";

function bin(name: string, over: Partial<NodeSpec> = {}): Bin {
  const labels = { [HOST]: name, [ZONE]: "a", ...over.labels };
  const allocatable = over.allocatable ?? { milliCpu: 1000, memory: 4 * GIB, pods: 10 };
  return createBin({ name, taints: [], group: undefined, ...over, labels, allocatable });
}

const running = (place: Bin, ...pods: PodShape[]): Bin => {
  for (const pod of pods) addPod(place, pod);
  return place;
};

/** The bins' names that so many equal pods go to; `undefined` for one that finds no place. */
const placed = (bins: Bin[], pod: PodShape, times = 1) => {
  const packing = new Packing(bins);
  return Array.from({ length: times }, () => packing.place(pod)?.name);
};

const rule = (kind: TopologyRule["kind"], key: string, app: string, maxSkew = 0): TopologyRule => ({
  kind,
  key,
  selector: { matchLabels: { app }, matchExpressions: [] },
  namespaces: ["default"],
  maxSkew,
});

describe("a pod goes to the first node", () => {
  test("with room for all its requests", () => {
    expect(placed([bin("one"), bin("two")], shape({ cpu: 400 }), 5)).toEqual([
      "one",
      "one",
      "two",
      "two",
      undefined,
    ]);
  });

  test("with room for one more pod", () => {
    const few = { milliCpu: 1000, memory: GIB, pods: 1 };
    expect(placed([bin("one", { allocatable: few })], shape({ cpu: 1 }), 2)).toEqual(["one", undefined]);
  });

  test("with its extended resource", () => {
    const gpu = { milliCpu: 1000, memory: GIB, pods: 10, extended: { "nvidia.com/gpu": 1 } };
    const asks = shape({ requests: { milliCpu: 1, memory: 1, pods: 1, extended: { "nvidia.com/gpu": 1 } } });
    expect(placed([bin("plain"), bin("gpu", { allocatable: gpu })], asks, 2)).toEqual(["gpu", undefined]);
  });

  test("its nodeSelector names", () => {
    const bins = [bin("one"), bin("two", { labels: { disk: "ssd" } })];
    expect(placed(bins, shape({ nodeSelector: { disk: "ssd" } }))).toEqual(["two"]);
  });

  test("that meets one term of each node selector", () => {
    const term = (key: string, ...values: string[]) => ({
      labels: [{ key, operator: "In" as const, values }],
      fields: [],
    });
    const bins = [
      bin("one"),
      bin("two", { labels: { [ZONE]: "b" } }),
      bin("three", { labels: { [ZONE]: "b", disk: "ssd" } }),
    ];
    const asks = shape({ nodeSelectors: [[term(ZONE, "b"), term(ZONE, "c")], [term("disk", "ssd")]] });
    expect(placed(bins, asks)).toEqual(["three"]);
  });

  test("whose taints it tolerates", () => {
    const bins = [
      bin("tainted", { taints: [{ key: "gpu", value: "yes", effect: "NoSchedule" }] }),
      bin("plain"),
    ];
    expect(placed(bins, shape())).toEqual(["plain"]);
    expect(placed(bins, shape({ tolerations: [{ key: "gpu", operator: "Exists" }] }))).toEqual(["tainted"]);
  });

  test.each([
    ["TCP/80@10.0.0.1", "TCP/80@10.0.0.1", false],
    ["TCP/80@10.0.0.1", "TCP/80@10.0.0.2", true],
    ["TCP/80@10.0.0.1", "UDP/80@10.0.0.1", true],
    ["TCP/80@10.0.0.1", "TCP/80", false],
    ["TCP/80", "TCP/80@10.0.0.1", false],
    ["TCP/80@10.0.0.1", "TCP/8", true],
  ])("beside the host port %s there is room for %s: %s", (taken, asked, fits) => {
    const taker = shape({ cpu: 1, hostPorts: [taken] });
    const where = bin("one");
    addPod(where, taker);
    expect(placed([where], shape({ cpu: 1, hostPorts: [asked] }), 1)).toEqual(fits ? ["one"] : [undefined]);
  });

  test("with its host port free", () => {
    expect(placed([bin("one"), bin("two")], shape({ cpu: 1, hostPorts: ["TCP/80"] }), 3)).toEqual([
      "one",
      "two",
      undefined,
    ]);
  });
});

describe("pods that want to be apart", () => {
  const alone = shape({ cpu: 1, labels: { app: "db" }, topology: [rule("apart", HOST, "db")] });

  test("go to different nodes", () => {
    expect(placed([bin("one"), bin("two")], alone, 3)).toEqual(["one", "two", undefined]);
  });

  test("keep others off that they would not be with", () => {
    const recluse = shape({ cpu: 1, labels: { app: "recluse" }, topology: [rule("apart", HOST, "web")] });
    const web = shape({ cpu: 1, labels: { app: "web" } });
    expect(placed([running(bin("one"), recluse), bin("two")], web)).toEqual(["two"]);
  });

  test("mind only the namespaces they name", () => {
    const elsewhere = shape({ namespace: "other", cpu: 1, labels: { app: "db" } });
    expect(placed([running(bin("one"), elsewhere)], alone)).toEqual(["one"]);
  });

  test("go to different zones when the rule says so", () => {
    const zonal = shape({ cpu: 1, labels: { app: "db" }, topology: [rule("apart", ZONE, "db")] });
    expect(placed([bin("a1"), bin("a2"), bin("b1", { labels: { [ZONE]: "b" } })], zonal, 3)).toEqual([
      "a1",
      "b1",
      undefined,
    ]);
  });
});

describe("pods that want to be together", () => {
  const friend = shape({ cpu: 1, labels: { app: "api" }, topology: [rule("together", ZONE, "cache")] });

  test("go where the others are", () => {
    const cache = shape({ cpu: 1, labels: { app: "cache" } });
    expect(placed([bin("a1"), running(bin("b1", { labels: { [ZONE]: "b" } }), cache)], friend)).toEqual([
      "b1",
    ]);
  });

  test("have no place where the others are nowhere", () => {
    expect(placed([bin("a1")], friend)).toEqual([undefined]);
  });

  test("begin anywhere when it is each other they want", () => {
    const flock = shape({ cpu: 600, labels: { app: "flock" }, topology: [rule("together", ZONE, "flock")] });
    const bins = [bin("a1"), bin("b1", { labels: { [ZONE]: "b" } }), bin("a2")];
    expect(placed(bins, flock, 3)).toEqual(["a1", "a2", undefined]);
  });
});

describe("pods that are to be spread", () => {
  const spread = shape({ cpu: 1, labels: { app: "web" }, topology: [rule("spread", ZONE, "web", 1)] });

  test("keep the zones within the skew", () => {
    const bins = [bin("a1"), bin("b1", { labels: { [ZONE]: "b" } })];
    expect(placed(bins, spread, 4)).toEqual(["a1", "b1", "a1", "b1"]);
  });

  test("wait when the emptiest zone has no room", () => {
    const full = { milliCpu: 0, memory: 0, pods: 0 };
    const bins = [bin("a1"), bin("b1", { labels: { [ZONE]: "b" }, allocatable: full })];
    expect(placed(bins, spread, 2)).toEqual(["a1", undefined]);
  });

  test("count the zone of a node that is being drained, as long as it is there", () => {
    const [a1, b1, c1] = [
      bin("a1"),
      bin("b1", { labels: { [ZONE]: "b" } }),
      bin("c1", { labels: { [ZONE]: "c" } }),
    ];
    const packing = new Packing([a1, b1, c1]);
    for (let pod = 0; pod < 3; pod++) packing.place(spread);
    const moved = packing.attempt(() => {
      packing.removeBin(c1);
      packing.remove(spread, c1);
      return packing.place(spread) !== undefined;
    });
    expect(moved).toBe(false);
    expect(packing.place(spread)?.name).toBe("a1");
  });

  test("count as in an empty zone while there are fewer zones than minDomains", () => {
    const three = { ...rule("spread", ZONE, "web", 1), minDomains: 3 };
    const pod = shape({ cpu: 1, labels: { app: "web" }, topology: [three] });
    const bins = [bin("a1"), bin("b1", { labels: { [ZONE]: "b" } })];
    expect(placed(bins, pod, 3)).toEqual(["a1", "b1", undefined]);
  });

  test("count the zones whose nodes have a taint, unless they are to be left out", () => {
    const taints = [{ key: "dedicated", effect: "NoSchedule" as const }];
    const bins = () => [bin("a1"), bin("b1", { labels: { [ZONE]: "b" }, taints })];
    const honors = { ...rule("spread", ZONE, "web", 1), honorsTaints: true };
    const honoring = shape({ cpu: 2, labels: { app: "web" }, topology: [honors] });
    expect(placed(bins(), spread, 2)).toEqual(["a1", undefined]);
    expect(placed(bins(), honoring, 2)).toEqual(["a1", "a1"]);
  });
});

describe("an attempt", () => {
  test("that fails leaves everything as it was", () => {
    const [one, two] = [bin("one"), bin("two")];
    const packing = new Packing([one, two]);
    const big = shape({ cpu: 700 });
    packing.place(big);
    packing.attempt(() => {
      packing.removeBin(one);
      packing.remove(big, one);
      packing.place(big);
      packing.add(bin("three"));
      packing.place(big);
      return false;
    });
    expect([one.state, one.free.milliCpu, two.free.milliCpu]).toEqual(["open", 300, 1000]);
    expect([packing.place(big)?.name, packing.place(big)?.name]).toEqual(["two", undefined]);
  });

  test("that fails takes back the places of pods that want to be apart", () => {
    const alone = shape({ cpu: 1, labels: { app: "db" }, topology: [rule("apart", HOST, "db")] });
    const packing = new Packing([bin("one")]);
    packing.attempt(() => packing.place(alone) === undefined);
    expect(packing.place(alone)?.name).toBe("one");
  });

  test("that holds is undone with the attempt around it", () => {
    const one = bin("one");
    const packing = new Packing([one]);
    packing.attempt(() => {
      packing.attempt(() => packing.place(shape({ cpu: 700 })) !== undefined);
      return false;
    });
    expect(one.free.milliCpu).toBe(1000);
  });
});

test("property: what is remembered changes no answer: as if each pod asked each node anew", () => {
  const kinds = [
    shape({ cpu: 100 }),
    shape({ cpu: 300 }),
    shape({ cpu: 300, nodeSelector: { [ZONE]: "b" } }),
    shape({ cpu: 50, labels: { app: "db" }, topology: [rule("apart", HOST, "db")] }),
    shape({ cpu: 50, labels: { app: "web" }, topology: [rule("spread", HOST, "web", 2)] }),
    shape({ cpu: 50, labels: { app: "db" } }),
  ];
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.nat(kinds.length - 1), undo: fc.constant(false) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.nat(kinds.length - 1), undo: fc.constant(true) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const make = () =>
        Array.from({ length: 6 }, (_, at) => bin(`n${at}`, { labels: { [ZONE]: at % 2 ? "b" : "a" } }));
      const remembering = new Packing(make());
      const history: { kind: number; at: string | undefined }[] = [];
      for (const { kind, undo } of steps) {
        const pod = kinds[kind] ?? shape();
        // A packing that knows nothing but where the pods are answers for the same question.
        const bins = make();
        for (const { kind, at } of history) {
          const on = bins.find(({ name }) => name === at);
          const each = kinds[kind];
          if (on && each) addPod(on, each);
        }
        const expected = new Packing(bins).place(pod)?.name;
        let found: string | undefined;
        remembering.attempt(() => {
          found = remembering.place(pod)?.name;
          return !undo;
        });
        expect(found).toBe(expected);
        if (!undo) history.push({ kind, at: found });
      }
    }),
  );
});

describe("room that is made is found again", () => {
  test("on a node that was full, when a pod leaves it", () => {
    const big = shape({ cpu: 900 });
    const packing = new Packing([bin("one")]);
    const place = packing.place(big);
    expect(packing.place(big)).toBeUndefined();
    if (place) packing.remove(big, place);
    expect(packing.place(big)?.name).toBe("one");
  });

  test("for a port, when the pod that had it leaves", () => {
    const web = shape({ cpu: 100, hostPorts: ["TCP/8080"] });
    const packing = new Packing([bin("one")]);
    const place = packing.place(web);
    expect(packing.place(web)).toBeUndefined();
    if (place) packing.remove(web, place);
    expect(packing.place(web)?.name).toBe("one");
  });
});

test("a spread counts the emptiest zone, whichever it is, also where that has no room", () => {
  const web = shape({ labels: { app: "web" }, topology: [rule("spread", ZONE, "web", 1)] });
  const full = { milliCpu: 100, memory: GIB, pods: 10 };
  const zone = (name: string, pods: number, room = full) =>
    running(bin(name, { labels: { [ZONE]: name }, allocatable: room }), ...Array<PodShape>(pods).fill(web));
  const roomy = { milliCpu: 10_000, memory: 4 * GIB, pods: 10 };
  for (const zones of [
    [zone("a", 0), zone("b", 2, roomy)],
    [zone("b", 2, roomy), zone("a", 0)],
  ])
    expect(placed(zones, web), zones.map(({ name }) => name).join()).toEqual([undefined]);
});

describe("a topology spread over zones", () => {
  const labels = { app: "web" };
  const spreadOut = (over: Partial<TopologyRule> = {}) =>
    shape({ labels, topology: [{ ...rule("spread", ZONE, "web", 1), ...over }] });
  const zone = (name: string, over: Partial<NodeSpec> = {}) =>
    bin(name, { ...over, labels: { [ZONE]: name, ...over.labels } });

  test("does not count a pod that is ending", () => {
    const web = spreadOut();
    const bins = [running(zone("a"), { ...web, isTerminating: true }), zone("b")];
    expect(placed(bins, web, 2)).toEqual(["a", "b"]);
  });

  test("waits for a zone whose nodes take no pods, unless it honors their taints", () => {
    const bins = () => [running(zone("a"), shape({ labels })), Object.assign(zone("b"), { state: "closed" })];
    expect(placed(bins(), spreadOut())).toEqual([undefined]);
    expect(placed(bins(), spreadOut({ honorsTaints: true }))).toEqual(["a"]);
  });

  test("waits for a zone that the pod cannot go to only when it ignores affinity", () => {
    const bins = () => [running(zone("a", { labels: { disk: "ssd" } }), shape({ labels })), zone("b")];
    const ssd = (over: Partial<TopologyRule>) =>
      shape({
        labels,
        nodeSelector: { disk: "ssd" },
        topology: [{ ...rule("spread", ZONE, "web", 1), ...over }],
      });
    expect(placed(bins(), ssd({}))).toEqual(["a"]);
    expect(placed(bins(), ssd({ ignoresAffinity: true }))).toEqual([undefined]);
  });
});
