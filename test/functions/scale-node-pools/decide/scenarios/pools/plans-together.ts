import type { Group } from "../../../../../../functions/scale-node-pools/model/cluster.ts";
import { MINUTE, machine, NOW, shape } from "../../../given.ts";
import { asking, filled, one, pods, type Scenario } from "../given.ts";
import { zones } from "./groups.ts";

const MINE = { since: NOW - MINUTE, byScaler: true, isEnding: false };
const NOT_READY = { ready: false, notReadySince: NOW - 60 * MINUTE };
const LOST = { status: { lowSince: NOW - 60 * MINUTE, unjoined: { "i-lost": NOW - 60 * MINUTE } } };
/** A group's nodes, and an instance that is none. */
const withLost = (zone: string, size: number, over: Partial<Group> = {}): Partial<Group> => ({
  desired: size + 1,
  instances: [
    ...Array.from({ length: size }, (_, at) => machine(`${zone}${at + 1}`).instance),
    machine("lost").instance,
  ],
  ...over,
});
const unlaunched = (desired: number): Partial<Group> => ({
  desired,
  failedLaunch: { at: NOW - MINUTE, message: "no capacity" },
});
const managed = (
  name: string,
  limits: { min: number; max: number },
  windows: readonly object[] = [],
  raw: Record<string, unknown> = { min: 2, max: 8 },
): Scenario =>
  one(name, {
    sizes: [2],
    groups: { kind: "managedNodeGroup", ...limits },
    raw: { ...raw, windows: windows.map((each, at) => ({ during: `${DAYS[at]} 08:00-18:00 UTC`, ...each })) },
  });
const DAYS = ["Tue", "Wed", "Thu"];

export const PLANS_TOGETHER: readonly Scenario[] = [
  zones("an instance that is no node, in a pool with nodes to spare", [3], [withLost("a", 3)], {
    raw: { maxNotReady: 1 },
    ...LOST,
  }),
  zones(
    "an instance that is no node and is replaced, as its group is at its min, beside a zone with nodes to spare",
    [1, 3],
    [withLost("a", 1, { min: 2 })],
    { raw: { maxNotReady: 1 }, ...LOST },
  ),
  zones("a node to repair, in a pool with nodes to spare", [5], [], {
    raw: { maxNotReady: 1 },
    nodes: { a1: NOT_READY },
  }),
  zones("a node to repair, and an instance that is no node", [8], [withLost("a", 8)], {
    raw: { maxNotReady: 3 },
    pods: (nodes) => filled(nodes, 1000),
    nodes: { a1: NOT_READY },
    ...LOST,
  }),
  zones("a node to repair, and an instance that is no node: together too many", [8], [withLost("a", 8)], {
    raw: { maxNotReady: 1 },
    pods: (nodes) => filled(nodes, 1000),
    nodes: { a1: NOT_READY },
    ...LOST,
  }),
  ...[true, false].map((byScaler) =>
    one(`a node to repair, while ${byScaler ? "we drain" : "AWS takes"} another`, {
      sizes: [6],
      raw: { maxNotReady: 2 },
      pods: (nodes) => filled(nodes, 900),
      nodes: { a1: NOT_READY, a2: { draining: { ...MINE, byScaler, isEnding: byScaler } } },
    }),
  ),
  zones("a node to repair, beside a group in a refresh", [2, 2], [{ refreshing: true }], {
    raw: { maxNotReady: 1 },
    pods: (nodes) => filled(nodes, 1000),
    nodes: { b1: NOT_READY },
  }),
  zones("a node to repair, of a group in a refresh", [2, 2], [{}, { refreshing: true }], {
    raw: { maxNotReady: 1 },
    pods: (nodes) => filled(nodes, 1000),
    nodes: { b1: NOT_READY },
  }),
  ...[2, 3].map((min) =>
    zones(
      `an instance that is no node, while we drain another: its group's min is ${min}`,
      [3],
      [withLost("a", 3, { min })],
      {
        raw: { maxNotReady: 1 },
        pods: (nodes) => filled(nodes.slice(0, 2), 1300),
        nodes: { a3: { draining: { ...MINE, isEnding: true } } },
        ...LOST,
      },
    ),
  ),
  ...[1, 2].map((min) =>
    zones(`min ${min}: two idle nodes run, and one that AWS does not launch`, [2], [unlaunched(3)], {
      raw: { min },
    }),
  ),
  zones("min 2: two idle nodes run, and an instance that is no node", [2], [withLost("a", 2)], {
    raw: { min: 2, maxNotReady: 1 },
    status: { lowSince: NOW - 60 * MINUTE, unjoined: { "i-lost": NOW - MINUTE } },
  }),
  ...[{ ready: false, notReadySince: NOW - MINUTE }, { cordoned: true }].map((a3) =>
    one(`min 2: two idle nodes run, and one is ${a3.cordoned ? "cordoned" : "not ready"}`, {
      sizes: [3],
      raw: { min: 2, maxNotReady: 1 },
      nodes: { a3 },
    }),
  ),
  zones("max 2: two idle nodes run, and one that AWS does not launch", [2], [unlaunched(3)], {
    raw: { min: 2, max: 2 },
  }),
  managed("limits: the right ones", { min: 2, max: 8 }),
  managed("limits: another min", { min: 1, max: 8 }),
  managed("limits: another max", { min: 2, max: 9 }),
  managed("limits: a window of a smaller size", { min: 2, max: 8 }, [{ desired: 1 }]),
  managed("limits: a window of a larger size", { min: 2, max: 8 }, [{ desired: 9 }]),
  managed("limits: windows of other bounds", { min: 2, max: 8 }, [
    { min: 1 },
    { max: 12 },
    { min: 3, max: 4 },
  ]),
  managed("limits: the config names no max", { min: 1, max: 9 }, [], { min: 2 }),
  managed("limits: the config names no min", { min: 1, max: 9 }, [], { max: 8 }),
  one("what Spot asks for", { sizes: [1], raw: { min: 1 }, pool: { spotPrice: { perHour: 0.031 } } }),
  one("what Spot asks for, which nobody knows", {
    sizes: [1],
    raw: { min: 1 },
    pool: { spotPrice: { unknown: "AWS has none" } },
  }),
  one("requests, and nothing that has capacity", { sizes: [0], pods: asking({}) }),
  one("a pod that nobody can read keeps nothing from being decided", {
    sizes: [1],
    raw: { min: 1 },
    pods: pods(1, { node: "a1", role: "blocking", blocker: "cannot be read", shape: shape({ cpu: 1 }) }),
  }),
];
