import type { Group, Pod } from "../../../../../../functions/scale-node-pools/model/cluster.ts";
import { GIB, MINUTE, machine, NOW, shape } from "../../../given.ts";
import { asking, filled, type Given, HOST, one, pods, type Scenario, topology, ZONE } from "../given.ts";
import { pair, zones } from "./groups.ts";

const MINE = { since: NOW - MINUTE, byScaler: true, isEnding: false };
const EXACT = { targetUtilisation: 100 };
const FAILED = { at: NOW - MINUTE, message: "no capacity" };
const TAGGED = {
  "k8s.io/cluster-autoscaler/node-template/resources/cpu": "2",
  "k8s.io/cluster-autoscaler/node-template/resources/memory": "8Gi",
};
const on = (node: string, cpu: number, number = 1): Pod[] =>
  pods(number, { node, shape: shape({ cpu, mib: 10 }) }, `on-${node}`);
const inZone = (zone: string, cpu = 1500, number = 1): Pod[] =>
  pods(number, { shape: shape({ cpu, nodeSelector: { [ZONE]: `us-east-1${zone}` } }) }, `in-${zone}`);
const full = (...nodes: readonly string[]): Pod[] => nodes.flatMap((node) => on(node, 1900));
const alloc = (milliCpu: number, memory: number, extended?: Record<string, number>) => ({
  milliCpu,
  memory: memory * GIB,
  pods: 29,
  ...(extended && { extended }),
});
const apart = (zone: string) =>
  pods(
    1,
    {
      shape: shape({
        cpu: 100,
        labels: { app: "web" },
        nodeSelector: { [ZONE]: `us-east-1${zone}` },
        topology: [topology("apart", HOST)],
      }),
    },
    `in-${zone}`,
  );

/** Drains that are cancelled. */
const CANCELLED: readonly Scenario[] = [
  one("pods of two nodes that drain, none of which has another place", {
    sizes: [3],
    raw: EXACT,
    nodes: { a2: { draining: { ...MINE, since: NOW - 2 * MINUTE } }, a3: { draining: MINE } },
    pods: [...full("a1"), ...on("a2", 900, 2), ...on("a3", 1200)],
  }),
  one("a pod stays on its own node, though the drain of another began later", {
    sizes: [3],
    raw: EXACT,
    nodes: { a2: { draining: MINE }, a3: { draining: { ...MINE, since: NOW - 2 * MINUTE } } },
    pods: [...full("a1"), ...on("a3", 900)],
  }),
  one("a drain that does not help is not cancelled", {
    sizes: [2, 1],
    raw: EXACT,
    nodes: { a2: { draining: MINE } },
    pods: [...full("a1", "b1"), ...inZone("b")],
  }),
  one("the drain of an instance that is being terminated is not cancelled", {
    sizes: [2],
    raw: EXACT,
    groups: { desired: 1 },
    instances: { a2: { state: "terminating" } },
    nodes: { a2: { draining: MINE } },
    pods: [...full("a1"), ...asking({ cpu: 1500 })],
  }),
  one("of drains that began together, that of the first by name is cancelled", {
    sizes: [3],
    raw: EXACT,
    groups: { instances: ["a1", "a3", "a2"].map((name) => machine(name).instance) },
    nodes: { a2: { draining: MINE }, a3: { draining: MINE } },
    pods: [...full("a1"), ...asking({ cpu: 1500 })],
  }),
  one("of drains that began together, whatever order AWS has", {
    sizes: [3],
    raw: EXACT,
    nodes: { a2: { draining: MINE }, a3: { draining: MINE } },
    pods: [...full("a1"), ...asking({ cpu: 1500 })],
  }),
  one("a drain is cancelled for min: the pool is not low", {
    sizes: [3],
    raw: { min: 3 },
    nodes: { a3: { draining: MINE } },
  }),
  one("pods on an instance that is being terminated need another place", {
    sizes: [2],
    raw: EXACT,
    groups: { desired: 1 },
    instances: { a2: { state: "terminating" } },
    pods: [...full("a1"), ...on("a2", 1500)],
  }),
];

