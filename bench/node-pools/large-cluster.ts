/** Objects of a large cluster as an API server sends them, with what most of them carry and nobody here reads. */

export const PODS_PER_NODE = 30;
const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];
const SETTINGS = Array.from({ length: 12 }, (_, at) => ({
  name: `SETTING_${at}`,
  value: `the value of setting ${at}`,
}));
const PROBE = {
  httpGet: { path: "/healthz", port: 8080, scheme: "HTTP" },
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
};
const FIELDS = (names: readonly string[]): object =>
  Object.fromEntries([[".", {}], ...names.map((name) => [`f:${name}`, {}])]);
const MANAGED_FIELDS = [
  {
    manager: "kube-controller-manager",
    operation: "Update",
    apiVersion: "v1",
    time: "2026-06-01T12:00:00Z",
    fieldsType: "FieldsV1",
    fieldsV1: {
      "f:metadata": {
        "f:generateName": {},
        "f:labels": FIELDS(["app", "pod-template-hash"]),
        "f:ownerReferences": FIELDS(["uid"]),
      },
      "f:spec": {
        "f:containers": {
          'k:{"name":"main"}': {
            ...FIELDS(["image", "imagePullPolicy", "name", "livenessProbe", "readinessProbe"]),
            "f:env": Object.fromEntries(
              SETTINGS.map(({ name }) => [`k:{"name":"${name}"}`, FIELDS(["name", "value"])]),
            ),
            "f:resources": FIELDS(["limits", "requests"]),
          },
        },
        ...FIELDS(["dnsPolicy", "enableServiceLinks", "restartPolicy", "schedulerName", "securityContext"]),
      },
    },
  },
  {
    manager: "kubelet",
    operation: "Update",
    apiVersion: "v1",
    time: "2026-06-01T12:00:07Z",
    fieldsType: "FieldsV1",
    fieldsV1: {
      "f:status": {
        "f:conditions": Object.fromEntries(
          ["ContainersReady", "Initialized", "Ready"].map((type) => [
            `k:{"type":"${type}"}`,
            FIELDS(["lastProbeTime", "lastTransitionTime", "status", "type"]),
          ]),
        ),
        ...FIELDS(["containerStatuses", "hostIP", "phase", "podIP", "podIPs", "startTime"]),
      },
    },
    subresource: "status",
  },
];

export interface PodOptions {
  /** Undefined while it waits for a node. */
  readonly node: string | undefined;
}

/** One pod, about 5 KB of JSON. */
export function podObject(index: number, { node }: PodOptions): object {
  const app = `app-${index % 200}`;
  const name = `${app}-7d9c5b8f6d-${index}`;
  return {
    metadata: {
      name,
      generateName: `${app}-7d9c5b8f6d-`,
      namespace: `team-${index % 20}`,
      uid: `00000000-0000-0000-0000-${String(index).padStart(12, "0")}`,
      resourceVersion: String(1_000_000 + index),
      creationTimestamp: "2026-06-01T12:00:00Z",
      labels: { app, "pod-template-hash": "7d9c5b8f6d" },
      annotations: { "prometheus.io/scrape": "true" },
      ownerReferences: [
        { apiVersion: "apps/v1", kind: "ReplicaSet", name: `${app}-7d9c5b8f6d`, uid: "1", controller: true },
      ],
      managedFields: MANAGED_FIELDS,
    },
    spec: {
      volumes: [volume(index)],
      containers: [container(index)],
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 30,
      dnsPolicy: "ClusterFirst",
      serviceAccountName: "default",
      ...(node !== undefined && { nodeName: node }),
      schedulerName: "default-scheduler",
      tolerations: ["not-ready", "unreachable"].map((taint) => ({
        key: `node.kubernetes.io/${taint}`,
        operator: "Exists",
        effect: "NoExecute",
        tolerationSeconds: 300,
      })),
      priority: 0,
      enableServiceLinks: true,
      preemptionPolicy: "PreemptLowerPriority",
    },
    status: node === undefined ? WAITING : runningStatus(index),
  };
}

