/** What decoders are given when all is well: the fuzz changes it. */

const metadata = {
  name: "a",
  namespace: "default",
  uid: "1",
  resourceVersion: "5",
  creationTimestamp: "2026-11-01T00:00:00Z",
  labels: { app: "a" },
  annotations: {},
};
const term = { matchExpressions: [{ key: "zone", operator: "In", values: ["a"] }] };
const podSpec = {
  nodeName: "n",
  containers: [{ name: "c", resources: { requests: { cpu: "100m", memory: "1Gi" } } }],
  initContainers: [{ name: "i", restartPolicy: "Always", resources: { requests: { cpu: "1" } } }],
  tolerations: [{ key: "k", operator: "Exists", effect: "NoSchedule" }],
  affinity: {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } },
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: "zone", labelSelector: { matchLabels: { app: "a" } } },
      ],
    },
  },
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: "zone",
      whenUnsatisfiable: "DoNotSchedule",
      labelSelector: { matchLabels: { app: "a" } },
    },
  ],
  volumes: [{ name: "v", persistentVolumeClaim: { claimName: "c" } }],
};
const mark = {
  nodePool: "p",
  cause: "scale-in",
  instanceId: "i-0123456789abcdef0",
  cordonedUnixSeconds: 1_790_000_000,
  hook: { name: "h", heartbeatTimeoutSeconds: 300, lastHeartbeatUnixSeconds: 1_790_000_000 },
};

export const KUBERNETES = {
  node: {
    metadata: { ...metadata, annotations: { "reflex/drain": JSON.stringify(mark) } },
    spec: {
      providerID: "aws:///us-east-1a/i-0123456789abcdef0",
      taints: [{ key: "reflex/draining", value: "1790000000", effect: "NoSchedule" }],
    },
    status: {
      allocatable: { cpu: "3920m", memory: "15Gi", pods: "58" },
      conditions: [{ type: "Ready", status: "True", lastTransitionTime: "2026-11-01T00:00:00Z" }],
    },
  },
  pod: {
    metadata: { ...metadata, ownerReferences: [{ kind: "ReplicaSet", name: "r", controller: true }] },
    spec: podSpec,
    status: {
      phase: "Running",
      conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "m" }],
    },
  },
  budget: {
    metadata,
    spec: { selector: { matchLabels: { app: "a" } } },
    status: { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1 },
  },
  daemonSet: { metadata, spec: { template: { metadata: { labels: { app: "a" } }, spec: podSpec } } },
  claim: { metadata, spec: { storageClassName: "gp3", volumeName: "v" } },
  storageClass: { metadata, provisioner: "ebs.csi.aws.com", volumeBindingMode: "WaitForFirstConsumer" },
  csiNode: { metadata, spec: { drivers: [{ name: "ebs.csi.aws.com", allocatable: { count: 25 } }] } },
  volume: {
    metadata,
    spec: {
      csi: { driver: "ebs.csi.aws.com" },
      claimRef: { namespace: "default", name: "c" },
      nodeAffinity: { required: { nodeSelectorTerms: [term] } },
    },
  },
};

/** An entry of the ledger. */
export const ENTRY = {
  intent: {
    id: "1",
    at: 1_790_000_000_000,
    automation: "reshard-streams",
    action: "kinesis:UpdateShardCount",
    direction: "out",
    from: 2,
    to: 4,
    reasons: ["r"],
    evidence: { load: 0.9, at: null },
    trigger: "schedule",
  },
  outcome: { result: "applied", at: 1_790_000_000_000, code: "c", detail: "d" },
};

/** The ledger's head of a resource. */
export const HEAD_ITEM = {
  sk: { S: "head" },
  version: { N: "3" },
  leasedUntil: { N: "1790000000000" },
  pending: { S: JSON.stringify(ENTRY.intent) },
  outbox: { L: [{ S: "x" }] },
};

/** A config of one landed stream, as a person would write it. */
export const CONFIG = `mode: act
ingest:
  tables:
    orders-log: { partitionKey: id, sortKey: { name: slot, type: number } }
  streams:
    orders: &orders
      table: orders-log
      mode: latest
      key: { id: order.id, slot: "slot" }
      version: { from: [measuredAt, $sequence] } # the later one wins
      fields: { celsius: reading.temperature, at: { from: at, as: seconds } }
    more: *orders
`;
