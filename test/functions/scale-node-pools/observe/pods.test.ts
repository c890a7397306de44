import { describe, expect, test } from "vitest";
import { PodReader } from "../../../../functions/scale-node-pools/observe/pods.ts";
import { Volumes } from "../../../../functions/scale-node-pools/observe/volumes.ts";
import type { Namespace } from "../../../../shared/kubernetes/namespace.ts";
import { type Pod as ApiPod, parsePod } from "../../../../shared/kubernetes/pod.ts";

const STRICT = { evictLocalStorage: false, evictUnreplicated: false, evictProtected: false };
const OWNED = [{ kind: "ReplicaSet", name: "web-1", controller: true }];

function apiPod(
  name: string,
  { metadata = {}, spec = {}, status = {} }: Record<string, object> = {},
): ApiPod {
  return parsePod({
    metadata: {
      namespace: "default",
      name,
      uid: `uid-${name}`,
      creationTimestamp: "2026-06-01T12:00:00Z",
      ownerReferences: OWNED,
      ...metadata,
    },
    spec: { containers: [{ resources: { requests: { cpu: "500m", memory: "1Gi" } } }], ...spec },
    status: { phase: "Running", ...status },
  });
}

const reader = (volumes = new Volumes([], [], []), namespaces: readonly Namespace[] = []) =>
  new PodReader(
    volumes,
    namespaces,
    () => STRICT,
    () => {},
  );

describe("what pods ask for", () => {
  test("is one object for all that ask for the same", () => {
    const read = reader();
    expect(read.read(apiPod("a")).shape).toBe(read.read(apiPod("b")).shape);
  });

  test("is shared where only their labels differ", () => {
    const read = reader();
    const labelled = (name: string) =>
      read.read(apiPod(name, { metadata: { labels: { "statefulset.kubernetes.io/pod-name": name } } })).shape;
    expect(labelled("db-0")).not.toBe(labelled("db-1"));
    expect(labelled("db-0").requirements).toBe(labelled("db-1").requirements);
  });

  test("differs by anything the scheduler asks", () => {
    const read = reader();
    const plain = read.read(apiPod("a")).shape;
    const asks = (spec: object) => read.read(apiPod("b", { spec })).shape.requirements;
    for (const spec of [
      { nodeSelector: { disk: "ssd" } },
      { tolerations: [{ operator: "Exists" }] },
      { containers: [{ resources: { requests: { cpu: "1" } } }] },
      {
        containers: [{ resources: { requests: { cpu: "500m", memory: "1Gi" } }, ports: [{ hostPort: 80 }] }],
      },
    ]) {
      expect(asks(spec)).not.toBe(plain.requirements);
    }
  });

  test("is a host port on all addresses of the node, or on one", () => {
    const ports = [
      { containerPort: 1 },
      { hostPort: 80 },
      { hostPort: 53, protocol: "UDP", hostIP: "127.0.0.1" },
      { hostPort: 81, hostIP: "0.0.0.0" },
    ];
    const { requirements } = reader().read(apiPod("a", { spec: { containers: [{ ports }] } })).shape;
    expect(requirements.hostPorts).toEqual(["TCP/80", "UDP/53@127.0.0.1", "TCP/81"]);
  });

  test("includes the zone of a bound volume", () => {
    const zone = [
      {
        labels: [{ key: "topology.kubernetes.io/zone", operator: "In" as const, values: ["us-east-1a"] }],
        fields: [],
      },
    ];
    const volumes = new Volumes(
      [{ name: "pv-1", claim: { namespace: "default", name: "data" }, nodeTerms: zone }],
      [],
      [],
    );
    const withClaim = (claimName: string) =>
      reader(volumes).read(
        apiPod("db", { spec: { volumes: [{ name: "data", persistentVolumeClaim: { claimName } }] } }),
      );
    expect(withClaim("data").shape.requirements.nodeSelectors).toEqual([zone]);
    expect(withClaim("other").shape.requirements.nodeSelectors).toEqual([]);
  });
});

describe("what a drain does with a pod", () => {
  test.each<[string, Record<string, object>, object]>([
    ["of a ReplicaSet: it moves", {}, { role: "movable" }],
    [
      "of a DaemonSet: it stays",
      { metadata: { ownerReferences: [{ kind: "DaemonSet", name: "logs", controller: true }] } },
      { role: "daemon", daemonSet: "default/logs" },
    ],
    [
      "that mirrors a static one: it stays",
      { metadata: { annotations: { "kubernetes.io/config.mirror": "x" } } },
      { role: "daemon" },
    ],
    [
      "of nobody: it blocks",
      { metadata: { ownerReferences: [] } },
      { role: "blocking", blocker: expect.any(String) },
    ],
    [
      "with data in an emptyDir: it blocks",
      { spec: { volumes: [{ name: "scratch", emptyDir: {} }] } },
      { role: "blocking" },
    ],
    [
      "that is ending: it is going",
      { metadata: { deletionTimestamp: "2026-06-01T12:01:00Z", ownerReferences: OWNED } },
      { role: "movable", terminating: true },
    ],
  ])("%s", (_, over, expected) => {
    expect(reader().read(apiPod("a", over))).toMatchObject(expected);
  });

  test("follows the policy of the pool its node is in", () => {
    const read = new PodReader(
      new Volumes([], [], []),
      [],
      (node) => ({
        ...STRICT,
        evictUnreplicated: node === "loose",
      }),
      () => {},
    );
    const on = (nodeName: string) =>
      read.read(apiPod("a", { metadata: { ownerReferences: [] }, spec: { nodeName } })).role;
    expect([on("loose"), on("strict")]).toEqual(["movable", "blocking"]);
  });
});