const volume = (index: number): object => ({
  name: `kube-api-access-${(index * 7919).toString(36)}`,
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
      { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
      { downwardAPI: { items: [{ path: "namespace", fieldRef: { fieldPath: "metadata.namespace" } }] } },
    ],
    defaultMode: 420,
  },
});

const container = (index: number): object => ({
  name: "main",
  image: "registry.example/team/app:1.2.3",
  ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }],
  env: SETTINGS,
  resources: {
    limits: { memory: "512Mi" },
    requests: { cpu: `${50 + (index % 10) * 25}m`, memory: "256Mi" },
  },
  volumeMounts: [
    {
      name: `kube-api-access-${(index * 7919).toString(36)}`,
      readOnly: true,
      mountPath: "/var/run/secrets/kubernetes.io/serviceaccount",
    },
  ],
  livenessProbe: PROBE,
  readinessProbe: PROBE,
  terminationMessagePath: "/dev/termination-log",
  terminationMessagePolicy: "File",
  imagePullPolicy: "IfNotPresent",
});

const WAITING = {
  phase: "Pending",
  conditions: [
    {
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message: "0/1000 nodes are available: 1000 Insufficient cpu.",
    },
  ],
};

const runningStatus = (index: number): object => ({
  phase: "Running",
  conditions: ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map((type) => ({
    type,
    status: "True",
    lastProbeTime: null,
    lastTransitionTime: "2026-06-01T12:00:05Z",
  })),
  hostIP: "10.0.0.1",
  podIP: `10.1.${index % 256}.1`,
  podIPs: [{ ip: `10.1.${index % 256}.1` }],
  startTime: "2026-06-01T12:00:01Z",
  containerStatuses: [
    {
      name: "main",
      state: { running: { startedAt: "2026-06-01T12:00:05Z" } },
      lastState: {},
      ready: true,
      restartCount: 0,
      image: "registry.example/team/app:1.2.3",
      imageID: `registry.example/team/app@sha256:${"0123456789abcdef".repeat(4)}`,
      containerID: `containerd://${"0123456789abcdef".repeat(4)}`,
      started: true,
    },
  ],
  qosClass: "Burstable",
});

export const nodeName = (index: number): string => `ip-10-0-${index >> 8}-${index & 255}.ec2.internal`;
export const zoneOf = (index: number): string => ZONES[index % ZONES.length] ?? "";
export const instanceId = (index: number): string => `i-${index.toString(16).padStart(17, "0")}`;

export const nodeObject = (index: number): object => ({
  metadata: {
    name: nodeName(index),
    uid: `node-${index}`,
    resourceVersion: String(index + 1),
    creationTimestamp: "2026-06-01T11:00:00Z",
    labels: {
      "topology.kubernetes.io/zone": zoneOf(index),
      "kubernetes.io/hostname": nodeName(index),
      "kubernetes.io/arch": "amd64",
      "kubernetes.io/os": "linux",
      "node.kubernetes.io/instance-type": "m7i.4xlarge",
    },
    managedFields: MANAGED_FIELDS,
  },
  spec: { providerID: `aws:///${zoneOf(index)}/${instanceId(index)}` },
  status: {
    allocatable: { cpu: "15890m", memory: "58Gi", pods: "110" },
    conditions: [{ type: "Ready", status: "True", lastTransitionTime: "2026-06-01T11:01:00Z" }],
    // Kubelets list up to 50 images.
    images: Array.from({ length: 50 }, (_, at) => ({
      names: [`registry.example/image-${at}@sha256:${"0123456789abcdef".repeat(4)}`],
      sizeBytes: 123_456_789,
    })),
  },
});

export const csiNodeObject = (index: number): object => ({
  metadata: { name: nodeName(index), managedFields: MANAGED_FIELDS },
  spec: { drivers: [{ name: "ebs.csi.aws.com", nodeID: instanceId(index), allocatable: { count: 25 } }] },
});