/** In which group the next node is launched. */
const WHERE: readonly Scenario[] = [
  zones("equal groups, as AWS lists them: the first by name", [1, 1], [{ name: "b" }, { name: "a" }], {
    raw: EXACT,
    pods: [...full("a1", "b1"), ...asking({ cpu: 1500 })],
  }),
  zones("equal groups, listed by name", [1, 1], [{ name: "a" }, { name: "b" }], {
    raw: EXACT,
    pods: [...full("a1", "b1"), ...asking({ cpu: 1500 })],
  }),
  one("equal zones of one group, as AWS lists them: the first by name", {
    sizes: [0],
    raw: EXACT,
    groups: { tags: TAGGED, zones: ["us-east-1b", "us-east-1a", "us-east-1c"] },
    pods: inZone("a"),
  }),
  one("what AWS is to launch goes to the smaller zone", {
    sizes: [1],
    raw: EXACT,
    groups: { zones: ["us-east-1a", "us-east-1b"], desired: 2 },
    pods: [...full("a1"), ...inZone("a")],
  }),
  one("pods apart from each other, in the first and the third zone of a group", {
    sizes: [0],
    raw: EXACT,
    groups: { tags: TAGGED, zones: ["us-east-1a", "us-east-1b", "us-east-1c"] },
    pods: [...apart("a"), ...apart("c")],
  }),
  zones("at max, a pod of one of two groups waits", [1, 1], [], {
    raw: { ...EXACT, max: 2 },
    pods: [...full("a1", "b1"), ...inZone("b")],
  }),
  one("at max, a pod of one of a group's two zones waits", {
    sizes: [2],
    raw: { ...EXACT, max: 2 },
    groups: { zones: ["us-east-1a", "us-east-1b"] },
    pods: [...full("a1", "a2"), ...inZone("b")],
  }),
  zones(
    "a pod of a group whose nodes nobody knows, beside one that is known",
    [0, 0],
    [{ tags: TAGGED }, {}],
    {
      raw: EXACT,
      pods: [...inZone("a"), ...inZone("b")],
    },
  ),
  zones("the same, and the one that is known is at its maximum", [0, 0], [{ tags: TAGGED, max: 0 }, {}], {
    raw: EXACT,
    pods: [...inZone("a"), ...inZone("b")],
  }),
];

const CPU = { cpu: 1900, mib: 100 };
const gpuOf = (name: string, extended: number) => ({
  requests: { milliCpu: 100, memory: 10, pods: 1, extended: { [name]: extended } },
});

/** Which pool launches. */
const WHICH: readonly Scenario[] = [
  pair("a GPU that nobody asks for is wasted", alloc(2000, 8, { gpu: 1 }), alloc(2000, 8), CPU),
  pair("a GPU that has gone is not wasted", alloc(2000, 8, { gpu: 0 }), alloc(2000, 8), CPU),
  pair("a GPU that has gone does not hide other waste", alloc(3000, 8, { gpu: 0 }), alloc(2000, 8), CPU),
  pair(
    "a pod of one GPU: four of them fill a node of four, and use more of its cores",
    alloc(2000, 8, { gpu: 4 }),
    alloc(2000, 8, { gpu: 1 }),
    gpuOf("gpu", 1),
  ),
  pair(
    "a pod of two GPUs goes where they fill the node",
    alloc(2000, 8, { gpu: 3 }),
    alloc(2000, 8, { gpu: 2 }),
    gpuOf("gpu", 2),
  ),
  pair(
    "a GPU that a DaemonSet takes is wasted all the same",
    alloc(2000, 8, { gpu: 1 }),
    alloc(2000, 8),
    CPU,
    {
      daemonSets: [{ id: "kube-system/gpu", shape: shape(gpuOf("gpu", 1)) }],
    },
  ),
  pair(
    "the average counts: half of three resources against most of two",
    alloc(20_000, 80),
    alloc(2700, 11, { gpu: 1 }),
    { cpu: 2000, mib: 8192 },
    { pods: 1 },
  ),
  pair("the first refuses so many at once: the second takes them", alloc(2000, 8), alloc(4000, 16), CPU, {
    first: { maxChange: 5 },
  }),
  pair("both refuse so many at once", alloc(2000, 8), alloc(4000, 16), CPU, {
    first: { maxChange: 5 },
    second: { maxChange: 5 },
  }),
  pair(
    "a pod that only the larger takes, and it is at max",
    alloc(2000, 8),
    alloc(4000, 16),
    { cpu: 3000 },
    {
      first: { max: 1 },
      second: { max: 1 },
    },
  ),
  pair("a pod that neither takes", alloc(2000, 8), alloc(4000, 16), { cpu: 9000 }),
  pair("51 pods that neither takes", alloc(2000, 8), alloc(4000, 16), { cpu: 9000 }, { number: 51 }),
];

const type = (missingType: string, minutes: number) => ({
  desired: 2,
  failedLaunch: { at: NOW - minutes * MINUTE, message: `no ${missingType}`, missingType },
});

