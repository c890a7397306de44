import { MINUTE, NOW } from "../../given.ts";
import { filled, one, type Scenario } from "./given.ts";

export const HOW_FAST: readonly Scenario[] = [
  ...[799, 800, 801, 1199, 1200, 1201, 1400, 1401].map((cpu) =>
    one(`requests of ${cpu / 20} %`, { sizes: [2, 2], pods: (nodes) => filled(nodes, cpu) }),
  ),
  ...[699, 700, 701].map((cpu) =>
    one(`two nodes with ${cpu}m each: without one the target`, {
      sizes: [2],
      pods: (nodes) => filled(nodes, cpu),
      raw: { removeFastBelow: 36 },
    }),
  ),
  one("the budget allows one", { sizes: [4], raw: { disruptionBudgets: [{ nodes: 1 }] } }),
  one("the budget allows a quarter", { sizes: [4, 4], raw: { disruptionBudgets: [{ nodes: "25%" }] } }),
  one("the budget allows none", { sizes: [4], raw: { disruptionBudgets: [{ nodes: 0 }] } }),
  one("the budget allows none in a window", {
    sizes: [4],
    raw: { disruptionBudgets: [{ nodes: "100%" }, { nodes: 0, during: "Mon 08:00-18:00 UTC" }] },
  }),
  one("a node that is missing uses the budget", {
    sizes: [5],
    raw: { disruptionBudgets: [{ nodes: 2 }] },
    nodes: { a1: { draining: { since: NOW - MINUTE, byScaler: false, isEnding: false } } },
  }),
  one("more than maxChange", { sizes: [5], groups: { max: 8 }, raw: { maxChange: 50 } }),
  one("just maxChange", {
    sizes: [5],
    groups: { max: 8 },
    raw: { maxChange: 50, disruptionBudgets: [{ nodes: 4 }] },
  }),
  one("above max", { sizes: [3, 2], raw: { max: 3 }, pods: (nodes) => filled(nodes, 900) }),
  one("one above max", { sizes: [4], raw: { max: 3 }, pods: (nodes) => filled(nodes, 900) }),
  one("above the max of a window", {
    sizes: [3],
    raw: { min: 0, max: 9, windows: [{ during: "Mon 08:00-18:00 UTC", max: 2 }] },
    pods: (nodes) => filled(nodes, 1000),
  }),
  one("above max, where pods have no other place", {
    sizes: [3],
    raw: { max: 2 },
    pods: (nodes) => filled(nodes, 1900),
  }),
  one("at min", { sizes: [2], raw: { min: 2 } }),
  one("one above min", { sizes: [3], raw: { min: 2 } }),
  one("below min", { sizes: [1], raw: { min: 2 } }),
  one("low since just now", { sizes: [2], status: {} }),
  one("low for almost long enough", { sizes: [2], status: { lowSince: NOW - 10 * MINUTE + 1 } }),
  one("low for long enough", { sizes: [2], status: { lowSince: NOW - 10 * MINUTE } }),
  one("scaled out just within the delay", { sizes: [2], pool: { lastScaleOutAt: NOW - 10 * MINUTE + 1 } }),
  one("scaled out a delay ago", { sizes: [2], pool: { lastScaleOutAt: NOW - 10 * MINUTE } }),
  one("a node is on its way", { sizes: [3], nodes: { a1: { ready: false, createdAt: NOW - MINUTE } } }),
  one("a node is to be launched", { sizes: [3], groups: { desired: 4 } }),
  one("a node of the last plan is draining", {
    sizes: [3],
    nodes: { a1: { draining: { since: NOW - MINUTE, byScaler: true, isEnding: false } } },
  }),
  one("a node of the last plan has ended", {
    sizes: [3],
    nodes: { a1: { draining: { since: NOW - MINUTE, byScaler: true, isEnding: true } } },
  }),
  one("one of five not ready", { sizes: [5], nodes: { a1: { ready: false } } }),
  one("two of five not ready", { sizes: [5], nodes: { a1: { ready: false }, a2: { ready: false } } }),
  one("two of five not ready, which is allowed", {
    sizes: [5],
    raw: { maxNotReady: 2 },
    nodes: { a1: { ready: false }, a2: { ready: false } },
  }),
  one("standby and warm instances do not count", {
    sizes: [4],
    instances: { a1: { state: "standbyOrWarm" } },
  }),
  one("a terminating instance does not count", { sizes: [4], instances: { a1: { state: "terminating" } } }),
  one("an empty pool", { sizes: [0] }),
  one("the largest zone first", { sizes: [1, 3, 2], raw: { min: 4 } }),
  one("the emptiest first", {
    sizes: [3],
    raw: { min: 2 },
    pods: (nodes) => [
      ...filled(nodes.slice(0, 1), 100),
      ...filled(nodes.slice(1, 2), 50),
      ...filled(nodes.slice(2), 200),
    ],
  }),
  one("the oldest of equals first", {
    sizes: [3],
    raw: { min: 2 },
    nodes: { a2: { createdAt: NOW - 61 * MINUTE } },
  }),
  one("the first by name of equals", { sizes: [3], raw: { min: 2 } }),
];
