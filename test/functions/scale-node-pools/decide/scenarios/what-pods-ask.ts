import { MIB } from "../../given.ts";
import {
  big,
  daemon,
  gpu,
  HOST,
  one,
  pods,
  type Scenario,
  term,
  topology,
  unfit,
  web,
  ZONE,
} from "./given.ts";

export const WHAT_PODS_ASK: readonly Scenario[] = [
  unfit("a label that no node has", { nodeSelector: { disk: "ssd" } }),
  unfit(
    "a label of another value",
    { nodeSelector: { disk: "ssd" } },
    { nodes: { a1: { labels: { disk: "hdd" } } } },
  ),
  unfit(
    "the second of two labels",
    { nodeSelector: { a: "1", b: "2" } },
    { nodes: { a1: { labels: { a: "1" } } } },
  ),
  unfit("a zone that the pool has not", { nodeSelectors: [[term(ZONE, "us-east-1z")]] }),
  unfit("a zone that it has", { nodeSelectors: [[term(ZONE, "us-east-1a")]] }),
  unfit(
    "nodes with taints",
    {},
    {
      nodes: {
        a1: {
          taints: [
            { key: "gpu", value: "x", effect: "NoSchedule" },
            { key: "b", effect: "NoExecute" },
          ],
        },
      },
    },
  ),
  unfit("2,000m CPU", { cpu: 2000 }),
  unfit("2,001m CPU", { cpu: 2001 }),
  unfit("all the memory", { mib: 8 * 1024 }),
  unfit("more memory", { mib: 8 * 1024 + 1 }),
  unfit(
    "ephemeral storage, of a node that has as much",
    { requests: { milliCpu: 1, memory: 1, pods: 1, ephemeralStorage: 10 * MIB } },
    { nodes: big("a1", { ephemeralStorage: 10 * MIB }) },
  ),
  unfit(
    "ephemeral storage, of a node that has less",
    { requests: { milliCpu: 1, memory: 1, pods: 1, ephemeralStorage: 11 * MIB } },
    { nodes: big("a1", { ephemeralStorage: 10 * MIB }) },
  ),
  unfit("ephemeral storage, of a node of which it is not known", {
    requests: { milliCpu: 1, memory: 1, pods: 1, ephemeralStorage: 11 * MIB },
  }),
  unfit("a GPU that no node has", { requests: { milliCpu: 1, memory: 1, pods: 1, extended: gpu } }),
  unfit(
    "two GPUs of one",
    { requests: { milliCpu: 1, memory: 1, pods: 1, extended: { "nvidia.com/gpu": 2 } } },
    { nodes: big("a1", { extended: gpu }) },
  ),
  unfit(
    "one GPU of one",
    { requests: { milliCpu: 1, memory: 1, pods: 1, extended: gpu } },
    { nodes: big("a1", { extended: gpu }) },
  ),
  unfit("nothing of a GPU that no node has", {
    requests: { milliCpu: 1, memory: 1, pods: 1, extended: { "nvidia.com/gpu": 0 } },
  }),
  unfit(
    "a place for one more pod, where DaemonSets take all",
    {},
    { nodes: big("a1", { pods: 1 }), cluster: { daemonSets: [daemon("logs", { cpu: 10, mib: 10 })] } },
  ),
  unfit(
    "a place for one more pod beside DaemonSets",
    {},
    { nodes: big("a1", { pods: 2 }), cluster: { daemonSets: [daemon("logs", { cpu: 10, mib: 10 })] } },
  ),
  unfit(
    "CPU beside DaemonSets",
    { cpu: 1990 },
    { cluster: { daemonSets: [daemon("logs", { cpu: 11, mib: 10 })] } },
  ),
  unfit(
    "memory beside DaemonSets",
    { mib: 8 * 1024 - 5 },
    { cluster: { daemonSets: [daemon("logs", { cpu: 11, mib: 10 })] } },
  ),
  unfit(
    "more volumes than a node can have",
    { volumes: { "ebs.csi.aws.com": 3 } },
    { nodes: { a1: { volumeLimits: { "ebs.csi.aws.com": 2 } } } },
  ),
  unfit(
    "as many volumes as a node can have",
    { volumes: { "ebs.csi.aws.com": 2 } },
    { nodes: { a1: { volumeLimits: { "ebs.csi.aws.com": 2 } } } },
  ),
  unfit(
    "a port that a DaemonSet has",
    { hostPorts: ["TCP/79", "TCP/80"] },
    { cluster: { daemonSets: [daemon("proxy", { cpu: 10, mib: 10, hostPorts: ["TCP/80"] })] } },
  ),
  unfit(
    "a port of an address that a DaemonSet has on all",
    { hostPorts: ["TCP/80@10.0.0.1"] },
    { cluster: { daemonSets: [daemon("proxy", { cpu: 10, mib: 10, hostPorts: ["TCP/80"] })] } },
  ),
  unfit(
    "another port",
    { hostPorts: ["TCP/81"] },
    { cluster: { daemonSets: [daemon("proxy", { cpu: 10, mib: 10, hostPorts: ["TCP/80"] })] } },
  ),
  one("apart from each other by node", {
    sizes: [1],
    pods: pods(3, { shape: web(topology("apart", HOST)) }),
  }),
  one("apart from each other by zone", {
    sizes: [1, 1, 0],
    pods: pods(4, { shape: web(topology("apart", ZONE)) }),
  }),
  one("together in a zone", { sizes: [1, 1], pods: pods(6, { shape: web(topology("together", ZONE)) }) }),
  one("spread over zones", { sizes: [1, 1], pods: pods(7, { shape: web(topology("spread", ZONE)) }) }),
  one("spread over at least three zones", {
    sizes: [1, 1],
    pods: pods(3, { shape: web(topology("spread", ZONE, { minDomains: 3 })) }),
  }),
  one("spread with a skew of 2", {
    sizes: [1, 1],
    pods: pods(7, { shape: web(topology("spread", ZONE, { maxSkew: 2 })) }),
  }),
  one("spread, with ending pods that do not count", {
    sizes: [1, 1],
    pods: [
      ...pods(
        2,
        { node: "a1", terminating: true, shape: { ...web(topology("spread", ZONE)), isTerminating: true } },
        "old",
      ),
      ...pods(1, { shape: web(topology("spread", ZONE)) }),
    ],
  }),
  one("apart from a DaemonSet's pods in its zone", {
    sizes: [1],
    pods: pods(1, { shape: web(topology("apart", ZONE)) }),
    cluster: {
      daemonSets: [daemon("web", { cpu: 1, mib: 1, labels: { app: "web" }, namespace: "default" })],
    },
  }),
];