/** Why there is no node. */
const WHY_NOT: readonly Scenario[] = [
  zones(
    "two zones without capacity, of which one failed before the other",
    [1, 1, 1],
    [
      { ...type("m5.large", 5), zones: ["us-east-1b"] },
      { ...type("c5.large", 1), zones: ["us-east-1a"] },
      { max: 1 },
    ],
    { raw: EXACT, pods: [...full("a1", "b1", "c1"), ...asking({ cpu: 1500 }, 3)] },
  ),
  zones(
    "one zone without capacity, two at their maximum",
    [1, 1, 1],
    [type("m5.large", 1), { max: 1 }, { max: 1 }],
    {
      raw: EXACT,
      pods: [...full("a1", "b1", "c1"), ...asking({ cpu: 1500 }, 3)],
    },
  ),
  zones("one zone without capacity, and the pool at its max", [1, 1, 1], [type("m5.large", 1), { max: 1 }], {
    raw: { ...EXACT, max: 4 },
    pods: [...full("a1", "b1", "c1"), ...asking({ cpu: 1500 }, 3)],
  }),
  one("a pod that another's drain leaves without any node it could run on", {
    sizes: [2],
    raw: EXACT,
    nodes: { a2: { draining: { ...MINE, byScaler: false } } },
    pods: pods(1, { node: "a2", shape: shape({ nodeSelector: { disk: "gone" } }) }),
  }),
  one("a pod, and a pool without a group", { sizes: [1], pods: asking({ cpu: 9000 }), pool: { groups: [] } }),
  ...[
    ["eks.amazonaws.com/compute-type", "auto"],
    ["eks.amazonaws.com/compute-type", "ec2"],
    ["karpenter.sh/nodepool", "default"],
  ].map(([key = "", value = ""]) =>
    one(`a pod that no pool takes, beside a node with the label ${key}: ${value}`, {
      sizes: [1],
      pods: asking({ cpu: 9000 }),
      cluster: { nodes: [machine("a1").node, machine("other", { node: { labels: { [key]: value } } }).node] },
    }),
  ),
  one("pods that wait long, of which the second says why", {
    sizes: [2],
    pods: [
      ...pods(1, { createdAt: NOW - 10 * MINUTE }, "first"),
      ...pods(1, { createdAt: NOW - 10 * MINUTE, schedulerMessage: "0/2 nodes" }, "second"),
    ],
    nodes: { a1: { createdAt: NOW - MINUTE }, a2: { createdAt: NOW - MINUTE } },
  }),
  one("headroom of a thousandth of a core, at the target", {
    sizes: [2],
    raw: { headroom: { cpu: "1m", memory: "1Mi" } },
    pods: (nodes) => filled(nodes, 1400),
  }),
];

const short = (desired: number, over: Partial<Group> = {}) => ({ desired, failedLaunch: FAILED, ...over });
const released = (
  name: string,
  sizes: readonly number[],
  groups: readonly Partial<Group>[],
  min: number,
  given: Given = {},
): Scenario => zones(name, sizes, groups, { raw: { ...EXACT, min }, pods: full("a1", "b1"), ...given });

/** Capacity that AWS did not launch. */
const RELEASED: readonly Scenario[] = [
  released("capacity that AWS did not launch is given up", [1, 1], [short(4)], 0),
  released("is given up, and another group launches it for the pool's min", [1, 1], [short(4)], 3),
  released("is given up at the pool's max, so that another group can launch it", [1, 1], [short(4)], 5, {
    raw: { ...EXACT, min: 5, max: 5 },
  }),
  released("is given up as far as the other group can launch it", [1, 1], [short(4), { max: 3 }], 5, {
    raw: { ...EXACT, min: 5, max: 5 },
  }),
  released(
    "is given up down to the pool's min, as the other group is full",
    [1, 1],
    [short(4), { max: 1 }],
    3,
  ),
  released(
    "is given up as far as the pool's min allows, once the other group is full",
    [1, 1],
    [short(4), { max: 2 }],
    5,
  ),
  released(
    "is given up by two groups down to the pool's min, as the third is full",
    [1, 1, 1],
    [short(3), short(3), { max: 1 }],
    6,
  ),
  released(
    "is given up in units, down to the pool's min, as the other group is full",
    [1, 1],
    [short(13, { max: 40 }), { max: 4, desired: 4 }],
    4,
    { instances: { a1: { units: 4 }, b1: { units: 4 } } },
  ),
  released(
    "is given up in units by one group, and then by another, as the third is full",
    [1, 1, 1],
    [short(8, { max: 40 }), short(3), { max: 1 }],
    4,
    { instances: { a1: { units: 4 } } },
  ),
  released(
    "is given up in units, as another group can launch one node of four",
    [1, 1],
    [short(12, { max: 40 }), { max: 11, desired: 4 }],
    4,
    { raw: { ...EXACT, min: 4, max: 4 }, instances: { a1: { units: 4 }, b1: { units: 4 } } },
  ),
  released(
    "is kept by a group that is being changed",
    [1, 1],
    [short(4, { busy: "its last update still runs" })],
    0,
  ),
  released(
    "is kept while one of its instances is starting",
    [1, 1],
    [
      short(4, {
        instances: [
          machine("a1").instance,
          machine("s", { instance: { state: "starting", launchedAt: NOW - MINUTE } }).instance,
        ],
      }),
    ],
    0,
  ),
];

export const MORE_NODES: readonly Scenario[] = [...CANCELLED, ...WHERE, ...WHICH, ...WHY_NOT, ...RELEASED];