test("the pods of a DaemonSet share what they ask for, although each is bound to its node by name", () => {
  const read = reader();
  const daemon = (node: string) => {
    const nodeSelectorTerms = [{ matchFields: [{ key: "metadata.name", operator: "In", values: [node] }] }];
    const affinity = {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
    };
    return read.read(
      apiPod(`logs-${node}`, {
        metadata: { ownerReferences: [{ kind: "DaemonSet", name: "logs", controller: true }] },
        spec: { affinity },
      }),
    );
  };
  expect(daemon("n1").shape.requirements).toBe(daemon("n2").shape.requirements);
  expect(daemon("n1").shape.requirements.nodeSelectors).toEqual([]);
});

test.each([
  ["its manifest's", { app: "cluster-autoscaler" }],
  ["its chart's", { "app.kubernetes.io/name": "aws-cluster-autoscaler" }],
])("a cluster-autoscaler is known by %s label", (_, labels) => {
  const read = reader();
  read.read(apiPod("web"));
  expect(read.clusterAutoscaler).toBeUndefined();
  read.read(apiPod("autoscaler", { metadata: { labels } }));
  expect(read.clusterAutoscaler).toBe("default/autoscaler");
});

describe("a namespaceSelector", () => {
  const namespaces: readonly Namespace[] = [
    { name: "shop", labels: { team: "a", "kubernetes.io/metadata.name": "shop" } },
    { name: "blog", labels: { "kubernetes.io/metadata.name": "blog" } },
  ];
  const apart = (over: object) => ({
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "web" } }, ...over },
        ],
      },
    },
  });

  test.each([
    ["the namespaces with its labels", { namespaceSelector: { matchLabels: { team: "a" } } }, ["shop"]],
    [
      "those and the listed ones",
      { namespaceSelector: { matchLabels: { team: "a" } }, namespaces: ["x"] },
      ["shop", "x"],
    ],
    [
      "one by its name",
      { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "blog" } } },
      ["blog"],
    ],
    ["all when it is empty", { namespaceSelector: {} }, ["blog", "shop"]],
    ["none where there is none", { namespaceSelector: { matchLabels: { team: "b" } } }, []],
  ])("means %s", (_, over, expected) => {
    const { shape } = reader(new Volumes([], [], []), namespaces).read(apiPod("a", { spec: apart(over) }));
    expect(shape.topology[0]?.namespaces).toEqual(expected);
  });
});

describe("where a pod may be with a claim", () => {
  const claim = { namespace: "default", name: "data", storageClass: "c", bound: false, isUnusable: false };
  const inZoneA = {
    labels: [{ key: "topology.kubernetes.io/zone", operator: "In" as const, values: ["a"] }],
    fields: [],
  };
  const storageClass = { name: "c", driver: "ebs.csi.aws.com", waitsForConsumer: true, nodeTerms: [inZoneA] };
  const spec = { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] };
  const read = (over: Partial<typeof claim>) =>
    reader(new Volumes([], [{ ...claim, ...over }], [storageClass])).read(
      apiPod("a", { spec, status: { phase: "Pending" } }),
    );

  test("is where its class makes volumes, on a node that can attach one more", () => {
    const { shape, unplaceable } = read({});
    expect(shape.requirements).toMatchObject({
      nodeSelectors: [[inZoneA]],
      volumes: { "ebs.csi.aws.com": 1 },
    });
    expect(unplaceable).toBeUndefined();
  });

  test("is nowhere when its volume is lost", () => {
    expect(read({ bound: true, isUnusable: true }).unplaceable).toContain("lost its volume");
  });
});

describe("a pod that cannot be read", () => {
  const unreadable = "spec.tolerations: expected Exists";

  test.each([
    ["of a DaemonSet goes with its node", { controller: { kind: "DaemonSet", name: "logs" } }, "daemon"],
    ["of a Deployment keeps its node", {}, "blocking"],
  ])("%s", (_, over, role) => {
    const pod = { ...apiPod("a", { spec: { nodeName: "n" } }), unreadable, ...over };
    expect(reader().read(pod).role).toBe(role);
  });
});

test.each([
  [
    "an Argo Rollout",
    { "rollouts-pod-template-hash": "5d9" },
    "ReplicaSet",
    "web-5d9",
    "default/Deployment/web",
  ],
  ["a CronJob", {}, "Job", "nightly-29012345", "default/CronJob/nightly"],
  ["a Job of its own", {}, "Job", "import-7", "default/Job/import-7"],
  ["a StatefulSet", {}, "StatefulSet", "db", "default/StatefulSet/db"],
])("the pods of %s have one owner", (_, labels, kind, name, owner) => {
  const ownerReferences = [{ kind, name, controller: true }];
  expect(reader().read(apiPod("a", { metadata: { labels, ownerReferences } })).owner).toBe(owner);
});
