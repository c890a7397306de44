import type { SeedObject } from "./cluster.ts";
import { STOP_SECONDS } from "./pods.ts";

/** What makes an application's pods different from the usual ones. */
export interface AppOptions {
  readonly milliCpu?: number;
  readonly memoryMi?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  /** How long a pod takes to end once it is asked to, in seconds. */
  readonly stopSeconds?: number;
  readonly namespace?: string;
  /** More fields of the pods' spec, for example `nodeSelector`. */
  readonly podSpec?: object;
}

const template = (app: string, options: AppOptions) => {
  const { milliCpu = 300, memoryMi = 64, annotations = {}, stopSeconds, podSpec = {} } = options;
  return {
    metadata: {
      labels: { app },
      annotations: {
        ...annotations,
        ...(stopSeconds !== undefined && { [STOP_SECONDS]: String(stopSeconds) }),
      },
    },
    spec: {
      ...podSpec,
      containers: [
        { name: "main", resources: { requests: { cpu: `${milliCpu}m`, memory: `${memoryMi}Mi` } } },
      ],
      ...(stopSeconds !== undefined && { terminationGracePeriodSeconds: stopSeconds }),
    },
  };
};

const metadata = (name: string, { namespace }: AppOptions) => ({
  name,
  ...(namespace !== undefined && { namespace }),
});

export const deployment = (name: string, replicas: number, options: AppOptions = {}): SeedObject => ({
  kind: "Deployment",
  metadata: metadata(name, options),
  spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name, options) },
});

export const statefulSet = (name: string, replicas: number, options: AppOptions = {}): SeedObject => ({
  kind: "StatefulSet",
  metadata: metadata(name, options),
  spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name, options) },
});

export const daemonSet = (name: string, options: AppOptions = {}): SeedObject => ({
  kind: "DaemonSet",
  metadata: { name, namespace: "kube-system" },
  spec: { selector: { matchLabels: { app: name } }, template: template(name, { milliCpu: 20, ...options }) },
});

export const budget = (name: string, minAvailable: number): SeedObject => ({
  kind: "PodDisruptionBudget",
  metadata: { name },
  spec: { minAvailable, selector: { matchLabels: { app: name } } },
});
