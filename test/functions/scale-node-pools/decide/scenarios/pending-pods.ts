import { GIB, MIB, MINUTE, machine, NOW, shape } from "../../given.ts";
import { asking, filled, one, pods, type Scenario } from "./given.ts";

const WEB = "default/ReplicaSet/web";
const HOUR = 60 * MINUTE;
const sized = (name: string, cpu: number, mib = 10, number = 1) =>
  pods(number, { shape: shape({ cpu, mib }) }, name);
const owned = (over: object) => pods(1, { owner: WEB, ...over });
const status = (stuckSince: number, failures: number, until: number) => ({
  owners: { [WEB]: { stuckSince, failures, until } },
});
const stuck = (ageMs: number) => owned({ createdAt: NOW - ageMs });
/** Two young nodes with room: a pod that waits beside them is stuck. */
const ROOM = { sizes: [2], nodes: { a1: { createdAt: NOW - MINUTE }, a2: { createdAt: NOW - MINUTE } } };
const elsewhere = machine("other").node;

export const PENDING_PODS: readonly Scenario[] = [
  one("the largest first", {
    sizes: [1],
    pods: [...sized("small", 600, 10, 3), ...sized("large", 1400)],
  }),
  one("the one that needs most memory first", {
    sizes: [1],
    pods: [...sized("cpu", 500, 10, 4), ...sized("memory", 10, 6 * 1024), ...sized("more", 10, 3 * 1024)],
  }),
  one("the most constrained first", {
    sizes: [1],
    nodes: { a1: { labels: { disk: "ssd" } } },
    pods: [
      ...sized("any", 1200),
      ...pods(1, { shape: shape({ cpu: 1000, nodeSelector: { disk: "ssd" } }) }, "bound"),
    ],
  }),
  one("of equals the first by name", {
    sizes: [1],
    raw: { max: 1 },
    pods: [
      ...pods(1, { shape: shape({ cpu: 1500, labels: { a: "1" } }) }, "b"),
      ...pods(1, { shape: shape({ cpu: 1500, labels: { a: "2" } }) }, "a"),
    ],
  }),
  one("a place that the scheduler has nominated", {
    sizes: [1],
    raw: { max: 1 },
    pods: (nodes) => [
      ...filled(nodes, 1900),
      ...pods(1, { nominatedNode: "a1", shape: shape({ cpu: 1500 }) }),
    ],
  }),
  one("a place on a node that is cordoned", {
    sizes: [1],
    raw: { max: 1 },
    nodes: { a1: { cordoned: true } },
    pods: (nodes) => [
      ...filled(nodes, 1900),
      ...pods(1, { nominatedNode: "a1", shape: shape({ cpu: 1500 }) }),
    ],
  }),
  one("a place on a node that is gone", {
    sizes: [1],
    raw: { max: 1 },
    pods: (nodes) => [
      ...filled(nodes, 1900),
      ...pods(1, { nominatedNode: "gone", shape: shape({ cpu: 1500 }) }),
    ],
  }),
  one("room on a node of no pool", { sizes: [0], pods: sized("web", 1500) }),
  one("pods of an instance that is being terminated", {
    sizes: [2],
    instances: { a1: { state: "terminating" } },
    pods: (nodes) => filled(nodes, 1200),
  }),
  one("pods of an instance in standby stay", {
    sizes: [2],
    instances: { a1: { state: "standbyOrWarm" } },
    pods: (nodes) => filled(nodes, 1200),
  }),
  one("pods of a node that drains, which are ending or a DaemonSet's", {
    sizes: [2],
    nodes: { a1: { draining: { since: NOW - MINUTE, byScaler: false, isEnding: false } } },
    pods: [
      ...pods(1, { node: "a1", terminating: true, shape: shape({ cpu: 1900 }) }, "ending"),
      ...pods(1, { node: "a1", role: "daemon", shape: shape({ cpu: 1900 }) }, "daemon"),
    ],
  }),
  ...["not-ready", "unreachable", "disk-pressure"].map((taint) =>
    one(`a young node that is not ready, with the taint ${taint}`, {
      sizes: [2],
      nodes: {
        a2: {
          ready: false,
          createdAt: NOW - MINUTE,
          taints: [{ key: `node.kubernetes.io/${taint}`, effect: "NoSchedule" as const }],
        },
      },
      pods: (nodes) => [...filled(nodes.slice(0, 1), 1000), ...sized("web", 1500)],
    }),
  ),
  one("an old node that is not ready takes nothing", {
    sizes: [2],
    nodes: { a2: { ready: false } },
    pods: (nodes) => [...filled(nodes.slice(0, 1), 1000), ...sized("web", 1500)],
  }),
  one("a node that is cordoned takes nothing", {
    sizes: [2],
    nodes: { a2: { cordoned: true } },
    pods: (nodes) => [...filled(nodes.slice(0, 1), 1000), ...sized("web", 1500)],
  }),
  one("nodes launched in the zone of the pod", {
    sizes: [1, 1],
    groups: { desired: 3 },
    pods: (nodes) => [...filled(nodes, 1900), ...sized("web", 1500, 10, 5)],
  }),
  ...[10 * MINUTE, 10 * MINUTE - 1].map((age) =>
    one(`stuck, ${10 * MINUTE - age} ms too early`, { ...ROOM, pods: stuck(age) }),
  ),
  ...[5 * MINUTE, 5 * MINUTE - 1].map((since) =>
    one(`stuck for five minutes less ${5 * MINUTE - since} ms`, {
      ...ROOM,
      status: status(NOW - since, 0, 0),
      pods: stuck(HOUR),
    }),
  ),
  one("stuck again: twice as long", {
    ...ROOM,
    status: status(NOW - 2 * HOUR, 1, NOW - 3 * HOUR),
    pods: stuck(HOUR),
  }),
  one("stuck for the sixth time: a day at most", {
    ...ROOM,
    status: status(NOW - 2 * HOUR, 6, NOW - 3 * HOUR),
    pods: stuck(HOUR),
  }),
  one("stuck since before its back-off ended: its time begins anew", {
    ...ROOM,
    status: status(NOW - 2 * HOUR, 1, NOW - MINUTE),
    pods: stuck(HOUR),
  }),
  ...[HOUR, HOUR - 1].map((ago) =>
    one(`in vain once, not waiting, ${HOUR - ago} ms before it is forgotten`, {
      sizes: [1],
      status: status(NOW - 3 * HOUR, 1, NOW - ago),
    }),
  ),
  one("in vain once, and still waiting", {
    sizes: [1],
    status: status(NOW - 9 * HOUR, 1, NOW - 5 * HOUR),
    pods: (nodes) => [...filled(nodes, 1900), ...owned({ shape: shape({ cpu: 1500 }) })],
  }),
  one("not in vain yet, and no longer stuck", { sizes: [1], status: status(NOW - 9 * HOUR, 0, 0) }),
  one("in vain once: no node for it now", {
    sizes: [1],
    status: status(NOW - HOUR, 1, NOW + MINUTE),
    pods: (nodes) => [
      ...filled(nodes, 1900),
      ...owned({ shape: shape({ cpu: 1500 }), schedulerMessage: "0/1 nodes are available" }),
    ],
  }),
  one("in vain once: a node for another owner's pods", {
    sizes: [1],
    status: status(NOW - HOUR, 1, NOW + MINUTE),
    pods: (nodes) => [...filled(nodes, 1900), ...pods(1, { shape: shape({ cpu: 1500 }) })],
  }),
  ...[
    'persistentvolumeclaim "data" not found',
    'persistentvolumeclaim "data" is being deleted',
    "pod has unbound immediate PersistentVolumeClaims",
    "PVC bound to non-existent persistentvolume",
    "a pod with the same name and ReadWriteOncePod access mode",
    "Insufficient cpu",
  ].map((says) =>
    one(`the scheduler says: ${says}`, {
      sizes: [1],
      pods: (nodes) => [
        ...filled(nodes, 1900),
        ...owned({ schedulerMessage: says, shape: shape({ cpu: 1500 }) }),
      ],
    }),
  ),
  one("pods that wait and are not unschedulable yet", {
    sizes: [1],
    pods: (nodes) => [
      ...filled(nodes, 1900),
      ...pods(1, { unschedulable: false, shape: shape({ cpu: 1500 }) }),
    ],
  }),
  one("pods that wait and end, or belong to a DaemonSet", {
    sizes: [1],
    pods: (nodes) => [
      ...filled(nodes, 1900),
      ...pods(1, { terminating: true, shape: shape({ cpu: 1500 }) }, "ending"),
      ...pods(1, { role: "daemon", shape: shape({ cpu: 1500 }) }, "daemon"),
    ],
  }),
  one("refused by a node that came before, not by one that came after", {
    sizes: [2],
    nodes: { a2: { createdAt: NOW - 4 * MINUTE } },
    pods: owned({ createdAt: NOW - 5 * MINUTE }),
  }),
  one("refused by all, where the newer node could not take it", {
    sizes: [2],
    nodes: { a1: { labels: { disk: "ssd" } }, a2: { createdAt: NOW - 4 * MINUTE } },
    pods: owned({ createdAt: NOW - 5 * MINUTE, shape: shape({ nodeSelector: { disk: "ssd" } }) }),
  }),
  one("refused by all, where the newer node is not ready", {
    sizes: [2],
    nodes: { a2: { createdAt: NOW - 4 * MINUTE, ready: false } },
    pods: owned({ createdAt: NOW - 5 * MINUTE }),
  }),
  {
    ...one("room on a node that is in no pool", {
      sizes: [1],
      pods: (nodes) => [...filled(nodes, 1200), ...asking({ cpu: 1500 })],
    }),
    ...withNode(),
  },
];

/** A node of 2 cores and 8 GiB beside the pool's, with nothing on it. */
function withNode(): Partial<Scenario> {
  const { cluster } = one("", {
    sizes: [1],
    pods: (nodes) => [...filled(nodes, 1200), ...asking({ cpu: 1500 })],
  });
  const allocatable = { milliCpu: 2000, memory: 8 * GIB - MIB, pods: 29 };
  return {
    cluster: { ...cluster, nodes: [...cluster.nodes, { ...elsewhere, allocatable, instanceId: undefined }] },
  };
}
