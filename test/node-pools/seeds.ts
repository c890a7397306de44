import type { SeedObject } from "../../sandbox/kubernetes/cluster.ts";
import { STOP_SECONDS } from "../../sandbox/kubernetes/pods.ts";

/** What makes an application's pods different from the usual ones. */
export interface AppOptions {
  readonly milliCpu?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  /** How long a pod takes to end when it is told to, in seconds. */
  readonly stopSeconds?: number;
}

const template = (app: string, { milliCpu = 300, annotations = {}, stopSeconds }: AppOptions) => ({
  metadata: {
    labels: { app },
    annotations: {
      ...annotations,
      ...(stopSeconds !== undefined && { [STOP_SECONDS]: String(stopSeconds) }),
    },
  },
  spec: {
    containers: [{ name: "main", resources: { requests: { cpu: `${milliCpu}m`, memory: "64Mi" } } }],
    ...(stopSeconds !== undefined && { terminationGracePeriodSeconds: stopSeconds }),
  },
});

export const deployment = (name: string, replicas: number, options: AppOptions = {}): SeedObject => ({
  kind: "Deployment",
  metadata: { name },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name, options) },
});

export const statefulSet = (name: string, replicas: number, options: AppOptions = {}): SeedObject => ({
  kind: "StatefulSet",
  metadata: { name },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name, options) },
});

export const daemonSet = (name: string): SeedObject => ({
  kind: "DaemonSet",
  metadata: { name, namespace: "kube-system" },
  spec: { selector: { matchLabels: { app: name } }, template: template(name, { milliCpu: 20 }) },
});

export const budget = (name: string, minAvailable: number): SeedObject => ({
  kind: "PodDisruptionBudget",
  metadata: { name },
  spec: { minAvailable, selector: { matchLabels: { app: name } } },
});
